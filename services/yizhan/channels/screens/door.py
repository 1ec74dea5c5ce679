"""Who may come in: what each channel decides about its own accounts and proofs."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from aiohttp import web

from yizhan.channels.accounts import Account, AccountBook
from yizhan.channels.screens.protocol import Hello
from yizhan.channels.screens.setting_values import ScreenAccountSettings
from yizhan.channels.screens.visitor import Holder
from yizhan.core.runtime.http import Problem, not_found, unauthorized


class Door(Protocol):
    """The account is the one in the request's address."""

    def known(self, request: web.Request) -> None:
        """Raises Problem 404 ``unknown_account``, also for an account that is switched off."""

    def origins(self, request: web.Request) -> Sequence[str] | None:
        """Patterns of the sites whose pages may use the account; None: there is no such account."""

    async def holder(self, request: web.Request, token: str) -> Holder:
        """Whose token this is. Raises Problem 404, 401, or 503 where that cannot be found out now."""

    async def greeted(self, request: web.Request, hello: Hello) -> Holder:
        """Who opens a socket. Raises as ``holder``, or Problem 426 for a client that is too old."""

    async def listener(self, request: web.Request) -> Holder:
        """Who opens a stream of events. Raises as ``holder``."""


Settings = TypeVar("Settings", bound=ScreenAccountSettings)


class AccountDoor(Generic[Settings]):
    """What every door knows: the account in a request's address."""

    def __init__(self, accounts: AccountBook[Settings]) -> None:
        self._accounts = accounts

    def account(self, request: web.Request) -> Account[Settings]:
        """Raises Problem 404 ``unknown_account``, also for one that is switched off."""
        account = self._accounts.get(request.match_info["account"])
        if account is None:
            raise not_found("unknown_account", "There is no such account")
        return account

    def known(self, request: web.Request) -> None:
        self.account(request)

    def origins(self, request: web.Request) -> Sequence[str] | None:
        account = self._accounts.get(request.match_info["account"])
        return None if account is None else account.settings.allowed_origins


def token_of(request: web.Request) -> str:
    """The token in the Authorization header. Raises Problem 401 ``token_missing``."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized("token_missing", "A session token is needed")
    return token.strip()


def token_refused(*, expired: bool) -> Problem:
    """401 with a code that tells a client what to do: a new token."""
    code = "token_expired" if expired else "token_invalid"
    return unauthorized(code, "The session token is not valid any more")
