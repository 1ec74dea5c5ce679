"""What an agent may say, as it comes in from the console's client."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from yizhan.core.messages.content import Content, File, Image, Media, Text
from yizhan.core.runtime.http import Problem
from yizhan.core.store.media import MediaStore

MOST_CHARACTERS = 4000


class TextIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]


class MediaRef(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, Field(max_length=200)] = ""


class MediaIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["image", "file"]
    media: MediaRef


ContentIn = Annotated[TextIn | MediaIn, Field(discriminator="type")]


class SuggestionIn(BaseModel):
    """What became of the answers suggested beside the reply box. Nothing taken: ``entry_id`` is empty.

    ``searched``: the one that was taken was found by searching.
    """

    model_config = ConfigDict(extra="forbid")

    entry_id: Annotated[str, Field(max_length=200)] = ""
    edited: bool = False
    searched: bool = False
    shown: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=3)] = []


class Saying(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
    epoch: Annotated[int, Field(ge=0)]
    content: ContentIn
    suggestion: SuggestionIn | None = None


async def content_of(given: TextIn | MediaIn, media: MediaStore) -> Content:
    """The content to send. What a file is, the media store says, not the client. Raises Problem 422."""
    if isinstance(given, TextIn):
        if not given.text.strip():
            raise Problem(422, "text_empty", "There is nothing to send")
        return Text(given.text)
    stored = await media.find(given.media.id)
    if stored is None:
        raise Problem(422, "media_unknown", "Upload the file first")
    named = Media(
        stored.media_id,
        stored.mime_type,
        given.media.name or stored.name,
        stored.size_bytes,
        stored.width_px,
        stored.height_px,
    )
    return Image(named) if named.mime_type.startswith("image/") else File(named)
