"""Messages to customers as mails: one mail for each part of a message, in the case that it belongs to.

What agents and the assistant write in quick succession goes out mail by mail: each has a receipt of its own, and what is sent
can be told from what waits. Nothing is merged that was said apart.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from yizhan.channels.contract import Abilities, MenuStyle, OutcomeUnknown, Refusal, Refused, RetryLater, Sent
from yizhan.channels.email.addresses import can_be_written_to, domain_of
from yizhan.channels.email.composing import Attached, Draft, answer_subject, composed
from yizhan.channels.email.desk import Case, Desk, EmailAccount
from yizhan.channels.email.facts import mail_of
from yizhan.channels.email.figures import EmailFigures
from yizhan.channels.email.guard import TOO_MANY, Known, check, too_many
from yizhan.channels.email.ids import digest_of, own_id, references
from yizhan.channels.email.inviting import Invitation, invitation
from yizhan.channels.email.letter import Letter
from yizhan.channels.email.rating_tickets import RATING, RatingTickets
from yizhan.channels.email.rating_words import language_of
from yizhan.channels.email.reply_token import ReplyTokens
from yizhan.channels.email.smtp import Envelope, Posting
from yizhan.channels.store.mail import IdRow, ThreadRow
from yizhan.core.messages.content import (
    Content,
    File,
    Image,
    Link,
    Mail,
    Media,
    Menu,
    Text,
    Video,
    Voice,
    media_of,
    plain_text,
)
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.runtime.clock import Clock, Monotonic, monotonic
from yizhan.core.store.errors import StoreError
from yizhan.core.store.media import MediaMissing, MediaStore

log = structlog.get_logger(__name__)

MOST_TEXT = 50_000
A_MINUTE = 60.0
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """``attachment_bytes``: a larger file goes as a link. ``per_hour``: mails of machines to one address."""

    attachment_bytes: int
    per_hour: int


def abilities(limits: Limits) -> Abilities:
    """What a mail can show."""

    def takes(content: Content) -> bool:
        if isinstance(content, Menu):
            return content.menu_id.startswith(RATING)  # each grade has a link; others are numbered
        media = media_of(content)
        return media is None or 0 < media.size_bytes <= limits.attachment_bytes

    kinds = frozenset({Text, Image, Voice, Video, File, Link, Menu})
    return Abilities(kinds=kinds, menu=MenuStyle.BUTTONS, max_text=MOST_TEXT, takes=takes)


class Sending:
    """``send`` for all mailboxes."""

    def __init__(  # noqa: PLR0913 - what the process has, given by name
        self,
        desk: Desk,
        posting: Posting,
        tokens: ReplyTokens,
        ratings: RatingTickets,
        *,
        media: MediaStore,
        figures: EmailFigures,
        limits: Limits,
        clock: Clock,
        monotonic: Monotonic = monotonic,
    ) -> None:
        self._desk = desk
        self._posting = posting
        self._tokens = tokens
        self._ratings = ratings
        self._media = media
        self._figures = figures
        self._limits = limits
        self._clock = clock
        self._monotonic = monotonic
        self._paces: dict[str, deque[float]] = {}

    async def send(self, account: EmailAccount, message: Message, part: int) -> Sent:
        """One mail. Raises a SendError."""
        try:
            return await self._sent(account, message, part)
        except StoreError as error:
            raise RetryLater from error

    async def tell_too_large(self, account: EmailAccount, case: Case, letter: Letter) -> None:
        """Let a sender know, once a day, that their mail was too large to be read. Raises nothing."""
        try:
            await self._told(account, case, letter)
        except (StoreError, Refused, RetryLater, OutcomeUnknown) as error:
            log.warning("too_large_not_told", account=account.id, error=type(error).__name__)

    async def _sent(self, account: EmailAccount, message: Message, part: int) -> Sent:
        thread = await self._desk.case(message.address)
        if thread is None or not can_be_written_to(thread.answer_to):
            raise Refused("no_address", "there is nobody to write to", Refusal.UNKNOWN_CUSTOMER)
        machine = message.author.kind is not AuthorKind.AGENT
        if machine:
            await self._guard(thread)
        draft = await self._draft(account, thread, message, part, machine)
        self._paced(account)
        await self._noted(account, thread, draft, message.id)
        told = (
            machine and message.grounding is None
        )  # a notice and no answer: nobody needs to hear that it did not arrive
        sender = "" if told and account.settings.sends_without_sender else account.settings.address
        await self._posting.post(account, Envelope(sender, thread.answer_to, composed(draft)))
        return Sent((draft.message_id,))

    async def _guard(self, thread: ThreadRow) -> None:
        """Raises Refused."""
        bad = await self._desk.is_bad(thread.account, thread.customer)
        try:
            check(Known(thread, bad))
        except Refused as refused:
            self._figures.not_answered(refused.code)
            raise

    async def _draft(
        self, account: EmailAccount, thread: ThreadRow, message: Message, part: int, machine: bool
    ) -> Draft:
        settings = account.settings
        mails = await self._desk.mails(message.address)
        own = own_id(message.id, part, thread.thread, domain_of(settings.address))
        earlier = [mail for mail in mails if mail.mail_id and mail.mail_id != own]
        name = message.author.name if message.author.kind is AuthorKind.AGENT else ""
        written = _mail(message.content)
        said = self._said(message, settings.signature)
        return Draft(
            sender=settings.address,
            sender_name=_shown(settings.display_name, name),
            recipient=thread.answer_to,
            recipient_name=thread.name if thread.answer_to == thread.customer else "",
            reply_to=self._answer_address(account, thread),
            subject=written.subject or answer_subject(thread.subject),
            text=said.text,
            page=said.page,
            message_id=own,
            in_reply_to=_answered(mail_of(message.channel_data), earlier),
            references=references(mail.mail_id for mail in earlier),
            at=self._clock(),
            automatic=machine,
            files=await self._files(message.content),
        )

    def _said(self, message: Message, signature: str) -> Invitation:
        """The words, and the page where it is not made of them."""
        content = message.content
        if not isinstance(content, Menu):
            return Invitation(_signed(_words(content), signature), "")
        url = self._ratings.url(message.address, content.menu_id, message.locale)
        return invitation(content, language_of(message.locale), url, signature)

    def _answer_address(self, account: EmailAccount, thread: ThreadRow) -> str:
        settings = account.settings
        if not settings.tokens_in_replies:
            return ""
        return self._tokens.address(settings.address, account.id, thread.thread, thread.customer)

    async def _files(self, content: Content) -> Sequence[Attached]:
        """Raises Refused, and StoreError where the store cannot be reached."""
        alone = media_of(content)
        return [await self._attached(media) for media in (*_mail(content).attachments, *((alone,) if alone else ()))]

    async def _attached(self, media: Media) -> Attached:
        try:
            pieces = [bytes(piece) async for piece in await self._media.get(media.media_id)]
        except MediaMissing:
            raise Refused("media_missing", "the file is no longer there", Refusal.BAD_CONTENT) from None
        return Attached(media.name, media.mime_type, b"".join(pieces))

    async def _noted(self, account: EmailAccount, thread: ThreadRow, draft: Draft, message_id: str) -> None:
        """The id is kept before it goes out: whatever comes back finds its case. Raises Refused for a machine's mail too many."""
        row = IdRow(
            account=account.id,
            digest=digest_of(draft.message_id),
            thread=thread.thread,
            address_key=thread.address_key,
            mail_id=draft.message_id,
            message_id=message_id,
            recipient=draft.recipient,
            automatic=draft.automatic,
            at=draft.at,
        )
        if not draft.automatic:
            await self._desk.sending(row)
        elif not await self._desk.machine_sends(account, row, draft.at - AN_HOUR, self._limits.per_hour):
            self._figures.not_answered(TOO_MANY)
            raise too_many(self._limits.per_hour)

    def _paced(self, account: EmailAccount) -> None:
        """Raises RetryLater: the mailbox has sent as much as it may within a minute."""
        pace, now = self._paces.setdefault(account.id, deque()), self._monotonic()
        while pace and now - pace[0] >= A_MINUTE:
            pace.popleft()
        if len(pace) >= account.settings.mails_per_minute:
            raise RetryLater(A_MINUTE - (now - pace[0]))
        pace.append(now)

    async def _told(self, account: EmailAccount, case: Case, letter: Letter) -> None:
        thread = await self._desk.case(case.address)
        if thread is None or letter.suppresses_replies or not can_be_written_to(thread.answer_to):
            return
        await self._guard(thread)
        if not await self._desk.may_tell(account, thread.customer, self._clock()):
            return
        settings = account.settings
        own = own_id(f"too-large-{letter.message_id}", 0, thread.thread, domain_of(settings.address))
        draft = Draft(
            sender=settings.address,
            sender_name=settings.display_name,
            recipient=thread.answer_to,
            recipient_name=thread.name,
            reply_to=self._answer_address(account, thread),
            subject=answer_subject(thread.subject),
            text=_TOO_LARGE,
            message_id=own,
            in_reply_to=letter.message_id,
            references=references([*letter.references, letter.message_id]),
            at=self._clock(),
            automatic=True,
        )
        await self._noted(account, thread, draft, f"notice-{digest_of(letter.message_id)[:20]}")
        sender = "" if settings.sends_without_sender else settings.address
        await self._posting.post(account, Envelope(sender, thread.answer_to, composed(draft)))


_TOO_LARGE = (
    "您好，您发来的邮件过大，我们没有收到其内容。请改用较小的附件，或把文件放到网盘后发送链接。\n\n"
    "Your message was too large, and its contents did not reach us. Please send it again with smaller attachments, or "
    "with a link to the files."
)


def _mail(content: Content) -> Mail:
    """What its writer wants of the mail; nothing for what is only said."""
    return (content.mail if isinstance(content, Text) else None) or Mail()


def _words(content: Content) -> str:
    match content:
        case Link(url, title, description):
            return "\n".join(part for part in (title, description, url) if part)
        case _:
            return plain_text(content)


def _signed(text: str, signature: str) -> str:
    return f"{text}\n\n-- \n{signature}" if signature else text


def _shown(business: str, person: str) -> str:
    """Who a mail is from, in words."""
    return f"{person} · {business}" if person and business else business or person


def _answered(wanted: str, mails: Sequence[IdRow]) -> str:
    """The mail that is answered: the one that the message answers, else the customer's last, else the last."""
    known = {mail.mail_id for mail in mails}
    if wanted in known:
        return wanted
    theirs = [mail.mail_id for mail in mails if not mail.message_id]
    return theirs[-1] if theirs else mails[-1].mail_id if mails else ""
