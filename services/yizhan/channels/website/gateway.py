"""What the website's request handlers share: who asks, may they, and what happens with what they send."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from yizhan.channels.accounts import AccountBook
from yizhan.channels.contract import Accept, InboundReceipt, InboundTyping, Note
from yizhan.channels.website import origin
from yizhan.channels.website.catchup import CatchUp
from yizhan.channels.website.content import ContentRefused, FindMedia, MediaUnavailable, content_of
from yizhan.channels.website.figures import WebsiteFigures
from yizhan.channels.website.history import History
from yizhan.channels.website.limits import Buckets
from yizhan.channels.website.protocol import RawContent
from yizhan.channels.website.sending import Draft, Intake, Refusal, not_taken
from yizhan.channels.website.sessions import Sessions
from yizhan.channels.website.settings import WebsiteAccountSettings
from yizhan.channels.website.tasks import Tasks
from yizhan.channels.website.view import MediaUrl
from yizhan.channels.website.visitors import Issued, TokenRefused, Visitor, Visitors, WebsiteAccount
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http import Cors, Problem, not_found, unauthorized
from yizhan.core.security.ratelimit import RateLimited


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts, put together by ``service``. ``public_origin`` is this deployment's own, where it is known."""

    accounts: AccountBook[WebsiteAccountSettings]
    visitors: Visitors
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
    figures: WebsiteFigures
    clock: Clock
    new_id: NewId
    draining: asyncio.Event
    public_origin: str = ""

    def account(self, request: web.Request) -> WebsiteAccount:
        """The account in the address. Raises Problem 404 ``unknown_account``, also for one that is switched off."""
        account = self.accounts.get(request.match_info["account"])
        if account is None:
            raise not_found("unknown_account", "There is no such account")
        return account

    async def may_embed(self, request: web.Request, site: str) -> bool:
        """Whether a page of this origin may use the account. Any page may learn that there is no such account."""
        account = self.accounts.get(request.match_info["account"])
        own = (self.public_origin,) if self.public_origin else ()
        return account is None or origin.allowed(site, (*account.settings.allowed_origins, *own))

    def cors(self) -> Cors:
        return Cors(self.may_embed)

    def bearer(self, request: web.Request) -> Issued:
        """Who asks, by the token in the header. Raises Problem 404 or 401 ``token_invalid``."""
        self.account(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise unauthorized("token_missing", "A session token is needed")
        return self.holder(request, token.strip())

    def holder(self, request: web.Request, token: str) -> Issued:
        """The visitor of a token, for the account in the address. Raises Problem 404 or 401."""
        try:
            return self.visitors.check(self.account(request), token)
        except TokenRefused as error:
            raise refused_token(error) from error

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


def refused_token(error: TokenRefused) -> Problem:
    """401 with a code that tells a client what to do: a new session."""
    code = "token_expired" if error.reason == "expired" else "token_invalid"
    return unauthorized(code, "The session token is not valid any more")
