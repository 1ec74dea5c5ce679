"""Which pages are not parsed, because parsing would take longer than any page is worth.

Parsers that build what a browser would build take time that grows with the square of a page's depth, of the attributes of one
tag, and of the formatting that is opened and never closed: a megabyte can cost a minute. This looks at the tags once, the way
a browser's first stage does (WHATWG HTML, section 13.2.5), and wherever it cannot be sure it counts too much, not too little.
"""

import re
from dataclasses import dataclass, field

from yizhan.channels.email.reading import limits

_OPENS = re.compile(r"<[a-zA-Z]")
_FEW = 500
_SMALL = 64 << 10
_MOST_ATTRIBUTES = 200
_MOST_REOPENED = 300_000

_NEXT = re.compile(r"<(?:(/?)([a-zA-Z][^\s/>]{0,40})|!--)")
_ATTRIBUTE = re.compile(r"[\s/]*(?:=?[^\s/>=]+|=)(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|(?![\"'])[^\s>]*))?")
_COMMENT_END = re.compile(r"-{0,2}>|.*?--!?>", re.DOTALL)
_BY_ITSELF = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p", "li",
        "td", "th", "tr", "dt", "dd", "thead", "tbody", "tfoot", "colgroup", "html", "head", "body",
    }
)  # fmt: skip
_FORMATTING = frozenset(
    {
        "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
    }
)  # fmt: skip
_WALLS = frozenset(["applet", "button", "caption", "marquee", "object", "table"])
_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style", "title", "iframe")}
_UNSURE = frozenset(
    ["svg", "math", "template", "plaintext", "xmp", "noembed", "noframes", "noscript", "frameset", "select", "textarea"]
)


@dataclass(slots=True)
class _Shape:
    """What is open, and the most that ever was. ``unsure``: from here on nothing is believed to be closed."""

    unsure: bool = False
    tags: int = 0
    deepest: int = 0
    formatting: int = 0
    reopened: int = 0
    _open: list[str] = field(default_factory=list)

    def opens(self, name: str) -> None:
        self.tags += 1
        self.reopened += self.formatting
        if name in _BY_ITSELF:
            return
        self._open.append(name)
        self.deepest = max(self.deepest, len(self._open))
        self.formatting += name in _FORMATTING

    def closes(self, name: str) -> None:
        """A formatting end closes itself alone; any other what stands in it too, but never through a table or object."""
        if self.unsure or name in _BY_ITSELF:
            return
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place] == name:
                if name in _FORMATTING:
                    del self._open[place]
                    self.formatting -= 1
                else:
                    kept = [inner for inner in self._open[place + 1 :] if inner in _FORMATTING]
                    self._open[place:] = kept  # a browser opens it again in what follows
                return
            if self._open[place] in _WALLS:
                return

    @property
    def wild(self) -> bool:
        return self.deepest > limits.HTML_DEPTH or self.reopened > _MOST_REOPENED


def too_wild(html: str) -> bool:
    """Whether a page is to be read without parsing it. Linear in its length."""
    few = sum(1 for _ in _OPENS.finditer(html)) <= _FEW
    if few and len(html) <= _SMALL:
        return False
    shape, at = _Shape(), 0
    while found := _NEXT.search(html, at):
        name = (found[2] or "").lower()
        if not name:
            end = _COMMENT_END.match(html, found.end())
            at = end.end() if end else len(html)
            continue
        at, attributes = _after_tag(html, found.end())
        if attributes > _MOST_ATTRIBUTES:
            return True
        if found[1]:
            shape.closes(name)
            continue
        shape.opens(name)
        if shape.wild:
            return True
        if name in _UNSURE:
            if len(html) > _SMALL:
                return True
            shape.unsure = True
        elif name in _RAW and not shape.unsure:
            closing = _RAW[name].search(html, at)
            stop = closing.start() if closing else len(html)
            shape.unsure = "<!--" in html[at:stop]  # scripts in comments in scripts end elsewhere
            at = stop
    return False


def _after_tag(html: str, at: int) -> tuple[int, int]:
    """Where a tag ends, and how many attributes it has."""
    count = 0
    while count <= _MOST_ATTRIBUTES and (found := _ATTRIBUTE.match(html, at)) and found.end() > at:
        at, count = found.end(), count + 1
    end = html.find(">", at)
    return (len(html) if end < 0 else end + 1), count
