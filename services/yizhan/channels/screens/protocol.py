"""The clients' protocol as it comes in: frames of the socket and bodies of the requests, checked at the edge.

What goes out is built in ``view``. The full texts are ``docs/website-protocol.md`` and ``docs/app-protocol.md``.
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
    VERSION = 4426
    RATE = 4429


class BadFrame(Exception):
    """What came in is no frame of the protocol. The text says what is wrong, without what was sent."""


class Strict(BaseModel):
    """Strict in types; fields that this version does not know are ignored, as a newer client may send them."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]
ClientId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
RawContent = dict[str, JsonValue]
"""Content that is read later, so that a wrong one refuses one message and not the connection."""


class Hello(Strict):
    type: Literal["hello"]
    token: str = Field(max_length=4096)
    after: Seq = 0


class Auth(Strict):
    """A new token for a connection whose token ends; of the app's protocol only."""

    type: Literal["auth"]
    token: str = Field(max_length=8192)


class Send(Strict):
    type: Literal["send"]
    client_id: ClientId
    content: RawContent


class TypingNow(Strict):
    type: Literal["typing"]


class Delivered(Strict):
    type: Literal["delivered"]
    seq: Seq


class Read(Strict):
    type: Literal["read"]
    seq: Seq


class Ping(Strict):
    type: Literal["ping"]


class Resync(Strict):
    type: Literal["resync"]
    after: Seq


Talk = Send | TypingNow | Delivered | Read | Ping | Resync
Frame = Hello | Auth | Talk

_FRAME: TypeAdapter[Frame] = TypeAdapter(Annotated[Hello | Talk, Field(discriminator="type")])


def parse_frame(raw: str | bytes, frames: TypeAdapter[Frame] = _FRAME) -> Frame:
    """A frame of these kinds. Raises BadFrame for anything that is not UTF-8, JSON and a frame that clients send.

    A customer's words are not lost over half a character in them: a message with one is mended.
    """
    try:
        return frames.validate_json(raw)
    except ValidationError as error:
        mended = _mended(raw, frames)
        if mended is not None:
            return mended
        raise BadFrame(_first_problem(error)) from None
    except (UnicodeEncodeError, RecursionError) as error:
        raise BadFrame(type(error).__name__) from None


def _mended(raw: str | bytes, frames: TypeAdapter[Frame]) -> Send | None:
    """The message that this would be without halves of characters; None where it is none."""
    given = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    mended = mended_json(given)
    if mended == given:
        return None
    try:
        frame = frames.validate_json(mended)
    except (ValidationError, RecursionError):
        return None
    return frame if isinstance(frame, Send) else None


class TextIn(Strict):
    type: Literal["text"]
    text: str


class MediaRef(Strict):
    id: str = Field(pattern=r"^[0-9a-f]{64}$")


class MediaIn(Strict):
    type: Literal["image", "file"]
    media: MediaRef


class ChoiceIn(Strict):
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


class MessageBody(Strict):
    client_id: ClientId
    content: RawContent


class ReceiptBody(Strict):
    state: Literal["delivered", "read"]
    seq: Seq


def _first_problem(error: ValidationError) -> str:
    details: Any = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in details["loc"])
    return f"{where}: {details['msg']}" if where else str(details["msg"])
