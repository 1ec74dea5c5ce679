"""Mail is handed over once: tried again while nothing can have been taken, never when it may have been."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.services.certificate import identity
from tests.services.dovecot import Account as DovecotAccount, DovecotServer
from tests.simulators.smtp_server import Fault, SmtpServer, open_smtp
from yizhan.channels.account_setup import Checked
from yizhan.channels.accounts import Account
from yizhan.channels.contract import OutcomeUnknown, Refusal, Refused, RetryLater, SendError
from yizhan.channels.email.desk import EmailAccount
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.email.setup import EmailSetup
from yizhan.channels.email.smtp import Envelope, Posting, Timeouts
from yizhan.core.runtime.settings import EmailSettings

SHORT = Timeouts(connect=5.0, mail=5.0, answer=0.3)
LARGE = b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200_000
SMALL = b"Subject: x\r\n\r\n.\r\n..dots\r\n"


async def nobody(_: EmailAccount) -> str:
    raise AssertionError("no token is wanted")


def account_at(port: int, **settings: Any) -> EmailAccount:
    given = {
        "address": "support@shop.example",
        "user": "u",
        "password": "p",
        "imap_host": "127.0.0.1",
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_tls": "none",
        **settings,
    }
    own = EmailAccountSettings.model_validate(given)
    return Account("default", "email", "support", "", own, True, datetime(2026, 11, 24, tzinfo=UTC))


def envelope(raw: bytes = SMALL, recipient: str = "amy@example.com") -> Envelope:
    return Envelope("support@shop.example", recipient, raw)


async def came_of_it(posting: Posting, sim: SmtpServer, raw: bytes = SMALL) -> SendError | None:
    try:
        await posting.post(account_at(sim.port), envelope(raw))
    except SendError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("answer", "kind", "after", "reason"),
    [
        ("421 4.3.2 closing", RetryLater, 2.0, None),
        ("450 4.2.0 greylisted", RetryLater, 300.0, None),
        ("451 4.7.1 try later", RetryLater, 300.0, None),
        ("452 4.2.2 full", RetryLater, 300.0, None),
        ("550 5.1.1 no such user", Refused, None, Refusal.UNKNOWN_CUSTOMER),
        ("550 no such user", Refused, None, Refusal.UNKNOWN_CUSTOMER),
        ("550 5.7.1 not allowed", Refused, None, Refusal.NOT_PERMITTED),
        ("552 5.3.4 too big", Refused, None, Refusal.TOO_LONG),
        ("554 spam", Refused, None, Refusal.RISKY_CONTENT),
        ("571 5.9.9 whatever", Refused, None, Refusal.OTHER),
    ],
)
async def test_what_a_server_says_no_with(answer: str, kind: type, after: float | None, reason: Refusal | None) -> None:
    async with open_smtp("u", "p") as sim:
        posting = Posting(nobody, SHORT)
        sim.answers.append(answer)
        error = await came_of_it(posting, sim)
        assert isinstance(error, kind)
        if isinstance(error, RetryLater):
            assert error.after == after
        if isinstance(error, Refused):
            assert (error.code, error.reason) == (answer[:3], reason)
        assert sim.posted == []
        assert await came_of_it(posting, sim) is None, "the next one goes"
        await posting.close()


@pytest.mark.parametrize(
    ("fault", "raw", "kind", "arrived"),
    [
        ("cut_in_data", LARGE, RetryLater, 0),
        ("lose", SMALL, OutcomeUnknown, 0),
        ("cut_after_end", SMALL, OutcomeUnknown, 1),
        ("hang_after_end", SMALL, OutcomeUnknown, 1),
        ("hang_lost", SMALL, OutcomeUnknown, 0),
    ],
)
async def test_a_connection_that_breaks(fault: Fault, raw: bytes, kind: type, arrived: int) -> None:
    async with open_smtp("u", "p") as sim:
        posting = Posting(nobody, SHORT)
        sim.faults.append(fault)
        assert isinstance(await came_of_it(posting, sim, raw), kind)
        assert len(sim.posted) == arrived
        assert await came_of_it(posting, sim) is None, "the next one goes"
        await posting.close()


async def test_dots_arrive_and_connections_are_used_again() -> None:
    async with open_smtp("u", "p") as sim:
        posting = Posting(nobody, SHORT)
        for _ in range(3):
            assert await came_of_it(posting, sim) is None
        assert [posted.raw for posted in sim.posted] == [SMALL] * 3
        assert sim.connections == 1
        sim.kill_connections()
        assert await came_of_it(posting, sim) is None, "a connection that is gone is noticed before it is used"
        await posting.close()


async def test_a_server_that_is_not_there_and_a_wrong_password() -> None:
    posting = Posting(nobody, SHORT)
    with pytest.raises(RetryLater):
        await posting.post(account_at(1), envelope())
    async with open_smtp("u", "another") as sim:
        with pytest.raises(Refused) as refused:
            await posting.post(account_at(sim.port), envelope())
        assert refused.value.reason is Refusal.ACCOUNT
    await posting.close()


async def test_nothing_goes_in_clear_where_tls_is_wanted(tmp_path: Path) -> None:
    own = identity("127.0.0.1")
    for name, content in (("c.pem", own.certificate), ("k.pem", own.key)):
        (tmp_path / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    posting = Posting(nobody, SHORT)
    async with open_smtp("u", "p") as plain:
        with pytest.raises(Refused) as refused:
            await posting.post(account_at(plain.port, smtp_tls="starttls"), envelope())
        assert refused.value.reason is Refusal.ACCOUNT
        assert plain.posted == []
    async with open_smtp("u", "p", starttls=context) as secure:
        with pytest.raises(Refused) as untrusted:
            await posting.post(account_at(secure.port, smtp_tls="starttls"), envelope())
        assert untrusted.value.code == "tls"
        trusted = own.certificate.decode()
        await posting.post(account_at(secure.port, smtp_tls="starttls", ca_certificates=trusted), envelope())
        assert len(secure.posted) == 1
    await posting.close()


def process(home: Path) -> EmailSettings:
    return EmailSettings(home=home, secret="k" * 40)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, []),
        ({"password": "wrong"}, ["IMAP", "SMTP"]),
        ({"folders": ["INBOX", "Not there"]}, ["folder Not there"]),
        ({"imap_port": 1}, ["cannot be reached"]),
        ({"imap_tls": "tls", "imap_port": "tls"}, ["certificate is not trusted"]),
        ({"smtp_tls": "starttls"}, ["offers no STARTTLS"]),
    ],
    ids=["all well", "wrong password", "no folder", "nobody there", "untrusted", "no STARTTLS"],
)
async def test_setting_up_says_what_is_wrong(
    dovecot_server: DovecotServer, mail_account: DovecotAccount, home: Path, changed: dict[str, Any], wanted: list[str]
) -> None:
    async with open_smtp(mail_account.name, mail_account.password) as sim:
        settings = {
            "user": mail_account.name,
            "password": mail_account.password,
            "imap_port": dovecot_server.port,
            "imap_tls": "none",
            **changed,
        }
        if settings["imap_port"] == "tls":
            settings["imap_port"] = dovecot_server.tls_port
        checked: Checked = await EmailSetup().check(account_at(sim.port, **settings).settings, process(home))
        assert len(checked.problems) == len(wanted), checked.problems
        for problem, words in zip(checked.problems, wanted, strict=True):
            assert words in problem
        assert all(mail_account.password not in line for line in (*checked.problems, *checked.found))
        assert sim.posted == []
