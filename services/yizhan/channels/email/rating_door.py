"""Where the links of mails that ask for a rating lead. Reading the page counts for nothing: mail scanners follow links.

What the button sends becomes the customer's choice in the menu that was mailed, as pressed on any other channel.
"""

import asyncio
import hashlib
import math
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

import structlog
from aiohttp import web

from yizhan.channels.contract import Accept, InboundMessage, NotAccepted
from yizhan.channels.email.desk import CHANNEL, EmailAccount
from yizhan.channels.email.figures import EmailFigures
from yizhan.channels.email.rating_page import MOST_COMMENT, Form, form_page, refusal_page, thanks_page
from yizhan.channels.email.rating_tickets import OF_TICKETS, RatingTicket, RatingTickets
from yizhan.channels.email.rating_words import Words, words_of
from yizhan.channels.store.mail import ThreadRow
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Choice
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http import rate_key
from yizhan.core.security.ratelimit import Rate, RateLimit, RateLimited
from yizhan.core.security.tokens import TokenInvalid
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

MOST_BYTES = 32 << 10
READ_SECONDS = 10.0
VIEWS = Rate(60, 60.0)
"""Of one internet address."""
RATINGS = Rate(10, 3600.0)
"""By one link."""

GRADES = frozenset("12345")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_FORM = "application/x-www-form-urlencoded"


FindAccount = Callable[[str], EmailAccount | None]
"""The account of this id, where it is there and not disabled."""

FindThread = Callable[[str, str], Awaitable[ThreadRow | None]]
"""The case of an account and an id. Raises StoreError."""


class _Refused(Exception):
    """Answered with this status. ``outcome``: what is counted."""

    def __init__(self, status: int, outcome: str, retry_after: float = 0.0) -> None:
        super().__init__(status, outcome)
        self.status = status
        self.outcome = outcome
        self.retry_after = math.ceil(retry_after)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose link it is. ``shop``: who asks."""

    ticket: RatingTicket
    address: Address
    shop: str
    token: str

    @property
    def words(self) -> Words:
        return words_of(self.ticket.language)

    @property
    def form(self) -> Form:
        """An empty one. The nonce tells a form that is sent twice from a grade that is corrected."""
        title = self.words.ticket_title if self.ticket.menu.startswith(OF_TICKETS) else self.words.title
        return Form(self.shop, title, secrets.token_urlsafe(18))


class RatingDoor:
    """Both methods of the page."""

    def __init__(
        self,
        account: FindAccount,
        thread: FindThread,
        tickets: RatingTickets,
        accept: Accept,
        figures: EmailFigures,
        *,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._account = account
        self._thread = thread
        self._tickets = tickets
        self._accept = accept
        self._figures = figures
        self._clock = clock
        self._new_id = new_id
        self._views = RateLimit(VIEWS)
        self._ratings = RateLimit(RATINGS)

    def routes(self) -> list[web.RouteDef]:
        path = "/email/{account}/rating/{token}"
        return [web.get(path, self.show), web.post(path, self.rate)]

    async def show(self, request: web.Request) -> web.Response:
        """The form with the grade of the link; nothing else happens."""
        try:
            asked = await self._asked(request)
        except _Refused as refused:
            return self._refusal(refused)
        self._figures.rating("shown")
        grade = request.query.get("grade", "")
        return form_page(asked.words, replace(asked.form, grade=grade if grade in GRADES else ""))

    async def rate(self, request: web.Request) -> web.Response:
        """The button was pressed."""
        try:
            asked = await self._asked(request)
            sent = _sent(asked, await _read(request))
            if sent.wrong:
                self._figures.rating("incomplete")
                return form_page(asked.words, sent, 400)
            self._spend(self._ratings, asked.token)
        except _Refused as refused:
            return self._refusal(refused)
        try:
            await self._accept([InboundMessage(self._message(asked, sent))])
        except NotAccepted:
            self._figures.rating("not_accepted")
            return form_page(asked.words, replace(sent, wrong=asked.words.again), 503)
        self._figures.rating("recorded")
        return thanks_page(asked.words, asked.shop)

    async def _asked(self, request: web.Request) -> _Asked:
        """Raises _Refused."""
        self._spend(self._views, rate_key(request))
        token = request.match_info["token"]
        try:
            ticket = self._tickets.check(token)
        except TokenInvalid as invalid:
            expired = invalid.reason == "expired"
            raise _Refused(410 if expired else 404, "expired" if expired else "forged") from None
        account = self._account(ticket.account)
        if account is None or ticket.account != request.match_info["account"]:
            raise _Refused(410, "gone")
        try:
            thread = await self._thread(ticket.account, ticket.thread)
        except StoreError as error:
            log.warning("rating_not_looked_up", account=ticket.account, error=type(error).__name__)
            raise _Refused(503, "store_away", 5.0) from error
        if thread is None:
            raise _Refused(410, "gone")
        address = Address(account.workspace, CHANNEL, account.id, thread.customer, thread.thread)
        if not ticket.is_for(address):
            raise _Refused(404, "forged")
        return _Asked(ticket, address, account.settings.display_name or account.settings.address, token)

    def _message(self, asked: _Asked, sent: Form) -> Message:
        """The same form again is the same message, and known as such."""
        digest = hashlib.sha256(f"{asked.token}\x1f{sent.nonce}".encode()).hexdigest()
        label = asked.words.labels[int(sent.grade) - 1]
        return Message(
            id=self._new_id(),
            address=asked.address,
            author=Author(AuthorKind.CUSTOMER, asked.address.customer),
            content=Choice(asked.ticket.menu, sent.grade, label, sent.comment),
            received_at=self._clock(),
            dedupe_key=f"e:rating:{digest[:40]}",
        )

    def _spend(self, limit: RateLimit, key: str) -> None:
        try:
            limit.spend(key)
        except RateLimited as limited:
            raise _Refused(429, "limited", limited.retry_after) from None

    def _refusal(self, refused: _Refused) -> web.Response:
        self._figures.rating(refused.outcome)
        return refusal_page(refused.status, refused.retry_after)


def _sent(asked: _Asked, body: bytes) -> Form:
    """What the form says, with what is wrong with it. Raises _Refused where it is none of ours."""
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=8, errors="strict")
    except ValueError:
        raise _Refused(400, "unreadable") from None
    nonce, grade = _one(fields, "nonce"), _one(fields, "grade")
    if not _NONCE.fullmatch(nonce):
        raise _Refused(400, "unreadable")
    comment = _clean(_one(fields, "comment"))
    wrong = "" if grade in GRADES else asked.words.choose
    if len(comment) > MOST_COMMENT:
        wrong = asked.words.too_long
    return replace(asked.form, nonce=nonce, grade=grade if grade in GRADES else "", comment=comment, wrong=wrong)


def _one(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[0]


def _clean(text: str) -> str:
    """Lines of printable characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(one for one in line if one.isprintable()) for line in lines).strip()


async def _read(request: web.Request) -> bytes:
    """Raises _Refused."""
    if request.content_type != _FORM:
        raise _Refused(415, "unreadable")
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            while piece := await request.content.readany():
                body += piece
                if len(body) > MOST_BYTES:
                    raise _Refused(413, "too_large")
    except TimeoutError:
        raise _Refused(400, "unreadable") from None
    return bytes(body)
