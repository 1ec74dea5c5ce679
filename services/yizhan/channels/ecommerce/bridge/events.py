"""What a connector posts: one event each. Described in docs/channels/bridge.md.

Lengths are those of our own store; what is longer is refused, so that the connector's author sees it.
"""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from yizhan.core.messages.moment import Moment


def _no_controls(value: str) -> str:
    if any(character < " " or character == "\x7f" for character in value):
        raise ValueError("must not contain control characters")
    return value


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not contain NUL characters")
    return value


def _base64(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise ValueError("must be base64") from error


Id = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_no_controls)]
OptionalId = Annotated[str, Field(max_length=120), AfterValidator(_no_controls)]
Line = Annotated[str, Field(max_length=300), AfterValidator(_no_controls)]
Words = Annotated[str, Field(max_length=20_000), AfterValidator(_no_nul)]
Address = Annotated[str, Field(max_length=2_000), AfterValidator(_no_controls)]
Bytes = Annotated[bytes, BeforeValidator(_base64)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Minor = Annotated[int, Field(ge=-(10**12), le=10**12)]


class _Strict(BaseModel):
    """Knows what it takes; what is more is left alone, so that a connector may be newer than we are."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Buyer(_Strict):
    """``id`` as the platform has it, the same in all events."""

    id: Id
    nick: Line = ""


class TextContent(_Strict):
    type: Literal["text"]
    text: Annotated[Words, Field(min_length=1)]


class FileContent(_Strict):
    """Either ``url``, on a host that the account lists, or ``data``: base64 of the bytes."""

    type: Literal["image", "voice", "video", "file"]
    url: Address = ""
    data: Bytes = b""
    name: Line = ""
    duration_ms: Annotated[int, Field(ge=0, le=86_400_000)] = 0
    recognised: Words = ""


class LinkContent(_Strict):
    type: Literal["link"]
    url: Address
    title: Line = ""
    description: Words = ""


class LocationContent(_Strict):
    type: Literal["location"]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    label: Line = ""


class ChoiceContent(_Strict):
    """The buyer pressed an option: ``option_id`` as it came in the menu."""

    type: Literal["choice"]
    option_id: Id
    label: Line = ""


class Goods(_Strict):
    goods_id: Id
    title: Line = ""
    price_minor: Minor = 0
    currency: Currency = "CNY"
    image_url: Address = ""
    url: Address = ""


class GoodsContent(Goods):
    type: Literal["goods"]


class OrderContent(_Strict):
    type: Literal["order"]
    order_id: Id
    status: Line = ""
    goods: Annotated[tuple[Goods, ...], Field(max_length=50)] = ()
    total_minor: Minor = 0
    currency: Currency = "CNY"
    url: Address = ""


class OtherContent(_Strict):
    """Something of the platform that has no word here: it is told as such."""

    type: Literal["other"]
    kind: Line = ""
    text: Words = ""


SaidContent = Annotated[
    TextContent
    | FileContent
    | LinkContent
    | LocationContent
    | ChoiceContent
    | GoodsContent
    | OrderContent
    | OtherContent,
    Field(discriminator="type"),
]


class _Event(_Strict):
    """What all have. ``thread``: where one buyer has several conversations. ``platform``: its name, for people."""

    buyer: Buyer
    thread: OptionalId = ""
    sent_at: Moment | None = None
    platform: Line = ""


class MessageEvent(_Event):
    """``message_id`` as the platform has it: one that comes again is the same message."""

    type: Literal["message"]
    message_id: Id
    author: Literal["buyer", "seller"] = "buyer"
    seller: Line = ""
    content: SaidContent
    order_id: OptionalId = ""
    locale: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,20}$")] = ""


class ReceiptEvent(_Event):
    """What became of a message of ours: ``message_id`` is the ``message_id`` that we posted."""

    type: Literal["receipt"]
    message_id: Id
    state: Literal["delivered", "read", "failed"]
    code: Annotated[str, Field(pattern=r"^[a-z_]{0,32}$")] = ""
    text: Line = ""


class TypingEvent(_Event):
    type: Literal["typing"]


class EnteredEvent(_Event):
    """The buyer opened the conversation; ``page`` is what they were looking at."""

    type: Literal["entered"]
    page: Line = ""
    page_url: Address = ""
    locale: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,20}$")] = ""


class LeftEvent(_Event):
    """The buyer left for good, or blocked the shop."""

    type: Literal["left"]


class WindowEvent(_Event):
    """The platform lets us write, or does not any more."""

    type: Literal["window"]
    open: bool


Event = Annotated[
    MessageEvent | ReceiptEvent | TypingEvent | EnteredEvent | LeftEvent | WindowEvent, Field(discriminator="type")
]

EVENT: TypeAdapter[MessageEvent | ReceiptEvent | TypingEvent | EnteredEvent | LeftEvent | WindowEvent] = TypeAdapter(
    Event
)


def sent(event: _Event, now: datetime) -> datetime:
    """When it happened, by the platform; never later than now."""
    return min(event.sent_at, now) if event.sent_at is not None else now
