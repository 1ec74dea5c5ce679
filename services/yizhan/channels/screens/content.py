"""From what a customer sent to the content of a message: cleaned, bounded, and with files that exist."""

from typing import Protocol

from yizhan.channels.screens.protocol import (
    MAX_TEXT_CHARS,
    BadFrame,
    ChoiceIn,
    MediaIn,
    RawContent,
    TextIn,
    parse_content,
)
from yizhan.channels.screens.text import clean_line, clean_text
from yizhan.core.messages.content import Choice, Content, File, Image, Media, Text


class ContentRefused(Exception):
    """One message cannot be taken as it is. ``code`` is for programs, ``title`` for people."""

    def __init__(self, code: str, title: str) -> None:
        super().__init__(code)
        self.code = code
        self.title = title


class MediaUnavailable(Exception):
    """The media store cannot be asked now."""


class FindMedia(Protocol):
    async def __call__(self, media_id: str) -> Media | None:
        """The stored file, None when there is none. Raises MediaUnavailable."""


async def content_of(raw: RawContent, find_media: FindMedia) -> Content:
    """Raises ContentRefused, or MediaUnavailable."""
    try:
        given = parse_content(raw)
    except BadFrame as error:
        raise ContentRefused("bad_content", f"Not a message that can be sent: {error}") from error
    match given:
        case TextIn():
            return _text(given.text)
        case ChoiceIn():
            return Choice(
                clean_line(given.menu_id, 100), clean_line(given.option_id, 100), clean_line(given.label, 200)
            )
        case MediaIn():
            return await _media(given, find_media)


def _text(text: str) -> Text:
    cleaned = clean_text(text)
    if not cleaned:
        raise ContentRefused("empty", "The message is empty")
    if len(cleaned) > MAX_TEXT_CHARS:
        raise ContentRefused("too_long", f"The message is longer than {MAX_TEXT_CHARS} characters")
    return Text(cleaned)


async def _media(given: MediaIn, find_media: FindMedia) -> Content:
    media = await find_media(given.media.id)
    if media is None:
        raise ContentRefused("unknown_media", "The file has to be uploaded first")
    is_image = media.mime_type.startswith("image/")
    if given.type == "image" and not is_image:
        raise ContentRefused("bad_content", "The file is not an image")
    return Image(media) if given.type == "image" else File(media)
