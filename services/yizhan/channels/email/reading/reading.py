"""One mail from its bytes to a ``Letter``."""

from datetime import datetime, timedelta

from yizhan.channels.email.letter import Attachment, Automatic, Letter, Mailbox
from yizhan.channels.email.reading import limits
from yizhan.channels.email.reading.automatic import automatic_kind, from_machine, suppresses_replies
from yizhan.channels.email.reading.bodies import Body, body_of
from yizhan.channels.email.reading.bounces import bounces_of
from yizhan.channels.email.reading.dates import sent_at
from yizhan.channels.email.reading.headers import Head, split
from yizhan.channels.email.reading.limits import Clipped
from yizhan.channels.email.reading.lines import joined
from yizhan.channels.email.reading.mailboxes import mailboxes
from yizhan.channels.email.reading.message_ids import ids_in, made_id, parent_ids
from yizhan.channels.email.reading.names import safe_name
from yizhan.channels.email.reading.parameters import kind_of, value_of
from yizhan.channels.email.reading.parts import Part, Reading
from yizhan.channels.email.reading.quotes import has_quote, new_words
from yizhan.channels.email.reading.words import header_text

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-forwarded-to")
_LATEST = timedelta(days=1)


def read_letter(raw: bytes, received_at: datetime) -> Letter:
    """Read any bytes as a mail. Pure and total; what was too much is named in ``clipped``.

    ``received_at`` is aware. A mail that claims to come from more than a day later has no believable date.
    ``sender.address`` is empty where no header names one.
    """
    clipped = Clipped()
    raw = _bounded(raw, clipped)
    root = Reading(raw, clipped).root()
    head = root.head
    body = body_of(root, clipped)
    sender = _sender(head)
    subject = header_text(head.first("subject"), limits.SUBJECT_CHARACTERS)
    full_text = _clip(joined(body.plain_first()), limits.FULL_TEXT_CHARACTERS, "full_text", clipped)
    bounces = bounces_of(root, tuple(body.leaves), full_text, subject, from_machine=from_machine(head, sender))
    parents, before = parent_ids(" ".join(head.every("in-reply-to")), " ".join(head.every("references")))
    html = body.html
    return Letter(
        message_id=_message_id(head, raw),
        sender=sender,
        subject=subject,
        text=_clip(_new_words(body), limits.TEXT_CHARACTERS, "text", clipped),
        full_text=full_text,
        html=html,
        in_reply_to=parents,
        references=before,
        reply_to=mailboxes(head.first("reply-to")),
        to=mailboxes(", ".join(head.every("to"))),
        cc=mailboxes(", ".join(head.every("cc"))),
        delivered_to=tuple(
            dict.fromkeys(box.address for name in _DELIVERED for value in head.every(name) for box in mailboxes(value))
        ),
        sent_at=_believable(sent_at(head.first("date")), received_at),
        attachments=_attachments(body, html),
        automatic=Automatic.BOUNCE if bounces else automatic_kind(root, sender, subject),
        suppresses_replies=suppresses_replies(head),
        bounce=bounces[0] if bounces else None,
        bounces=bounces,
        read_message_id=_read_id(body),
        clipped=clipped.names,
    )


def _bounded(raw: bytes, clipped: Clipped) -> bytes:
    if len(raw) > limits.RAW_BYTES:
        clipped("size")
        raw = raw[: limits.RAW_BYTES]
    raw = raw.lstrip(b"\r\n \t") if raw[:1] in b"\r\n \t" else raw
    return raw if b"\n" in raw else raw.replace(b"\r", b"\n")  # line ends of a very old program


def _sender(head: Head) -> Mailbox:
    """From is who wrote; the others stand in where it names no address."""
    for name in ("from", "sender", "reply-to", "return-path", "x-sender"):
        for value in head.every(name):
            if found := mailboxes(value):
                return found[0]
    return Mailbox("", header_text(head.first("from"), limits.NAME_CHARACTERS))


def _message_id(head: Head, raw: bytes) -> str:
    if found := ids_in(head.first("message-id")):
        return found[0]
    named = (head.first(name).encode("utf-8", "replace") for name in ("from", "date", "subject"))
    _, body = split(raw, 0, len(raw), Clipped())
    return made_id(*named, raw[body:])


def _new_words(body: Body) -> str:
    """From the plain form, unless only the page says which part is quoted, or there is hardly a plain form."""
    plain = body.plain_first()
    if body.html:
        page = body.page_first()
        if body.only_pages or not joined(plain) or (has_quote(page) and not has_quote(plain)):
            marked = new_words(page)
            return marked if len(marked) < len(joined(page)) else new_words(body.page_first(by_element=False))
    return new_words(plain)


def _attachments(body: Body, html: str) -> tuple[Attachment, ...]:
    return tuple(_attachment(part, number, html) for number, part in enumerate(body.files, 1))


def _attachment(part: Part, number: int, html: str) -> Attachment:
    disposition = value_of(part.head.first("content-disposition"))
    mime_type = kind_of(part.type_, "application/octet-stream")
    name = safe_name(disposition.get("filename") or part.type_.get("name"), mime_type, number)
    content_id = next(iter(ids_in(part.head.first("content-id"))), "").strip("<>")
    return Attachment(name, mime_type, part.data(), content_id, bool(content_id) and f"cid:{content_id}" in html)


def _read_id(body: Body) -> str:
    """Which mail of ours a read receipt is about."""
    for part in body.leaves:
        if part.kind == "message/disposition-notification":
            raw = part.data(limits.HEAD_BYTES)
            head, _ = split(raw, 0, len(raw), Clipped())
            return next(iter(ids_in(head.first("original-message-id"))), "")
    return ""


def _believable(at: datetime | None, received_at: datetime) -> datetime | None:
    return at if at is None or at <= received_at + _LATEST else None


def _clip(text: str, most: int, name: str, clipped: Clipped) -> str:
    if len(text) > most:
        clipped(name)
    return text[:most].rstrip()
