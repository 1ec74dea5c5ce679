"""How a mail becomes contents: its words with what it is besides, then its files, in the order in which it has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.channels.email.html import cleaned
from yizhan.channels.email.letter import Attachment, Letter, Mailbox
from yizhan.core.messages.content import Content, File, Image, Mail, Media, Text, Video, Voice
from yizhan.core.store.media import MediaRefused, MediaStore

MOST_TEXT = 20_000
MOST_FULL_TEXT_BYTES = 32 << 10
MOST_HTML_BYTES = 48 << 10
"""A transcript is read by the hundred messages; what is longer is left out and said to be."""

MOST_MAILBOXES = 50

_NO_WORDS = "（无正文 / no text）"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a mail and what came of it: stored, or why not."""

    attachment: Attachment
    media: Media | None = None
    reason: str = ""


async def contents_of(store: MediaStore, letter: Letter) -> Sequence[Content]:
    """Keep a mail's files and say what is shown of it. Raises StoreUnavailable."""
    return contents(letter, [await _kept(store, attachment) for attachment in letter.attachments])


def contents(letter: Letter, files: Sequence[Kept]) -> tuple[Content, ...]:
    """Pure. The first is always the words: they carry what the mail is; then one for each file, also where it was not let in."""
    return (Text(_words(letter), mail=_mail(letter, files)), *(_file(file) for file in files))


def _words(letter: Letter) -> str:
    """Whoever writes all in the subject has said it there."""
    words = letter.text.strip() or letter.full_text.strip() or letter.subject.strip()
    return words[:MOST_TEXT] or _NO_WORDS


def _mail(letter: Letter, files: Sequence[Kept]) -> Mail:
    pictures = {file.attachment.content_id: file.media.media_id for file in files if file.media is not None}
    pictures.pop("", None)
    page = cleaned(letter.html, pictures) if letter.html else None
    whole, words = letter.full_text.strip(), _words(letter)
    full_text = _fitting(whole if whole != words else "", MOST_FULL_TEXT_BYTES)
    html = page.html if page is not None and len(page.html.encode()) <= MOST_HTML_BYTES else ""
    return Mail(
        subject=letter.subject,
        sender=_shown(letter.sender),
        to=tuple(_shown(box) for box in letter.to[:MOST_MAILBOXES]),
        cc=tuple(_shown(box) for box in letter.cc[:MOST_MAILBOXES]),
        full_text=full_text,
        html=html,
        remote_images=page.remote_images if page is not None and html else 0,
        automatic=letter.automatic.value if letter.automatic else "",
        no_automatic_answer=letter.suppresses_replies,
        files=len(files),
        clipped=bool(letter.clipped)
        or (bool(letter.html) and (not html or (page is not None and page.clipped)))
        or len(full_text) < (len(whole) if whole != words else 0),
    )


async def _kept(store: MediaStore, attachment: Attachment) -> Kept:
    try:
        return Kept(attachment, await store.put(attachment.data, attachment.name))
    except MediaRefused as refused:
        return Kept(attachment, reason=refused.reason)


def _file(file: Kept) -> Content:
    media = file.media
    if media is None:
        return Text(f"[附件未接收 / attachment not taken: {file.attachment.name}, {file.reason}]")
    match media.mime_type.partition("/")[0]:
        case "image":
            return Image(media)
        case "audio":
            return Voice(media)
        case "video":
            return Video(media)
    return File(media)


def _shown(box: Mailbox) -> str:
    """The address is always there: a name alone may claim to be anyone."""
    return f"{box.name} <{box.address}>" if box.name else box.address


def _fitting(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
