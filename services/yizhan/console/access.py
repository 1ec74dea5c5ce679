"""Sessions of signed-in people: cookies, CSRF, and who may do what."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import hdrs, web

from yizhan.console import store
from yizhan.console.store import Session, User
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http import Problem, forbidden, is_https, own_origin, unauthorized
from yizhan.core.security.compare import same
from yizhan.core.store.database import Database

COOKIE = "yizhan_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who makes a request, under which session."""

    user: User
    session: Session


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PersonHandler = Callable[[web.Request, SignedIn], Awaitable[web.StreamResponse]]


class Access:
    """Gives and checks sessions. A session is a random cookie whose hash is stored; it ends at a fixed time."""

    def __init__(self, database: Database, *, lasts: timedelta, clock: Clock) -> None:
        self._database = database
        self._lasts = lasts
        self._clock = clock

    async def open(self, request: web.Request, user: User) -> tuple[Session, web.Response]:
        """Begin a session; the response carries its cookie and has no body yet."""
        cookie = secrets.token_urlsafe(32)
        now = self._clock()
        session = Session(key_of(cookie), user.id, secrets.token_urlsafe(24), now, now + self._lasts)
        async with self._database.begin() as tx:
            await store.delete_expired(tx, now)
            await store.insert_session(tx, session)
            await store.note(tx, user.workspace, now, user.id, "signed_in")
        response = web.Response(content_type="application/json")
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(self._lasts.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=is_https(request),
            path="/",
        )
        return session, response

    async def close(self, signed_in: SignedIn) -> web.Response:
        """End the session and take its cookie back."""
        async with self._database.begin() as tx:
            await store.delete_session(tx, signed_in.session.key)
            await store.note(tx, signed_in.user.workspace, self._clock(), signed_in.user.id, "signed_out")
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    async def who(self, request: web.Request) -> SignedIn | None:
        """Who makes this request; None when the session is missing or over."""
        cookie = request.cookies.get(COOKIE, "")
        if not cookie:
            return None
        async with self._database.read() as tx:
            found = await store.session_and_user(tx, key_of(cookie), self._clock())
        return SignedIn(found[1], found[0]) if found else None

    def signed_in(self, handler: PersonHandler, *roles: str) -> Handler:
        """The handler for signed-in people with one of these roles (any, when none is named), safe from forged requests.

        Raises Problem: 401, 403 ``role_missing``, ``csrf_failed`` or ``origin_not_allowed``.
        """

        async def checked(request: web.Request) -> web.StreamResponse:
            check_origin(request)
            person = await self.who(request)
            if person is None:
                raise unauthorized("not_signed_in")
            if request.method not in SAFE and not same(request.headers.get(CSRF_HEADER, ""), person.session.csrf):
                raise forbidden("csrf_failed", "Reload the page and try again")
            if roles and not person.user.may(*roles):
                raise forbidden("role_missing", "Your role does not allow this")
            return await handler(request, person)

        return checked


def check_origin(request: web.Request) -> None:
    """A page of another site may not use a person's cookie. Raises Problem 403."""
    origin = request.headers.get(hdrs.ORIGIN, "").lower()
    if origin and origin != own_origin(request):
        raise forbidden("origin_not_allowed", "Pages of other sites may not use the console")


def key_of(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


def locked(seconds: float) -> Problem:
    return Problem(423, "locked", "Too many wrong passwords", retry_after=seconds)
