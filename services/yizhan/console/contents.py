"""What an agent may say, as it comes in from the console's client."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from yizhan.core.messages.content import Content, File, Image, Mail, Media, Text
from yizhan.core.runtime.http import Problem
from yizhan.core.store.media import MediaStore

MOST_CHARACTERS = 4000
MOST_MAIL_CHARACTERS = 20_000
MOST_SUBJECT_CHARACTERS = 300
MOST_ATTACHMENTS = 20
MOST_ATTACHED_BYTES = 18 << 20
"""Of one mail: written as text it is a third larger, and many servers take no more than 25 MB."""


class MediaRef(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, Field(max_length=200)] = ""


class MailIn(BaseModel):
    """What a reply by mail has besides its words. No ``subject``: that of its case."""

    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, Field(max_length=MOST_SUBJECT_CHARACTERS)] = ""
    attachments: Annotated[list[MediaRef], Field(max_length=MOST_ATTACHMENTS)] = []


class TextIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=MOST_MAIL_CHARACTERS)]
    mail: MailIn | None = None


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
        return await _text(given, media)
    named = await _stored(given.media, media)
    return Image(named) if named.mime_type.startswith("image/") else File(named)


async def _text(given: TextIn, media: MediaStore) -> Text:
    if not given.text.strip():
        raise Problem(422, "text_empty", "There is nothing to send")
    if given.mail is None:
        if len(given.text) > MOST_CHARACTERS:
            raise Problem(422, "too_long", f"At most {MOST_CHARACTERS} characters")
        return Text(given.text)
    files = [await _stored(one, media) for one in given.mail.attachments]
    if sum(file.size_bytes for file in files) > MOST_ATTACHED_BYTES:
        raise Problem(422, "attachments_too_large", f"At most {MOST_ATTACHED_BYTES >> 20} MiB in one mail")
    return Text(given.text, mail=Mail(subject=" ".join(given.mail.subject.split()), attachments=tuple(files)))


async def _stored(given: MediaRef, media: MediaStore) -> Media:
    stored = await media.find(given.id)
    if stored is None:
        raise Problem(422, "media_unknown", "Upload the file first")
    return Media(
        stored.media_id,
        stored.mime_type,
        given.name or stored.name,
        stored.size_bytes,
        stored.width_px,
        stored.height_px,
    )
