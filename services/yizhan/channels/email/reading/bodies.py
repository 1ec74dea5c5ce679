"""Which parts of a mail are its words, which are pages, and which are files."""

from dataclasses import dataclass, field
from html import escape

from yizhan.channels.email.reading import limits
from yizhan.channels.email.reading.characters import decoded, tidy
from yizhan.channels.email.reading.limits import Clipped
from yizhan.channels.email.reading.lines import Line, plain_lines, unflowed
from yizhan.channels.email.reading.pages import page_lines
from yizhan.channels.email.reading.parameters import value_of
from yizhan.channels.email.reading.parts import Part

_REPORTS = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "text/rfc822-headers",
        "message/global-headers",
    }
)


@dataclass(slots=True)
class Segment:
    """One piece of the body; where both are there, they say the same. None: there is no such form."""

    plain: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Body:
    segments: list[Segment] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    leaves: list[Part] = field(default_factory=list)

    def plain_first(self) -> list[Line]:
        return [line for segment in self.segments for line in _lines(segment, page=segment.plain is None)]

    def page_first(self, *, by_element: bool = True) -> list[Line]:
        return [
            line
            for segment in self.segments
            for line in _lines(segment, page=segment.html is not None, by_element=by_element)
        ]

    @property
    def only_pages(self) -> bool:
        """Whether nothing of it was sent as plain text."""
        return all(segment.plain is None for segment in self.segments)

    @property
    def html(self) -> str:
        """The whole as one page; empty where no piece of it is one."""
        if all(segment.html is None for segment in self.segments):
            return ""
        return "\n".join(
            segment.html if segment.html is not None else f"<pre>{escape(segment.plain or '')}</pre>"
            for segment in self.segments
        )


def _lines(segment: Segment, *, page: bool, by_element: bool = True) -> list[Line]:
    if page:
        return page_lines(segment.html or "", by_element=by_element)
    return plain_lines(segment.plain or "")


def body_of(root: Part, clipped: Clipped) -> Body:
    """Sort the parts. Nothing is unpacked: archives, attached mails, winmail.dat and signed or sealed parts are files."""
    body = Body()
    _sort(root, body, clipped, report=root.kind == "multipart/report")
    if len(body.files) > limits.ATTACHMENTS:
        clipped("attachments")
        del body.files[limits.ATTACHMENTS :]
    return body


def _sort(part: Part, body: Body, clipped: Clipped, *, report: bool) -> None:
    if part.kind == "multipart/alternative":
        inner = Body()
        for child in part.parts:
            _sort(child, inner, clipped, report=report)
        body.files += inner.files
        body.leaves += inner.leaves
        if inner.segments:
            body.segments.append(_merged(inner.segments))
        return
    if part.parts:
        for child in part.parts:
            _sort(child, body, clipped, report=report)
        return
    body.leaves.append(part)
    if report and (part.kind in _REPORTS or part.kind == "message/rfc822"):
        return  # what came back is our own mail, and what the report says is read from its fields
    if _is_file(part):
        body.files.append(part)
    elif part.kind == "text/html":
        body.segments.append(Segment(html=_page(part, clipped)))
    else:
        body.segments.append(Segment(plain=_plain(part, clipped)))


def _merged(segments: list[Segment]) -> Segment:
    plains = [segment.plain for segment in segments if segment.plain is not None]
    pages = [segment.html for segment in segments if segment.html is not None]
    return Segment(
        "\n".join(plains) if any(text.strip() for text in plains) or not pages else None,
        "\n".join(pages) if pages else None,
    )


def _is_file(part: Part) -> bool:
    if part.kind not in {"text/plain", "text/html", "text/enriched", "text/markdown"}:
        return True
    disposition = value_of(part.head.first("content-disposition"))
    return disposition.word == "attachment" or bool(disposition.get("filename") or part.type_.get("name"))


def _plain(part: Part, clipped: Clipped) -> str:
    text = _text(part, clipped)
    if part.type_.get("format").lower() == "flowed":
        return unflowed(text, delete_space=part.type_.get("delsp").lower() == "yes")
    return text


def _page(part: Part, clipped: Clipped) -> str:
    text = _text(part, clipped)
    if len(text) > limits.HTML_CHARACTERS:
        clipped("html")
    return text[: limits.HTML_CHARACTERS]


def _text(part: Part, clipped: Clipped) -> str:
    raw = part.data(limits.TEXT_BYTES + 1)
    if len(raw) > limits.TEXT_BYTES:
        clipped("text")
        raw = raw[: limits.TEXT_BYTES]
        while raw and raw[-1] >= 0x80:
            raw = raw[:-1]
    charset = part.type_.get("charset")
    if not charset and part.kind == "text/html":
        charset = _declared_in(raw)
    return tidy(decoded(raw, charset))


def _declared_in(raw: bytes) -> str:
    head = raw[:2048].lower()
    _, found, rest = head.partition(b"charset=")
    return (
        rest.lstrip(b" \"'")[:40]
        .split(b'"')[0]
        .split(b"'")[0]
        .split(b">")[0]
        .split(b";")[0]
        .strip(b" /")
        .decode("ascii", "replace")
        if found
        else ""
    )
