"""The website client protocol as it comes in: frames of the socket and bodies of the requests, checked at the edge.

What goes out is built in ``view``. The full text is ``docs/website-protocol.md``.
"""

from enum import IntEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from yizhan.core.messages.half_characters import mended_json

MAX_FRAME_BYTES = 64 * 1024
MAX_TEXT_CHARS = 4000
PING_SECONDS = 25
HELLO_SECONDS = 10.0
"""How long a client may take to say who it is."""

SILENT_SECONDS = 75.0
"""A client that is not heard of for so long (three pings) is gone."""


class CloseCode(IntEnum):
    """Why the server closes a socket."""

    GOING_AWAY = 1001
    RESTARTING = 1012
    SLOW = 1013
    BAD_FRAME = 4400
    TOKEN = 4401
    ORIGIN = 4403
    ACCOUNT = 4404
    TIMEOUT = 4408
    TOO_BIG = 4413
    RATE = 4429


class BadFrame(Exception):
    """What came in is no frame of the protocol. The text says what is wrong, without what was sent."""


class _Model(BaseModel):
    """Strict in types; fields that this version does not know are ignored, as a newer client may send them."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]
ClientId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
RawContent = dict[str, JsonValue]
"""Content that is read later, so that a wrong one refuses one message and not the connection."""


class Hello(_Model):
    type: Literal["hello"]
    token: str = Field(max_length=4096)
    after: Seq = 0


class Send(_Model):
    type: Literal["send"]
    client_id: ClientId
    content: RawContent


class TypingNow(_Model):
    type: Literal["typing"]


class Delivered(_Model):
    type: Literal["delivered"]
    seq: Seq


class Read(_Model):
    type: Literal["read"]
    seq: Seq


class Ping(_Model):
    type: Literal["ping"]


class Resync(_Model):
    type: Literal["resync"]
    after: Seq


Frame = Hello | Send | TypingNow | Delivered | Read | Ping | Resync

_FRAME: TypeAdapter[Frame] = TypeAdapter(Annotated[Frame, Field(discriminator="type")])


def parse_frame(raw: str | bytes) -> Frame:
    """Raises BadFrame for anything that is not UTF-8, JSON and a frame that clients send.

    A customer's words are not lost over half a character in them: a message with one is mended.
    """
    try:
        return _FRAME.validate_json(raw)
    except ValidationError as error:
        mended = _mended(raw)
        if mended is not None:
            return mended
        raise BadFrame(_first_problem(error)) from None
    except (UnicodeEncodeError, RecursionError) as error:
        raise BadFrame(type(error).__name__) from None


def _mended(raw: str | bytes) -> Send | None:
    """The message that this would be without halves of characters; None where it is none."""
    given = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    mended = mended_json(given)
    if mended == given:
        return None
    try:
        frame = _FRAME.validate_json(mended)
    except (ValidationError, RecursionError):
        return None
    return frame if isinstance(frame, Send) else None


class TextIn(_Model):
    type: Literal["text"]
    text: str


class MediaRef(_Model):
    id: str = Field(pattern=r"^[0-9a-f]{64}$")


class MediaIn(_Model):
    type: Literal["image", "file"]
    media: MediaRef


class ChoiceIn(_Model):
    type: Literal["choice"]
    menu_id: str = Field(min_length=1, max_length=100)
    option_id: str = Field(min_length=1, max_length=100)
    label: str = Field("", max_length=500)


ContentIn = TextIn | MediaIn | ChoiceIn

_CONTENT: TypeAdapter[ContentIn] = TypeAdapter(Annotated[ContentIn, Field(discriminator="type")])


def parse_content(raw: RawContent) -> ContentIn:
    """What a customer may send. Raises BadFrame."""
    try:
        return _CONTENT.validate_python(raw)
    except ValidationError as error:
        raise BadFrame(_first_problem(error)) from None


class JwtIn(_Model):
    jwt: str = Field(min_length=1, max_length=8192)


class HmacIn(_Model):
    user_id: str = Field(min_length=1, max_length=512)
    hmac: str = Field(min_length=1, max_length=128)
    name: str = Field("", max_length=400)


class PageIn(_Model):
    url: str = Field("", max_length=8192)
    title: str = Field("", max_length=2000)


class SessionBody(_Model):
    token: str = Field("", max_length=4096)
    identity: JwtIn | HmacIn | None = None
    locale: str = Field("", max_length=100)
    page: PageIn = PageIn()


class MessageBody(_Model):
    client_id: ClientId
    content: RawContent


class ReceiptBody(_Model):
    state: Literal["delivered", "read"]
    seq: Seq


def _first_problem(error: ValidationError) -> str:
    details: Any = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in details["loc"])
    return f"{where}: {details['msg']}" if where else str(details["msg"])
