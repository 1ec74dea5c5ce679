"""Exceptions for the log: types, places and messages, without local variables.

Libraries put the offending value into their messages (a customer's text that did not fit a column, a body that is no
JSON). Those messages are cut down to what says where and of which kind.
"""

import re
import traceback
from typing import Any

from pydantic import ValidationError

from yizhan.core.runtime.redaction import redact_text

MAX_CHAIN = 8
MAX_FRAMES = 25
MAX_MESSAGE_CHARS = 300

_FIRST_LINE_ONLY = ("sqlalchemy", "asyncpg", "sqlite3", "aiosqlite")
"""Database errors: the first line names the constraint or the lost connection; SQL, parameters and details follow."""

_SILENT_NAMES = (
    "DataError",
    "DecodeError",
    "InvalidTextRepresentation",
    "CharacterNotInRepertoire",
    "UnicodeEncodeError",
)
"""Errors about a value: every message of theirs quotes it."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|'[^']*$|\"[^\"]*$")


def describe(error: BaseException) -> list[dict[str, Any]]:
    """The exception, what it was raised from, and so on: ``type``, ``message`` and ``frames`` of each, outermost first."""
    chain: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(chain) < MAX_CHAIN:
        seen.add(id(current))
        chain.append(_one(current))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def as_text(error: BaseException) -> str:
    """The same for people, one place a line."""
    lines: list[str] = []
    for number, link in enumerate(describe(error)):
        lines.append(f"{'caused by ' if number else ''}{link['type']}: {link['message']}".rstrip(": "))
        lines += (f"  {frame}" for frame in link["frames"])
        lines += (f"  also {other}" for other in link.get("others", ()))
    return "\n".join(lines)


def message_of(error: BaseException) -> str:
    """What the exception says, without the values it is about."""
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(map(str, details['loc']))}: {details['type']}"
            for details in error.errors(include_url=False, include_context=False, include_input=False)[:10]
        )
    kinds = type(error).__mro__
    if any(kind.__name__.endswith(_SILENT_NAMES) for kind in kinds):
        return ""
    text = str(error)
    if any(kind.__module__.split(".")[0] in _FIRST_LINE_ONLY for kind in kinds):
        text = text.split("\n", 1)[0]
    if isinstance(error, (ValueError, LookupError)) and not type(error).__module__.startswith("yizhan."):
        text = _QUOTED.sub("'…'", text)
    return redact_text(text[: MAX_MESSAGE_CHARS * 2])[:MAX_MESSAGE_CHARS]


def _one(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
    ]
    link: dict[str, Any] = {"type": name, "message": message_of(error), "frames": frames[-MAX_FRAMES:]}
    if isinstance(error, BaseExceptionGroup):
        link["others"] = [f"{type(other).__name__}: {message_of(other)}" for other in error.exceptions[:10]]
    return link
