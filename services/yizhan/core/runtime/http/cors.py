"""Letting pages of other sites call some of our routes: which ones, a callback decides."""

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from yizhan.core.runtime.http.app import CORS_CHECKED, CORS_ORIGIN, rewrapped
from yizhan.core.runtime.http.peer import own_origin
from yizhan.core.runtime.http.problem import forbidden

Allowed = Callable[[web.Request, str], Awaitable[bool]]
"""Whether a page of this origin may call this route. The origin is in small letters, without a path."""


class Cors:
    """Adds CORS to routes. Credentials are never allowed: a token travels in a header, no cookie crosses sites."""

    def __init__(
        self, allowed: Allowed, *, headers: Iterable[str] = ("Authorization", "Content-Type"), max_age: int = 600
    ) -> None:
        self._allowed = allowed
        self._headers = ", ".join(headers)
        self._max_age = str(max_age)

    async def check(self, request: web.Request) -> None:
        """Raises Problem 403 ``origin_not_allowed``. Requests of our own pages and of programs (no origin) may pass."""
        request[CORS_CHECKED] = True
        origin = request.headers.get(hdrs.ORIGIN, "").lower()
        if not origin or origin == own_origin(request):
            return
        if origin == "null" or not await self._allowed(request, origin):
            raise forbidden("origin_not_allowed", "Pages of this site may not use this service")
        request[CORS_ORIGIN] = request.headers[hdrs.ORIGIN]

    def routes(self, routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
        """The same routes, checked, and an OPTIONS route for each path."""
        given = list(routes)
        methods: dict[str, list[str]] = {}
        for route in given:
            methods.setdefault(route.path, []).append(route.method)
        return [rewrapped(route, self._checked) for route in given] + [
            web.options(path, self._preflight(", ".join(sorted({*names, "OPTIONS"}))))
            for path, names in methods.items()
        ]

    def _checked(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            await self.check(request)
            return await handler(request)

        return checked

    def _preflight(self, methods: str) -> Handler:
        async def preflight(request: web.Request) -> web.StreamResponse:
            await self.check(request)
            headers = {
                hdrs.ACCESS_CONTROL_ALLOW_METHODS: methods,
                hdrs.ACCESS_CONTROL_ALLOW_HEADERS: self._headers,
                hdrs.ACCESS_CONTROL_MAX_AGE: self._max_age,
            }
            return web.Response(status=204, headers=headers)

        return preflight
