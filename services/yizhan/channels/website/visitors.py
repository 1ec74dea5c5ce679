"""Visitors of a website, and the tokens that prove who they are.

A visitor's id is ``u:`` and the business's user id, or ``v:`` and random letters.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from yizhan.channels.accounts import Account
from yizhan.channels.screens.visitor import Visitor
from yizhan.channels.website.identity import Vouched
from yizhan.channels.website.settings import WebsiteAccountSettings
from yizhan.core.messages.address import Address
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.tokens import Signers, TokenInvalid

TICKET_SECONDS = 60
CHANNEL = "website"

WebsiteAccount = Account[WebsiteAccountSettings]


class TokenRefused(Exception):
    """The token is not ours, too old, or of another account."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Issued:
    """A visitor with a token and the time at which it expires."""

    visitor: Visitor
    token: str
    expires_at: datetime


class _Claims(BaseModel):
    """What a token says. Short names: it travels with every request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    w: str
    a: str
    v: str
    n: str = ""
    l: str = ""  # noqa: E741 - the name on the wire
    k: bool = False
    until: int = 0


class Visitors:
    """Makes and checks visitors' tokens. ``random_id`` makes the unguessable part of an anonymous visitor's id."""

    def __init__(
        self,
        signers: Signers,
        clock: Clock,
        *,
        days: int = 30,
        random_id: Callable[[], str] = lambda: secrets.token_urlsafe(18),
    ) -> None:
        self._tokens = signers("website-visitor")
        self._tickets = signers("website-ticket")
        self._clock = clock
        self._valid_for = timedelta(days=days)
        self._random_id = random_id

    def anonymous(self, account: WebsiteAccount, locale: str) -> Visitor:
        """Somebody who was never here before."""
        return Visitor(_address(account, f"v:{self._random_id()}"), locale=locale)

    def vouched(self, account: WebsiteAccount, user: Vouched, locale: str) -> Visitor:
        """Somebody the business knows: the same visitor wherever this user signs in."""
        return Visitor(_address(account, f"u:{user.user_id}"), user.name, user.locale or locale, verified=True)

    def issue(self, visitor: Visitor) -> Issued:
        """A token that is valid from now."""
        until = self._clock().replace(microsecond=0) + self._valid_for
        claims = _Claims(
            w=visitor.address.workspace,
            a=visitor.address.account,
            v=visitor.id,
            n=visitor.name,
            l=visitor.locale,
            k=visitor.verified,
            until=int(until.timestamp()),
        )
        return Issued(visitor, self._tokens.sign(claims, expires_in=self._valid_for), until)

    def ticket(self, visitor: Visitor) -> str:
        """Stands for the token in an address, where it may end up in logs: good for a minute."""
        address = visitor.address
        claims = _Claims(w=address.workspace, a=address.account, v=visitor.id, n=visitor.name, l=visitor.locale)
        return self._tickets.sign(claims, expires_in=timedelta(seconds=TICKET_SECONDS))

    def check(self, account: WebsiteAccount, token: str, kind: Literal["token", "ticket"] = "token") -> Issued:
        """The visitor of a token. Raises TokenRefused."""
        signer = self._tokens if kind == "token" else self._tickets
        try:
            claims = signer.verify_as(token, _Claims)
        except TokenInvalid as error:
            raise TokenRefused(error.reason) from error
        if (claims.w, claims.a) != (account.workspace, account.id):
            raise TokenRefused("other_account")
        visitor = Visitor(_address(account, claims.v), claims.n, claims.l, claims.k)
        return Issued(visitor, token, datetime.fromtimestamp(claims.until, UTC))


def _address(account: WebsiteAccount, customer: str) -> Address:
    return Address(account.workspace, CHANNEL, account.id, customer)
