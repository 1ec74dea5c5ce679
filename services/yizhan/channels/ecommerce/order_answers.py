"""Reading what platforms answer about orders: JSON of an agreed form, times of China, amounts."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from yizhan.channels.contract import Refused, RetryLater
from yizhan.core.messages.half_characters import mended_json
from yizhan.core.messages.money import minor_of

CHINA = timezone(timedelta(hours=8))
_LATEST = 253_402_300_799  # the last second of the year 9999


class Part(BaseModel):
    """Part of an answer; what it has besides does not matter."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def _text(value: Any) -> Any:
    """Ids are text whatever the platform sends; null is nothing."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _list(value: Any) -> Any:
    return () if value is None else value


Text = Annotated[str, BeforeValidator(_text)]
Amount = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, float) else _text(value))]
PartT = TypeVar("PartT")
Many = Annotated[tuple[PartT, ...], BeforeValidator(_list)]
"""A list that may be null."""

Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], body: bytes) -> Model:
    """Raises RetryLater for what is no JSON (a gateway in trouble), and Refused for another form than was agreed."""
    try:
        found = orjson.loads(mended_json(body))
    except ValueError:
        raise RetryLater from None
    try:
        return model.model_validate(found)
    except ValidationError:
        raise Refused("unreadable", "the platform answered something else than its documentation says") from None


def minor(amount: str, currency: str) -> int:
    """0 where it does not say."""
    try:
        return minor_of(amount, currency) if amount else 0
    except ValueError:
        return 0


def china_time(text: str) -> datetime | None:
    """``yyyy-MM-dd HH:mm:ss`` by the clocks of China."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None


def iso_time(text: str) -> datetime | None:
    """ISO 8601; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def unix_time(seconds: int) -> datetime | None:
    """None for 0, which platforms write for never."""
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST else None


def china_stamp(now: datetime) -> str:
    """Now as the gateways in China want it."""
    return now.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
