"""What the handlers of requests share: who asks, may they, and what happens with what they send."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from yizhan.channels.contract import Accept, InboundReceipt, InboundTyping, Note
from yizhan.channels.screens import origin
from yizhan.channels.screens.catchup import CatchUp
from yizhan.channels.screens.content import ContentRefused, FindMedia, MediaUnavailable, content_of
from yizhan.channels.screens.dialect import Dialect
from yizhan.channels.screens.door import Door, token_of
from yizhan.channels.screens.figures import ScreenFigures
from yizhan.channels.screens.history import History
from yizhan.channels.screens.limits import Buckets
from yizhan.channels.screens.protocol import RawContent
from yizhan.channels.screens.sending import Draft, Intake, Refusal, not_taken
from yizhan.channels.screens.sessions import Sessions
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.screens.view import MediaUrl
from yizhan.channels.screens.visitor import Visitor
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http import Cors
from yizhan.core.security.ratelimit import RateLimited


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts, put together by ``service``. ``public_origin`` is this deployment's own, where it is known."""

    door: Door
    dialect: Dialect
    sessions: Sessions
    history: History
    catch_up: CatchUp
    intake: Intake
    accept: Accept
    note: Note
    buckets: Buckets
    find_media: FindMedia
    media_url: MediaUrl
    tasks: Tasks
    lanes: Tasks
    """The sends that are on their way, apart from other tasks, so that stopping can wait for their answers."""
    figures: ScreenFigures
    clock: Clock
    new_id: NewId
    draining: asyncio.Event
    public_origin: str = ""

    async def may_embed(self, request: web.Request, site: str) -> bool:
        """Whether a page of this origin may use the account. Any page may learn that there is no such account."""
        allowed = self.door.origins(request)
        own = (self.public_origin,) if self.public_origin else ()
        return allowed is None or origin.allowed(site, (*allowed, *own))

    def cors(self, *, headers: Sequence[str] = ("Authorization", "Content-Type")) -> Cors:
        return Cors(self.may_embed, headers=headers)

    async def bearer(self, request: web.Request) -> Visitor:
        """Who asks, by the token in the header. Raises Problem 404 or 401 ``token_invalid``."""
        self.door.known(request)
        return (await self.door.holder(request, token_of(request))).visitor

    async def draft(self, visitor: Visitor, by: str, client_id: str, raw: RawContent) -> Draft | Refusal:
        """A message ready to be sent, or why it is not taken. ``by`` is the rate key of the internet address."""
        if self.draining.is_set():
            return not_taken(client_id, 1.0)
        try:
            if self.intake.answered(visitor, client_id) is None:
                self.buckets.sends.spend(visitor.address.key())
                self.buckets.sends_by_ip.spend(by)
            return Draft(client_id, await content_of(raw, self.find_media))
        except RateLimited as error:
            self.figures.refused("rate_limited")
            title = "Too many messages"
            return Refusal(client_id, "rate_limited", title, retry=True, retry_after=round(error.retry_after + 0.05, 1))
        except ContentRefused as error:
            self.figures.refused(error.code)
            return Refusal(client_id, error.code, error.title)
        except MediaUnavailable:
            return not_taken(client_id, 1.0)

    def reached(self, visitor: Visitor, state: ReceiptState, seq: int) -> InboundReceipt:
        """The visitor's screen has, or the visitor has seen, everything up to this seq."""
        receipt = Receipt(id=self.new_id(), address=visitor.address, state=state, at=self.clock(), up_to_seq=seq)
        return InboundReceipt(receipt)

    def typing(self, visitor: Visitor) -> None:
        """Tell agents that the visitor is typing; too much of it is dropped."""
        try:
            self.buckets.typing.spend(visitor.address.key())
        except RateLimited:
            return
        self.note(InboundTyping(visitor.address, Author(AuthorKind.CUSTOMER, visitor.id, visitor.name)))
