"""From a message to the bytes of a mail. Pure: time, ids and files are given.

Headers are written here, one by one: what comes from people is reduced to one printable line before it is encoded, so that
nothing in a name or a subject can begin another header. Bodies are always encoded, so that no line is too long.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from yizhan.channels.email.ids import kept

MOST_SUBJECT_CHARS = 300
LINE_CHARS = 76

_URL = re.compile(r"https?://[^\s<>\"'，。；：！？、）】」]+")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_MIME = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with a mail."""

    name: str
    mime_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail to be. Addresses are normal ones (``addresses.normal``). ``reply_to`` empty: as ``sender``.

    ``automatic``: no person wrote it, and no program is to answer it. ``page``: the words as HTML; empty: made of them.
    """

    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    reply_to: str
    subject: str
    text: str = field(repr=False)
    message_id: str
    in_reply_to: str
    references: Sequence[str]
    at: datetime
    automatic: bool
    files: Sequence[Attached] = ()
    page: str = field(default="", repr=False)


def composed(draft: Draft) -> bytes:
    """The mail, ready to be sent."""
    body = _body(draft)
    headers = [
        ("From", _mailbox(draft.sender_name, draft.sender)),
        ("To", _mailbox(draft.recipient_name, draft.recipient)),
        ("Subject", _words(draft.subject[:MOST_SUBJECT_CHARS], len("Subject: "))),
        ("Date", format_datetime(draft.at)),
        ("Message-ID", draft.message_id),
    ]
    if draft.reply_to and draft.reply_to != draft.sender:
        headers.append(("Reply-To", _mailbox(draft.sender_name, draft.reply_to)))
    if kept(draft.in_reply_to):
        headers.append(("In-Reply-To", draft.in_reply_to))
    if ids := [one for one in draft.references if kept(one)]:
        headers.append(("References", "\r\n ".join(ids)))
    if draft.automatic:
        headers += [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode("ascii") + body


def answer_subject(subject: str) -> str:
    """The subject of an answer in a case of this (plain) subject."""
    return f"Re: {subject}" if subject else "Re:"


def as_html(text: str) -> str:
    """The text for programs that show HTML: paragraphs, lines, addresses that can be clicked, nothing else."""
    paragraphs = (_paragraph(part) for part in re.split(r"\n{2,}", text.strip("\n")))
    return f"<!DOCTYPE html>\n<html><body>\n{''.join(paragraphs)}</body></html>\n"


def _body(draft: Draft) -> bytes:
    message = EmailMessage(policy=SMTP)
    text = _plain(draft.text)
    message.set_content(text, cte=_encoding(text), charset="utf-8")
    page = draft.page or as_html(text)
    message.add_alternative(page, subtype="html", cte=_encoding(page), charset="utf-8")
    for file in draft.files:
        kind = file.mime_type if _MIME.fullmatch(file.mime_type) else "application/octet-stream"
        if kind.startswith(("message/", "multipart/")):
            kind = "application/octet-stream"  # a file is a file, whatever it is taken for
        maintype, _, subtype = kind.partition("/")
        message.add_attachment(file.data, maintype=maintype, subtype=subtype, filename=_file_name(file.name))
    return message.as_bytes(policy=SMTP)


def _file_name(name: str) -> str:
    """One name without folders."""
    last = re.split(r"[/\\\\]", one_line(name))[-1].strip(" .")
    return last[:120] or "file"


def _encoding(text: str) -> str:
    """Base64 for what is mostly not ASCII, else quoted-printable: neither makes long lines."""
    foreign = sum(1 for one in text if not one.isascii())
    return "base64" if foreign * 6 > len(text) else "quoted-printable"


def _plain(text: str) -> str:
    """One kind of line ends, no control characters but tabs; lone surrogates, which have no bytes, become question marks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept_lines = ("".join(one for one in line if one == "\t" or ord(one) >= 32) for line in lines)
    return "\n".join(kept_lines).encode("utf-8", "replace").decode() + "\n"


def one_line(text: str) -> str:
    """Printable characters on one line."""
    clean = "".join(one if one.isprintable() else " " for one in text.encode("utf-8", "replace").decode())
    return " ".join(clean.split())


def _words(text: str, used: int = 0) -> str:
    """A header's text: as it is where it is short ASCII, else in encoded words (RFC 2047), folded."""
    line = one_line(text)
    if line.isascii() and "=?" not in line and len(line) + used <= LINE_CHARS:
        return line
    return Header(line, "utf-8", maxlinelen=LINE_CHARS, header_name="x" * used).encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    shown = one_line(name)[:100]
    if not shown:
        return address
    if _PHRASE.fullmatch(shown) and "=?" not in shown and len(shown) + len(address) < LINE_CHARS - 15:
        return f'"{shown}" <{address}>'
    encoded = Header(shown, "utf-8", maxlinelen=LINE_CHARS, header_name="Reply-To").encode(linesep="\r\n")
    return f"{encoded}\r\n <{address}>"


def _paragraph(text: str) -> str:
    lines = "<br>\n".join(_linked(line) for line in text.split("\n"))
    return f"<p>{lines}</p>\n"


def _linked(line: str) -> str:
    parts: list[str] = []
    end = 0
    for found in _URL.finditer(line):
        parts.append(html.escape(line[end : found.start()]))
        url = html.escape(found[0])
        parts.append(f'<a href="{url}">{url}</a>')
        end = found.end()
    parts.append(html.escape(line[end:]))
    return "".join(parts)
