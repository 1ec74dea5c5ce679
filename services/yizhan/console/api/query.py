"""Numbers in query strings."""

from aiohttp import web

from yizhan.core.runtime.http import bad_request


def number(request: web.Request, name: str, default: int) -> int:
    """A whole number from 0 on. Raises Problem 400."""
    given = request.query.get(name, "")
    if not given:
        return default
    if not (given.isascii() and given.isdigit()) or len(given) > 15:
        raise bad_request("bad_number", f"{name} must be a whole number")
    return int(given)
