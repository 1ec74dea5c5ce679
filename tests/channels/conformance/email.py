"""E-mail: a mailbox on a real Dovecot, and an SMTP server that takes what is sent from it.

A "push" is a mail that arrives in the mailbox; the mailbox keeps it, so nobody has a reason to bring it again.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, ClassVar
from unittest.mock import patch

from tests.channels.conformance.harness import (
    ACCOUNT,
    Acknowledges,
    ClosesWindow,
    CountsMessages,
    ExpiresTokens,
    LinksFiles,
    Process,
    Proves,
    Shown,
    Told,
)
from tests.channels.conformance.stand import SECRET, Stand
from tests.channels.waiting import until
from tests.services.dovecot import Account, DovecotServer
from tests.simulators.dialogue import FakeDialogue
from tests.simulators.smtp_server import Posted, SmtpServer, open_smtp
from yizhan.channels import turns
from yizhan.channels.email import box, intake, service
from yizhan.channels.email.ids import digest_of
from yizhan.channels.email.imap import Connection
from yizhan.channels.email.reply_token import thread_id
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Location
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import CommonSettings, EmailSettings

SUPPORT = "support@shop.example"
ARRIVED = Told(250, "", taken=True)
ANSWER_SECONDS = 1.5
_numbers = itertools.count(1)


@contextmanager
def _ended_with_their_process() -> Iterator[None]:
    """What a killed life leaves open is closed at the end, as the system does with what a dead process had."""
    opened: list[Connection] = []

    class Remembered(Connection):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            opened.append(self)

    with patch.object(box, "Connection", Remembered):
        try:
            yield
        finally:
            for connection in opened:
                connection.cut()


class EmailHarness:
    """A mailbox of a business."""

    name: ClassVar[str] = "email"
    channel: ClassVar[str] = "email"
    idempotent: ClassVar[bool] = False
    inapplicable: ClassVar[Mapping[type, str]] = {
        Proves: "anybody may write to a mailbox: nothing proves who it is, and there is nothing to be turned away",
        Acknowledges: "nothing is answered: the mailbox keeps its mails, and the cursor, moved when they are durable, is what "
        "acknowledges them",
        LinksFiles: "files are attached as they are",
        ExpiresTokens: "the mailbox signs in with a password; tokens are the TokenManager's, which others try",
        ClosesWindow: "there is no window: whoever wrote may be answered for ever",
        CountsMessages: "there is no quota of answers to a mail",
    }

    smtp: SmtpServer
    dovecot: DovecotServer
    mailbox: Account

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.passwords: list[str] = []
        self.limits = {"email_answers_per_hour": 1000}

    def equip(self, server: Callable[[str], Any]) -> None:
        self.dovecot = server("dovecot_server")
        self.dovecot.start()
        self.mailbox = self.dovecot.new_account()
        self.passwords.append(self.mailbox.password)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        async with open_smtp(self.mailbox.name, self.mailbox.password) as self.smtp:
            with (
                _ended_with_their_process(),
                patch.object(turns, "LEASE", timedelta(seconds=2)),  # who is killed leaves its turn
                patch.object(turns, "EXTEND_SECONDS", 0.3),
                patch.object(intake, "ELSEWHERE_SECONDS", 0.2),
                patch.object(intake, "LASTING_SECONDS", (0.5, 1.0)),
            ):
                yield

    def account(self) -> Mapping[str, Any]:
        return {
            "address": SUPPORT,
            "user": self.mailbox.name,
            "password": self.mailbox.password,
            "imap_host": "127.0.0.1",
            "imap_port": self.dovecot.port,
            "imap_tls": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": self.smtp.port,
            "smtp_tls": "none",
            "reply_token": True,
            "mails_per_minute": 6000,
        }

    def settings(self, process: Process) -> CommonSettings:
        return EmailSettings(
            home=process.home,
            secret=process.secret,
            partitions=process.partitions,
            email_answer_seconds=ANSWER_SECONDS,
        ).model_copy(update=self.limits)

    async def start(self, life: Lifespan, settings: CommonSettings, core: Core, dialogue: FakeDialogue) -> Parts:
        assert isinstance(settings, EmailSettings)
        return await service.start(life, settings, core)

    def reached_at(self, url: str) -> None:
        """Nobody comes to us: we go to the mailbox."""

    async def person(self) -> "Correspondent":
        return Correspondent(self, f"person-{next(_numbers)}@customers.example")

    async def garbage(self) -> Sequence[Told]:
        """Mails that no program should write."""
        for raw in (
            b"\x00",
            b"\xff\xfe\x00",
            b"From: <<<>>>\r\n",
            b"Content-Type: multipart/mixed\r\n\r\n--",
            b"\r\n\r\n",
        ):
            await self.arrives(raw)
        return []

    def secrets(self) -> Sequence[str]:
        return (SECRET, *self.passwords)

    def fits(self, shown: Shown) -> bool:
        return len(shown.text) <= 50_000

    def breaches(self) -> Sequence[str]:
        return self.smtp.violations

    async def arrives(self, raw: bytes) -> Told:
        await asyncio.to_thread(self.dovecot.deliver, self.mailbox, raw)
        self.told.append(ARRIVED)
        return ARRIVED

    async def is_read(self, raw: bytes) -> None:
        """Returns when a mail that arrived is marked, which it is when it is durable."""
        await self.arrives(raw)
        folder = self.dovecot._home(self.mailbox) / "cur"

        def marked() -> bool:
            return any(raw in path.read_bytes() for path in folder.glob("*:2,*S*"))

        await until(marked)

    # --- hooks ---

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        return Location(31.230416, 121.473701, "南京东路门店"), ("南京东路门店", "31.230416", "121.473701")

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """The mailbox gets another password; who is signed in stays so until the account is changed."""
        self.mailbox = await asyncio.to_thread(self.dovecot.change_password, self.mailbox)
        self.passwords.append(self.mailbox.password)
        self.smtp.password = self.mailbox.password
        yield "the server has the new password"
        await stand.change_account(password=self.mailbox.password)
        yield "the account has it"

    def is_busy(self) -> None:
        self.smtp.answers.append("421 4.3.2 shutting down")

    def is_busy_for_long(self) -> None:
        self.smtp.answers.append("451 4.7.1 greylisted, come again in five minutes")

    def refuses(self) -> str:
        self.smtp.answers.append("554 5.7.1 message looks like spam")
        return "554"

    def loses_answer(self, *, taken: bool) -> None:
        self.smtp.faults.append("cut_after_end" if taken else "lose")

    def goes_silent(self) -> None:
        self.smtp.faults.append("hang_after_end")


@dataclass
class Correspondent:
    """Somebody with a mail program, who answers in one case all the time."""

    harness: EmailHarness
    customer: str
    root: str = field(init=False)
    written: int = 0

    def __post_init__(self) -> None:
        self.root = f"<root-{next(_numbers)}@customers.example>"

    @property
    def address(self) -> Address:
        thread = thread_id(ACCOUNT, self.customer, digest_of(self.root))
        return Address("default", "email", ACCOUNT, self.customer, thread)

    def letter(self, text: str) -> "MailedLetter":
        self.written += 1
        return MailedLetter(self, text, self.mail(text, first=self.written == 1))

    def mail(self, text: str, *, first: bool = False, picture: bytes = b"") -> bytes:
        message = EmailMessage()
        message["From"] = f"Somebody <{self.customer}>"
        message["To"] = SUPPORT
        message["Subject"] = "关于订单"
        message["Date"] = format_datetime(now())
        message["Message-ID"] = self.root if first else f"<mail-{next(_numbers)}@customers.example>"
        if not first:
            message["In-Reply-To"] = self.root
            message["References"] = self.root
        message.set_content(text)
        if picture:
            message.add_attachment(picture, maintype="image", subtype="png", filename="苹果.png")
        return message.as_bytes()

    async def says(self, text: str) -> None:
        await self.harness.is_read(self.letter(text).raw)

    async def shows(self, picture: bytes) -> None:
        self.written += 1
        await self.harness.is_read(self.mail("", first=self.written == 1, picture=picture))

    async def chooses(self, label: str, number: int) -> None:
        await self.says(str(number))

    def screen(self) -> list[Shown]:
        return [_shown(posted) for posted in self.harness.smtp.to(self.customer)]

    async def picture(self, number: int) -> bytes:
        ((_, data),) = self.harness.smtp.to(self.customer)[number].files()
        return data


@dataclass
class MailedLetter:
    person: Correspondent
    text: str
    raw: bytes = field(repr=False)
    written: bool = False

    async def write(self) -> None:
        """A mail is there when it arrives."""

    async def push(self, within: float = 20.0) -> Told:
        return await self.person.harness.arrives(self.raw)

    async def forged(self) -> Told:
        """In the same case, by somebody else."""
        customer = self.person.customer
        return await self.person.harness.arrives(self.raw.replace(customer.encode(), f"x{customer}".encode()))

    async def misdirected(self) -> Told:
        """To a mailbox that is none of the business's."""
        dovecot = self.person.harness.dovecot
        await asyncio.to_thread(lambda: dovecot.deliver(dovecot.new_account(), self.raw))
        return Told(550, "", taken=False)


def _shown(posted: Posted) -> Shown:
    files = posted.files()
    return Shown(posted.text, picture=any(name.endswith(".png") for name, _ in files))
