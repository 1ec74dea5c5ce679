"""Reading a JSON body: bounded in size and time, strict in form, with an answer that says what is wrong."""

import asyncio
import json
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from yizhan.core.messages.half_characters import mended_json
from yizhan.core.runtime.http.problem import FieldProblem, Problem, bad_request, invalid_fields, too_large

DEFAULT_LIMIT_BYTES = 64 * 1024
READ_SECONDS = 30.0
MAX_FIELD_PROBLEMS = 20

Model = TypeVar("Model", bound=BaseModel)


async def read_json(
    request: web.Request, model: type[Model], limit: int = DEFAULT_LIMIT_BYTES, *, mend: bool = False
) -> Model:
    """The body as a model. Raises Problem: 408, 413, 415, 400 (invalid_utf8, malformed_json) or 422 (invalid_fields).

    ``limit`` is in bytes. ``mend``: half a character (see ``half_characters``) is read as its mark instead of refused. A NUL character in a string is refused: no text has one, and PostgreSQL cannot store it.
    """
    return parsed_json(await read_raw_json(request, limit), model, mend=mend)


async def read_raw_json(request: web.Request, limit: int = DEFAULT_LIMIT_BYTES) -> bytes:
    """The body as it came, for whoever checks its signature first. Raises Problem: 408, 413 or 415."""
    if request.content_type != "application/json":
        raise Problem(415, "unsupported_media_type", "The body must be application/json")
    return await _read(request, limit)


def parsed_json(raw: bytes, model: type[Model], *, mend: bool = False) -> Model:
    """A body as a model. Raises Problem: 400 (invalid_utf8, malformed_json) or 422 (invalid_fields)."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_request("invalid_utf8", "The body is not UTF-8") from error
    raw = mended_json(raw) if mend else raw
    try:
        parsed = model.model_validate_json(raw)
    except ValidationError as error:
        raise _problem(error) from error
    if rb"\u0000" in raw and (where := _nul(json.loads(raw), "")) is not None:
        raise invalid_fields([FieldProblem(where, "must not contain NUL characters")])
    return parsed


async def _read(request: web.Request, limit: int) -> bytes:
    if request.content_length is not None and request.content_length > limit:
        raise too_large(limit)
    chunks = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            while chunk := await request.content.readany():
                chunks += chunk
                if len(chunks) > limit:
                    raise too_large(limit)
    except TimeoutError as error:
        raise Problem(408, "body_timeout", "The body did not arrive in time") from error
    return bytes(chunks)


def _problem(error: ValidationError) -> Problem:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return bad_request("malformed_json", "The body is not JSON", found[0]["msg"])
    return invalid_fields(
        FieldProblem(".".join(str(part) for part in details["loc"]), details["msg"].removeprefix("Value error, "))
        for details in found[:MAX_FIELD_PROBLEMS]
    )


def _nul(value: Any, path: str) -> str | None:
    """Where in a JSON value there is a NUL character, None when nowhere."""
    match value:
        case str():
            return path if "\0" in value else None
        case dict():
            items = [(f"{path}.{name}".lstrip("."), part) for name, part in value.items()]
            if any("\0" in name for name in value):
                return path
        case list():
            items = [(f"{path}.{number}".lstrip("."), part) for number, part in enumerate(value)]
        case _:
            return None
    return next((found for where, part in items if (found := _nul(part, where)) is not None), None)
