"""What a job for the recogniser carries there and back, as JSON at the edge."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

RECOGNISE = "recognise"
"""The kind of these jobs."""


@dataclass(frozen=True, slots=True)
class Request:
    """The stored file to put into words. ``kind``: ``voice`` or ``image``; ``locale`` is the customer's, empty if unknown."""

    kind: Literal["voice", "image"]
    media_id: str
    mime_type: str
    locale: str
    most_bytes: int


class Heard(BaseModel):
    """What the recogniser says it is. ``confidence``: 0 to 1. ``language``: a BCP 47 tag, empty where it does not tell."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    text: str
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)
    language: str = ""


class DocumentUnreadable(Exception):
    """The bytes are not the document that was expected; nothing of them is in the error."""


_REQUEST = TypeAdapter(Request)


def encode_request(request: Request) -> bytes:
    return _REQUEST.dump_json(request)


def decode_request(data: bytes) -> Request:
    """Raises DocumentUnreadable."""
    try:
        return _REQUEST.validate_json(data)
    except ValidationError:
        raise DocumentUnreadable from None


def encode_heard(heard: Heard) -> bytes:
    return heard.model_dump_json().encode()


def decode_heard(data: bytes) -> Heard:
    """Raises DocumentUnreadable: not JSON, not these fields, or characters that are none."""
    try:
        return Heard.model_validate_json(data)
    except ValidationError:
        raise DocumentUnreadable from None
