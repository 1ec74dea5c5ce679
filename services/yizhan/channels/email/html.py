"""A mail's page made fit for agents' eyes: what it looks like stays, what it could do or tell its sender goes.

What comes out is kept; ``core.messages.mail_page`` says how its pictures are named.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from yizhan.channels.email.reading.characters import tidy
from yizhan.channels.email.reading.limits import HTML_CHARACTERS
from yizhan.channels.email.reading.pages import without_tags
from yizhan.channels.email.reading.wildness import too_wild
from yizhan.core.messages.mail_page import MEDIA, REMOTE

MOST_CHARACTERS = 128 << 10
"""Of a cleaned page. A longer one is cut, its elements closed."""

_TAGS = frozenset(
    {
        "a", "abbr", "address", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup",
        "dd", "del", "div", "dl", "dt", "em", "figure", "figcaption", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "i", "img", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup",
        "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "wbr",
    }
)  # fmt: skip
_WITH_CONTENT = frozenset(
    {
        "script", "style", "title", "iframe", "object", "embed", "applet", "svg", "math", "template", "noscript",
        "textarea", "select", "xmp", "noembed", "noframes", "plaintext",
    }
)  # fmt: skip
_EVERYWHERE = {"align", "valign", "bgcolor", "dir", "lang", "style", "title"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan", "width", "height"},
    "th": {"colspan", "rowspan", "width", "height"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
}
_STYLES = frozenset(
    {
        "color", "background-color", "font-family", "font-size", "font-style", "font-weight", "text-align",
        "text-decoration", "text-indent", "line-height", "letter-spacing", "white-space", "vertical-align", "direction",
        "margin", "margin-left", "margin-right", "margin-top", "margin-bottom", "padding", "padding-left",
        "padding-right", "padding-top", "width", "padding-bottom", "border", "border-left", "border-right",
        "border-top", "border-bottom", "border-color", "border-width", "border-style", "border-collapse",
        "border-radius", "list-style-type", "max-width",
    }
)  # fmt: skip
_LINKS = ("http://", "https://", "mailto:", "tel:")
_NOT_IN_STYLE = re.compile(r"url\s*\(|expression|\\|@|<|javascript|image", re.IGNORECASE)
_PICTURE_WITHIN = re.compile(r"data:image/(?:png|jpeg|jpg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_MEDIA_ID = re.compile(r"[0-9a-f]{64}")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_DOTS = frozenset({"0", "1", "2", "0px", "1px", "2px"})


@dataclass(frozen=True, slots=True)
class Cleaned:
    """``remote_images``: pictures that are elsewhere and wait for a person's word. ``trackers``: such as nobody could see, gone."""

    html: str = field(repr=False)
    remote_images: int = 0
    trackers: int = 0
    clipped: bool = False


def cleaned(html: str, media_ids: Mapping[str, str]) -> Cleaned:
    """A page without scripts, forms, outside styles and loads. ``media_ids``: stored pictures by their content ids. Total."""
    html = tidy(html)[:HTML_CHARACTERS]
    if too_wild(html):
        words = without_tags(html)
        return Cleaned(f"<pre>{escape(words[:MOST_CHARACTERS])}</pre>", clipped=len(words) > MOST_CHARACTERS)
    page = LexborHTMLParser(html).body
    remote, trackers = _count(page) if page is not None else (0, 0)
    before = (page.inner_html or "") if page is not None else ""
    safe = _safe(before, media_ids)
    if len(safe) <= MOST_CHARACTERS:
        return Cleaned(safe, remote, trackers)
    return Cleaned(_safe(_cut(safe), {}, again=True), remote, trackers, clipped=True)


def _count(body: LexborNode) -> tuple[int, int]:
    """Take out pictures that only tell that they were loaded; say how many remote ones are left, and how many went."""
    remote = trackers = 0
    for image in body.css("img"):
        source = (image.attributes.get("src") or "").strip().lower()
        if not source.startswith(("http:", "https:", "//")):
            continue
        if _is_tracker(image):
            image.decompose()
            trackers += 1
        else:
            remote += 1
    return remote, trackers


def _is_tracker(image: LexborNode) -> bool:
    attributes = image.attributes
    sizes = {(attributes.get(name) or "").strip().lower() for name in ("width", "height")}
    return not sizes.isdisjoint(_DOTS) or _UNSEEN.search(attributes.get("style") or "") is not None


def _safe(html: str, media_ids: Mapping[str, str], *, again: bool = False) -> str:
    """The gate: whatever came before it, only what is listed here goes through."""

    def kept(tag: str, name: str, value: str) -> str | None:
        match tag, name:
            case "a", "href":
                return value if value.strip().lower().startswith(_LINKS) else None
            case "img", "src":
                return value if again and value.startswith((MEDIA, REMOTE)) else _source(value.strip(), media_ids)
            case _, "style":
                return None if _NOT_IN_STYLE.search(value) else value
        return value

    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=kept,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data", MEDIA[:-1], REMOTE[:-1]},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        filter_style_properties=set(_STYLES),
    )


def _source(value: str, media_ids: Mapping[str, str]) -> str | None:
    scheme = value[:8].lower()
    if scheme.startswith("cid:"):
        found = media_ids.get(unquote(value[4:])) or media_ids.get(value[4:])
        return f"{MEDIA}{found}" if found and _MEDIA_ID.fullmatch(found) else None
    if scheme.startswith(("http://", "https://")):
        return f"{REMOTE}{value}"
    return value if _PICTURE_WITHIN.fullmatch(value) else None


def _cut(html: str) -> str:
    """The beginning of a page, not ending within a tag."""
    start = html[:MOST_CHARACTERS]
    return start[: start.rfind("<")] if start.rfind("<") > start.rfind(">") else start
