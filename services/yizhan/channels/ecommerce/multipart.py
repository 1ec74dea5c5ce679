"""A file as the body of a form (RFC 7578), for platforms that take pictures that way."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FilePart:
    """``part`` is what the form calls it."""

    part: str
    name: str
    mime_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    content_type: str
    body: bytes = field(repr=False)


def form_of(file: FilePart, boundary: str, fields: Mapping[str, str] | None = None) -> Form:
    """The form. ``boundary`` must not be in the file: an id made for the purpose is not."""
    edge = f"--{boundary}\r\n".encode()
    body = bytearray()
    for name, value in (fields or {}).items():
        body += edge + f'Content-Disposition: form-data; name="{_quotable(name)}"\r\n\r\n{value}\r\n'.encode()
    head = f'Content-Disposition: form-data; name="{_quotable(file.part)}"; filename="{_quotable(file.name)}"\r\n'
    body += edge + head.encode() + f"Content-Type: {file.mime_type}\r\n\r\n".encode()
    body += file.data + f"\r\n--{boundary}--\r\n".encode()
    return Form(f"multipart/form-data; boundary={boundary}", bytes(body))


def _quotable(name: str) -> str:
    """A name that cannot end its header."""
    return "".join("_" if char in '"\\' or char < " " else char for char in name) or "file"
