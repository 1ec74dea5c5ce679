"""HTML as lines of text: blocks stay blocks, links keep where they lead, and quotes are known by their elements."""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from yizhan.channels.email.reading.lines import Line, Made
from yizhan.channels.email.reading.wildness import too_wild

_ANY_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|title|head)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_SILENT = frozenset(
    {
        "script", "style", "head", "title", "template", "noscript", "object", "applet", "svg", "math", "select",
        "button", "iframe", "textarea",
    }
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "includetail", "li", "main",
        "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
    }
)  # fmt: skip
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_QUOTE_CLASSES = frozenset(
    {
        "gmail_quote",
        "gmail_attr",
        "yahoo_quoted",
        "qmbox",
        "ntes-mailmaster-quote",
        "moz-cite-prefix",
        "protonmail_quote",
    }
)
_QUOTE_IDS = frozenset(
    {"isreplycontent", "divrplyfwdmsg", "isforwardcontent", "ntes-quote", "mail-editor-reference-message-container"}
)
_QUOTE_TO_END = frozenset({"divrplyfwdmsg", "appendonsend"})
_SIGNATURE_CLASSES = frozenset({"gmail_signature", "moz-signature", "ntes-signature", "foxmail_signature", "mail_sign"})
_SIGNATURE_IDS = re.compile(
    r"ntes-pc\w*-signature|ntes-signature|ms-outlook-mobile-signature|signature|_?foxmail_?sign\w*|spnEditorSign_app",
    re.IGNORECASE,
)
_SCHEMES = ("http://", "https://", "mailto:", "tel:")


def without_tags(html: str) -> str:
    """The words of a page that is not parsed."""
    return _ANY_TAG.sub(" ", _UNSEEN.sub(" ", html))


def page_lines(html: str, *, by_element: bool = True) -> list[Line]:
    """The text of a page. ``by_element``: say of lines that they are quoted or signed where their element says so."""
    if too_wild(html):
        return [Line(text) for text in without_tags(html).split("\n")]
    body = LexborHTMLParser(html).body
    if body is None:
        return []
    writer = _Writer()
    _walk(body, writer, by_element=by_element)
    writer.end_line()
    return writer.lines


@dataclass(slots=True)
class _Writer:
    """Text put together the way a browser would lay it out."""

    lines: list[Line] = field(default_factory=list)
    made: Made = Made.OWN
    open: list[str] = field(default_factory=list)
    _space: bool = False

    def add(self, text: str, *, kept: bool = False) -> None:
        if kept:
            for number, piece in enumerate(text.split("\n")):
                if number:
                    self.end_line(always=True)
                if piece:
                    self.open.append(piece)
            return
        words = text.split()
        if not words:
            self._space = self._space or bool(text)
            return
        if self.open and (self._space or text[0].isspace()):
            self.open.append(" ")
        self.open.append(" ".join(words))
        self._space = text[-1].isspace()

    def end_line(self, *, always: bool = False) -> None:
        if self.open or always:
            self.lines.append(Line("".join(self.open), self.made))
        self.open, self._space = [], False

    def empty_line(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].text:
            self.lines.append(Line("", self.made))


@dataclass(slots=True)
class _Step:
    """An element that is entered, or left (``made`` is what held before it)."""

    node: LexborNode
    made: Made | None = None
    link: str = ""
    start: int = 0


def _walk(body: LexborNode, writer: _Writer, *, by_element: bool) -> None:  # noqa: C901 - one branch per kind of node
    steps: list[_Step] = [_Step(body)]
    to_end = False
    while steps:
        step = steps.pop()
        node = step.node
        tag = str(node.tag)
        if step.made is not None:
            _leave(tag, step, writer)
            writer.made = Made.QUOTED if to_end else step.made
            continue
        if tag == "-text":
            writer.add(node.text_content or "", kept=_in_pre(node))
            continue
        if tag in _SILENT or tag.startswith(("-", "!")):
            continue
        attributes = node.attributes
        if _HIDDEN.search(attributes.get("style") or ""):
            continue
        if tag == "br":
            writer.end_line(always=True)
            continue
        if tag == "img":
            writer.add(f" {_label(attributes.get('alt'))} " if _label(attributes.get("alt")) else "")
            continue
        if tag in _BLOCKS:
            (writer.empty_line if tag in _SPACED else writer.end_line)()
        if tag == "li":
            writer.add("- ")
        elif tag in {"td", "th"}:
            writer.add(" ")
        before = writer.made
        if by_element:
            if (ids := (attributes.get("id") or "").strip().lower()) in _QUOTE_TO_END:
                to_end = True
            if to_end or _quotes(node, tag, attributes, ids):
                writer.end_line()
                writer.made = Made.QUOTED
            elif before is Made.OWN and _signs(attributes):
                writer.end_line()
                writer.made = Made.SIGNED
        steps.append(
            _Step(node, before, (attributes.get("href") or "").strip() if tag == "a" else "", len(writer.open))
        )
        children = list(node.iter(include_text=True))
        steps.extend(_Step(child) for child in reversed(children))


def _leave(tag: str, step: _Step, writer: _Writer) -> None:
    """Close a block, or say where a link leads if its words do not."""
    if step.link.lower().startswith(_SCHEMES):
        label = "".join(writer.open[step.start :]).strip()
        target = step.link[:500]
        if label and label.rstrip("/") not in {target.rstrip("/"), target.partition(":")[2].lstrip("/").rstrip("/")}:
            writer.add(f" ({target})")
        elif not label and not writer.open:
            writer.add(target)
    if tag in _BLOCKS or writer.made is not step.made:
        writer.end_line()
    if tag in _SPACED:
        writer.empty_line()


def _quotes(node: LexborNode, tag: str, attributes: dict[str, str | None], ids: str) -> bool:
    classes = _classes(attributes)
    if tag in {"blockquote", "includetail"}:
        return True
    if "gmail_quote" in classes or "gmail_quote_container" in classes:
        return node.css_first("blockquote") is None  # answers may stand between what it holds
    return ids in _QUOTE_IDS or not classes.isdisjoint(_QUOTE_CLASSES)


def _signs(attributes: dict[str, str | None]) -> bool:
    return not _classes(attributes).isdisjoint(_SIGNATURE_CLASSES) or bool(
        _SIGNATURE_IDS.fullmatch((attributes.get("id") or "").strip())
    )


def _classes(attributes: dict[str, str | None]) -> frozenset[str]:
    return frozenset((attributes.get("class") or "").lower().split())


def _label(alt: str | None) -> str:
    return " ".join((alt or "").split())[:100]


def _in_pre(node: LexborNode) -> bool:
    parent = node.parent
    return parent is not None and parent.tag == "pre"
