"""The IMAP server that tests of mail stand on: what was delivered is there, numbered in order, also after a kill."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.services.dovecot import INBOX, Account, DovecotServer

pytestmark = pytest.mark.real


@contextmanager
def inside(server: DovecotServer, account: Account, folder: str = INBOX) -> Iterator[imaplib.IMAP4]:
    """A connection with the folder open."""
    connection = imaplib.IMAP4(server.host, server.port, timeout=20)
    try:
        connection.login(account.name, account.password)
        assert connection.select(f'"{folder}"')[0] == "OK"
        yield connection
    finally:
        connection.shutdown()


def subjects(connection: imaplib.IMAP4) -> list[str]:
    """In the order of their UIDs."""
    _, answers = connection.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    texts = [part[1].decode().strip() for part in answers if isinstance(part, tuple)]
    return [text.removeprefix("Subject: ") for text in texts]


def mail(subject: str) -> bytes:
    return f"Subject: {subject}\r\n\r\n{subject}\r\n".encode()


def test_mails_are_numbered_as_they_were_delivered(dovecot_server: DovecotServer, mail_account: Account) -> None:
    other = dovecot_server.new_account()
    sent = [f"{n}" for n in range(300)]
    for subject in sent:
        dovecot_server.deliver(mail_account, mail(subject))
    with inside(dovecot_server, mail_account) as connection:
        assert subjects(connection) == sent
    with inside(dovecot_server, other) as connection:
        assert connection.uid("SEARCH", "ALL") == ("OK", [b""])


def test_flags_and_times_are_as_delivered(dovecot_server: DovecotServer, mail_account: Account) -> None:
    dovecot_server.new_folder(mail_account, "Shop/退换货")
    received = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
    dovecot_server.deliver(mail_account, mail("old"), "Shop/退换货", flags="RS", received=received)
    with inside(dovecot_server, mail_account, "Shop/&kABjYo0n-") as connection:
        _, [told] = connection.fetch("1", "(FLAGS INTERNALDATE)")
    assert isinstance(told, bytes)
    assert set(re.findall(rb"\\\w+", told)) == {rb"\Answered", rb"\Seen", rb"\Recent"}
    assert b'"02-Nov-2026 03:04:05 +0000"' in told


def test_who_waits_in_idle_is_told(dovecot_server: DovecotServer, mail_account: Account) -> None:
    with inside(dovecot_server, mail_account) as connection:
        connection.send(b"a1 IDLE\r\n")
        assert connection.readline().startswith(b"+")
        dovecot_server.deliver(mail_account, mail("news"))
        while (line := connection.readline()) != b"* 1 EXISTS\r\n":
            assert line
        connection.send(b"DONE\r\n")
        while not (line := connection.readline()).startswith(b"a1 OK"):
            assert line


def test_mails_outlive_a_kill_and_a_restart(dovecot_server: DovecotServer, mail_account: Account) -> None:
    dovecot_server.deliver(mail_account, mail("kept"))
    with inside(dovecot_server, mail_account) as connection:
        assert connection.store("1", "+FLAGS", r"(\Seen)")[0] == "OK"
        before = connection.response("UIDVALIDITY")
    with pytest.raises((OSError, imaplib.IMAP4.abort)), inside(dovecot_server, mail_account) as connection:
        dovecot_server.kill9()
        connection.noop()
    with pytest.raises(ConnectionRefusedError):
        imaplib.IMAP4(dovecot_server.host, dovecot_server.port)
    dovecot_server.start()
    dovecot_server.restart()
    with inside(dovecot_server, mail_account) as connection:
        assert subjects(connection) == ["kept"]
        assert connection.search(None, "SEEN") == ("OK", [b"1"])
        assert connection.response("UIDVALIDITY") == before


def test_a_folder_can_be_numbered_anew(dovecot_server: DovecotServer, mail_account: Account) -> None:
    seen = set()
    for _ in range(2):
        dovecot_server.deliver(mail_account, mail("again"))
        with inside(dovecot_server, mail_account) as connection:
            seen.add(str(connection.response("UIDVALIDITY")))
        dovecot_server.forget_numbers(mail_account)
    assert len(seen) == 2


def test_only_the_password_of_now_is_taken(dovecot_server: DovecotServer, mail_account: Account) -> None:
    with inside(dovecot_server, mail_account):
        pass
    after = dovecot_server.change_password(mail_account)
    with (
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
        inside(dovecot_server, mail_account),
    ):
        pass
    with inside(dovecot_server, after):
        pass


def test_tls_is_spoken_with_a_certificate_that_can_be_trusted(
    dovecot_server: DovecotServer, mail_account: Account
) -> None:
    host, port = dovecot_server.host, dovecot_server.tls_port
    trusting = ssl.create_default_context(cafile=dovecot_server.certificate)
    with imaplib.IMAP4_SSL(host, port, ssl_context=trusting, timeout=20) as connection:
        assert connection.login(mail_account.name, mail_account.password)[0] == "OK"
    with imaplib.IMAP4(host, dovecot_server.port, timeout=20) as connection:
        assert connection.starttls(trusting)[0] == "OK"
        assert connection.login(mail_account.name, mail_account.password)[0] == "OK"
    careful = ssl.create_default_context()
    with socket.create_connection((host, port)) as connected, pytest.raises(ssl.SSLCertVerificationError):
        careful.wrap_socket(connected, server_hostname=host)
