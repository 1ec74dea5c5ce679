"""Which version of the protocol a client speaks, and what it is told when that is too old."""

from collections.abc import Iterable

from aiohttp import web
from aiohttp.typedefs import Handler

from yizhan.channels.app.facts import LEAST_VERSION, VERSION, VERSION_HEADER
from yizhan.core.runtime.http import Problem, bad_request
from yizhan.core.runtime.http.app import rewrapped

_SPOKEN = {VERSION_HEADER: str(VERSION)}


def check_version(version: int) -> None:
    """Raises Problem 426 ``version_too_old``. A newer client than ours is welcome: it sees which version we speak."""
    if version < LEAST_VERSION:
        raise Problem(
            426,
            "version_too_old",
            "This version of the app is too old",
            f"The least version is {LEAST_VERSION}",
            headers={**_SPOKEN, "Upgrade": f"yizhan/{VERSION}"},
            least_version=LEAST_VERSION,
            version=VERSION,
        )


def negotiated(routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
    """The same routes: every answer says which version we speak, and a client that is too old is told so."""
    return [rewrapped(route, _negotiated) for route in routes]


def _negotiated(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        check_version(_asked(request))
        try:
            response = await handler(request)
        except Problem as problem:
            problem.headers.update(_SPOKEN)
            raise
        if not response.prepared:
            response.headers.update(_SPOKEN)
        return response

    return handle


def _asked(request: web.Request) -> int:
    text = request.headers.get(VERSION_HEADER, str(VERSION))
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise bad_request("version_malformed", f"{VERSION_HEADER} must be a whole number")
    return int(text)
