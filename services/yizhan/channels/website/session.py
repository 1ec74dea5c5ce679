"""Beginning a session: who the visitor is, and the token that proves it from then on."""

import structlog
from aiohttp import web

from yizhan.channels.contract import InboundVisit
from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.history import HistoryUnavailable
from yizhan.channels.screens.text import LOCALE, clean_line
from yizhan.channels.screens.view import moment
from yizhan.channels.screens.visitor import Visitor
from yizhan.channels.website.door import WebsiteDoor
from yizhan.channels.website.identity import HmacProof, IdentityRejected, JwtProof, Proof, vouched
from yizhan.channels.website.session_body import HmacIn, JwtIn, SessionBody
from yizhan.channels.website.visitors import Issued, TokenRefused, WebsiteAccount
from yizhan.core.messages.command import Command, Visit
from yizhan.core.runtime.http import Problem, rate_key, read_json, too_many
from yizhan.core.security.ratelimit import RateLimited

log = structlog.get_logger(__name__)

MAX_URL_CHARS = 2000
MAX_TITLE_CHARS = 300


class SessionHandlers:
    """``POST /website/{account}/session`` and ``…/ticket``."""

    def __init__(self, gateway: Gateway, door: WebsiteDoor) -> None:
        self._gateway = gateway
        self._door = door

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """A token for the visitor: the known one, the one the business vouches for, or a new anonymous one."""
        gateway = self._gateway
        account = self._door.account(request)
        try:
            gateway.buckets.sessions_by_ip.spend(rate_key(request))
        except RateLimited as error:
            raise too_many(error.retry_after) from error
        body = await read_json(request, SessionBody, mend=True)
        locale = body.locale if LOCALE.fullmatch(body.locale) else account.settings.locale
        issued, known = self._who(account, body, locale)
        visitor = issued.visitor
        gateway.note(InboundVisit(self._visit(visitor, body, locale)))
        return web.json_response(
            {
                "token": issued.token,
                "visitor_id": visitor.id,
                "head": await self._head(visitor) if known else 0,
                "expires_at": moment(issued.expires_at),
                "account": {
                    "name": account.settings.title or account.name,
                    "locale": account.settings.locale,
                    "color": account.settings.color,
                },
                "limits": gateway.buckets.limits.shown(),
            },
            headers={"Cache-Control": "no-store"},
        )

    async def ticket(self, request: web.Request) -> web.StreamResponse:
        """Stands for the token for one minute, where it has to be part of an address."""
        visitor = await self._gateway.bearer(request)
        return web.json_response({"ticket": self._door.visitors.ticket(visitor)}, headers={"Cache-Control": "no-store"})

    def _who(self, account: WebsiteAccount, body: SessionBody, locale: str) -> tuple[Issued, bool]:
        """The visitor, and whether it may have been here before."""
        visitors = self._door.visitors
        if body.identity is not None:
            try:
                user = vouched(_proof(body.identity), account.settings.identity, self._gateway.clock)
            except IdentityRejected as error:
                log.info("identity_rejected", account=account.id, reason=error.reason)
                raise Problem(401, "identity_rejected", "The identity is not accepted", error.reason) from error
            return visitors.issue(visitors.vouched(account, user, locale)), True
        held = self._held(account, body.token)
        if held is not None and held.visitor.verified:
            return held, True  # only the business itself can vouch for longer
        if account.settings.require_identity:
            raise Problem(401, "identity_required", "Sign in on the website first")
        if held is not None:
            return visitors.issue(held.visitor), True
        return visitors.issue(visitors.anonymous(account, locale)), False

    def _held(self, account: WebsiteAccount, token: str) -> Issued | None:
        """The session that the client says it has. One that is too old or not ours is as good as none."""
        if not token:
            return None
        try:
            return self._door.visitors.check(account, token)
        except TokenRefused as error:
            log.info("session_token_refused", account=account.id, reason=error.reason)
            return None

    async def _head(self, visitor: Visitor) -> int:
        """The last seq; 0 while the transcript cannot be read."""
        try:
            return (await self._gateway.history.heads([visitor.address])).get(visitor.address, 0)
        except HistoryUnavailable:
            return 0

    def _visit(self, visitor: Visitor, body: SessionBody, locale: str) -> Command:
        kind = Visit(
            locale=visitor.locale or locale,
            page_url=_web_url(body.page.url),
            page_title=clean_line(body.page.title, MAX_TITLE_CHARS),
            customer_name=visitor.name,
            verified=visitor.verified,
        )
        return Command(id=self._gateway.new_id(), address=visitor.address, at=self._gateway.clock(), kind=kind)


def _proof(identity: JwtIn | HmacIn) -> Proof:
    if isinstance(identity, JwtIn):
        return JwtProof(identity.jwt)
    return HmacProof(identity.user_id, identity.hmac, identity.name)


def _web_url(url: str) -> str:
    """An address that agents may safely be shown as a link; everything else is dropped."""
    cleaned = clean_line(url, MAX_URL_CHARS)
    return cleaned if cleaned.startswith(("https://", "http://")) else ""
