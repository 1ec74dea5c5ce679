"""Attachments as editors write them, one to a line.

A link is its address and, after a blank, its title. Everything else, and a link with a description, is a JSON object:
``{"type": "goods", "goods_id": "A1", "title": "雨衣", "price_minor": 9900}``.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import urlsplit

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from yizhan.core.messages.content import File, GoodsCard, Image, Link, Media
from yizhan.dialogue.knowledge.entry import Attachment
from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.texts import clean, unprintable

MOST_URL_CHARS = 2_000
_URL = re.compile(r"https?://[^\s<>\"'\\^`{|}，。；、（）《》“”]+")
"""Chinese punctuation ends an address: it belongs to the sentence around it."""
_IMAGE_TYPE = r"image/[a-z0-9][a-z0-9.+\-]{0,60}"
_FILE_TYPE = r"[a-z]{1,20}/[a-z0-9][a-z0-9.+\-]{0,100}"


def _shown(text: str) -> str:
    if unprintable(text):
        raise ValueError("not printable")
    return clean(text, lines=False)


def _address(text: str) -> str:
    if unprintable(text) or not is_url(text):
        raise ValueError("not a web address")
    return text


def _address_or_none(text: str) -> str:
    return _address(text) if text else ""


_Words = Annotated[str, Field(max_length=200), AfterValidator(_shown)]
_Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_shown), Field(min_length=1)]
_Description = Annotated[str, Field(max_length=500), AfterValidator(_shown)]
_Url = Annotated[str, Field(max_length=MOST_URL_CHARS), AfterValidator(_address)]
_MaybeUrl = Annotated[str, Field(max_length=MOST_URL_CHARS), AfterValidator(_address_or_none)]
_Size = Annotated[int, Field(ge=0, le=2**40)]
_Pixels = Annotated[int, Field(ge=0, le=2**20)]
_MediaId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z")]


class _Object(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Link(_Object):
    type: Literal["link"]
    url: _Url
    title: _Words = ""
    description: _Description = ""


class _Image(_Object):
    type: Literal["image"]
    media_id: _MediaId
    mime_type: Annotated[str, Field(pattern=rf"^{_IMAGE_TYPE}\z")]
    name: _Words = ""
    size_bytes: _Size = 0
    width_px: _Pixels = 0
    height_px: _Pixels = 0


class _File(_Object):
    type: Literal["file"]
    media_id: _MediaId
    mime_type: Annotated[str, Field(pattern=rf"^{_FILE_TYPE}\z")]
    name: _Words = ""
    size_bytes: _Size = 0


class _Goods(_Object):
    type: Literal["goods"]
    goods_id: _Name
    title: _Name
    price_minor: _Size = 0
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}\z")] = "CNY"
    image_url: _MaybeUrl = ""
    url: _MaybeUrl = ""


_Written = _Link | _Image | _File | _Goods
_WRITTEN: TypeAdapter[_Written] = TypeAdapter(Annotated[_Written, Field(discriminator="type")])


def is_url(text: str) -> bool:
    """Whether the text is a web address that a customer may be sent to: http or https, a host, no log-in in it."""
    if not _URL.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and "@" not in parts.netloc and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def attachment(line: str) -> Attachment | p.Reason:
    """What one line, which is not blank, says, or what is wrong with it."""
    if line.startswith("{"):
        return _from_object(line)
    url, *title = line.split(maxsplit=1)
    if len(url) > MOST_URL_CHARS or not is_url(url):
        return p.NOT_AN_ATTACHMENT
    try:
        return _attachment(_Link(type="link", url=url, title="".join(title)))
    except ValidationError as error:
        return _reason(error)


def line_of(item: Attachment) -> str:
    """The line that ``attachment`` reads as this attachment; it has no line break."""
    if isinstance(item, Link) and not item.description:
        return f"{item.url} {item.title}".strip()
    return object_of(item).decode()


def object_of(item: Attachment) -> bytes:
    """The JSON object of an attachment, without what is at its default."""
    return orjson.dumps(_written(item).model_dump(exclude_defaults=True))


def lines_of(items: Sequence[Attachment]) -> str:
    """All of them, as they stand in one cell."""
    return "\n".join(line_of(item) for item in items)


def _from_object(line: str) -> Attachment | p.Reason:
    try:
        return _attachment(_WRITTEN.validate_python(orjson.loads(line)))
    except orjson.JSONDecodeError:
        return p.ATTACHMENT_NOT_JSON
    except ValidationError as error:
        return _reason(error)


def _reason(error: ValidationError) -> p.Reason:
    """The first thing that is wrong; the value itself is not repeated."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # Where a field is wrong, the kind of attachment stands before it; of a link that is written as a line, only the field.
    where = str(first["loc"][-1])[:40] if first["loc"] else ""
    match first["type"]:
        case "union_tag_not_found" | "union_tag_invalid":
            return p.UNKNOWN_ATTACHMENT
        case "missing":
            return p.attachment_lacks(where)
        case "extra_forbidden":
            return p.attachment_has_no(where)
        case "string_too_long":
            return p.attachment_too_long(where)
        case _:
            return p.attachment_wrong(where)


def _attachment(written: _Written) -> Attachment:
    match written:
        case _Link():
            return Link(written.url, written.title, written.description)
        case _Image():
            size = (written.size_bytes, written.width_px, written.height_px)
            return Image(Media(written.media_id, written.mime_type, written.name, *size))
        case _File():
            return File(Media(written.media_id, written.mime_type, written.name, written.size_bytes))
        case _Goods():
            money = (written.price_minor, written.currency)
            return GoodsCard(written.goods_id, written.title, *money, written.image_url, written.url)


def _written(item: Attachment) -> _Written:
    match item:
        case Link(url, title, description):
            return _Link.model_construct(type="link", url=url, title=title, description=description)
        case Image(media):
            return _Image.model_construct(
                type="image",
                media_id=media.media_id,
                mime_type=media.mime_type,
                name=media.name,
                size_bytes=media.size_bytes,
                width_px=media.width_px,
                height_px=media.height_px,
            )
        case File(media):
            return _File.model_construct(
                type="file",
                media_id=media.media_id,
                mime_type=media.mime_type,
                name=media.name,
                size_bytes=media.size_bytes,
            )
        case GoodsCard():
            return _Goods.model_construct(
                type="goods",
                goods_id=item.goods_id,
                title=item.title,
                price_minor=item.price_minor,
                currency=item.currency,
                image_url=item.image_url,
                url=item.url,
            )
