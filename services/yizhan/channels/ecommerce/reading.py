"""What platforms write into JSON, as the kinds of values that are worked with: ids as text, words without control characters.

Platforms' ids have 64 bits and come as numbers or as text, often both within one platform; inside they are text, always.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import orjson
from pydantic import BeforeValidator, Field

from yizhan.core.messages.half_characters import mended_json

MAX_ID_CHARS: Final = 128
LATEST_SECONDS: Final = 4_102_444_800
"""The year 2100: a time after it is none, and reckoning with it could overflow."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""Some databases take no NUL, and nobody can read the others."""


class NotJson(ValueError):
    """The bytes are no JSON object."""


def json_object(raw: bytes) -> dict[str, Any]:
    """Raises NotJson."""
    try:
        found = orjson.loads(mended_json(raw))
    except orjson.JSONDecodeError:
        raise NotJson from None
    if not isinstance(found, dict):
        raise NotJson
    return found


def _text(value: object) -> object:
    """Numbers become text; what is neither is left for the validation to refuse."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return value
    return str(value) if isinstance(value, int) else value


def _clean(value: object) -> object:
    value = _text(value)
    return _CONTROL.sub("", value) if isinstance(value, str) else value


Id = Annotated[
    str, BeforeValidator(_text), Field(min_length=1, max_length=MAX_ID_CHARS, pattern=r"^[^\s\x00-\x1f\x7f]+$")
]
"""An id of the platform's, which must be there."""

MaybeId = Annotated[str, BeforeValidator(_text), Field(max_length=MAX_ID_CHARS, pattern=r"^[^\s\x00-\x1f\x7f]*$")]
"""An id that may be missing: empty then."""

Words = Annotated[str, BeforeValidator(_clean)]
"""Text for people; empty where it is missing."""

Seconds = Annotated[int, Field(ge=0, le=LATEST_SECONDS)]
"""Unix time; 0 where it is missing."""


def moment(seconds: int) -> datetime | None:
    """None: it was not said."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
