"""One mail of the corpus, and the smallest way to write one down byte by byte."""

import base64
import quopri
from dataclasses import dataclass

from yizhan.channels.email.letter import Automatic, BounceKind

SHOP = "service@shop.example"
ANNA = "anna@customer.example"
DATE = "Mon, 23 Nov 2026 09:15:00 +0800"


@dataclass(frozen=True, slots=True)
class Mail:
    """``words``: what the customer says this time, exactly; None where no one can say (as for ``sender``). ``parents``: ids it answers.

    ``appendable``: an IMAP server takes it as it is (no NUL bytes).
    """

    name: str
    raw: bytes
    sender: str | None = ANNA
    words: str | None = None
    subject: str | None = None
    message_id: str | None = None
    parents: tuple[str, ...] = ()
    references: tuple[str, ...] | None = None
    automatic: Automatic | None = None
    bounce: BounceKind | None = None
    bounced: str = ""
    recipient: str = ""
    files: tuple[str, ...] | None = None
    clipped: tuple[str, ...] = ()

    @property
    def appendable(self) -> bool:
        return b"\x00" not in self.raw and b"\n" in self.raw


def head(name: str, *more: str | bytes, **changed: str | bytes) -> bytes:
    """The usual headers, some changed (``from_``, ``subject`` …; empty: left out), others added as they are."""
    usual: dict[str, str | bytes] = {
        "from_": f"Anna <{ANNA}>",
        "to": SHOP,
        "subject": "About my order",
        "date": DATE,
        "message_id": id_of(name),
        "mime_version": "1.0",
    }
    lines = [
        key.rstrip("_").replace("_", "-").title().encode() + b": " + _bytes(value)
        for key, value in (usual | changed).items()
        if value
    ]
    return b"".join(line + b"\r\n" for line in [*lines, *map(_bytes, more)])


def id_of(name: str) -> str:
    return f"<{name.replace(' ', '-')}@customer.example>"


def mail_of(top: bytes, body: bytes) -> bytes:
    return top + b"\r\n" + body


def text_mail(name: str, text: str, *more: str | bytes, **changed: str | bytes) -> bytes:
    """A plain mail in UTF-8."""
    body = text.replace("\n", "\r\n").encode()
    return mail_of(head(name, "Content-Type: text/plain; charset=utf-8", *more, **changed), body)


def html_mail(name: str, html: str, *more: str | bytes, **changed: str | bytes) -> bytes:
    body = html.replace("\n", "\r\n").encode()
    return mail_of(head(name, "Content-Type: text/html; charset=utf-8", *more, **changed), body)


def part(body: bytes | str, *headers: str | bytes) -> bytes:
    return b"".join(_bytes(line) + b"\r\n" for line in headers) + b"\r\n" + _bytes(body)


def multipart(name: str, kind: str, *parts: bytes, more: tuple[str | bytes, ...] = (), **changed: str | bytes) -> bytes:
    return mail_of(
        head(name, f'Content-Type: multipart/{kind}; boundary="outer-b"', *more, **changed), bound("outer-b", *parts)
    )


def nested(kind: str, boundary: str, *parts: bytes) -> bytes:
    return part(bound(boundary, *parts), f'Content-Type: multipart/{kind}; boundary="{boundary}"')


def bound(boundary: str, *parts: bytes) -> bytes:
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def in_base64(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n")


def in_quoted(raw: bytes) -> bytes:
    return quopri.encodestring(raw).replace(b"\n", b"\r\n")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
