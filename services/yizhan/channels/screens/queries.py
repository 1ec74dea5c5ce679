"""Numbers in the query of a request."""

from aiohttp import web

from yizhan.core.runtime.http import FieldProblem, invalid_fields

MAX = 2**53 - 1


def number(request: web.Request, name: str, default: int, most: int = MAX) -> int:
    """A whole number from 0 to ``most``. Raises Problem 422 for anything else; more than ``most`` is ``most``."""
    text = request.query.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise invalid_fields([FieldProblem(name, "must be a whole number, not negative")])
    return min(int(text), most)
