"""What a message says: a closed set of content kinds, shared by all channels."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail is besides the words that its writer says this time. Addresses are as people read them.

    ``full_text``: with what is quoted and how it is signed; empty where the words are all there is. ``html``: cleaned, as it was
    sent, its pictures named as ``mail_page`` says; empty where there is none, or it is too long. ``remote_images``: how many of
    them would tell the sender that they were loaded. ``automatic``: the kind of program that wrote it, empty for a person.
    ``no_automatic_answer``: the sender asks programs not to answer. ``files``: so many messages with its files follow.
    ``answers_to``: the address that answers in its case go to, empty where nobody can be written to.

    Of a mail that an agent writes there are ``subject`` (empty: that of its case) and ``attachments``, which go in the same mail.
    """

    subject: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    full_text: str = ""
    html: str = ""
    remote_images: int = 0
    automatic: str = ""
    no_automatic_answer: bool = False
    clipped: bool = False
    files: int = 0
    answers_to: str = ""
    attachments: "tuple[Media, ...]" = ()


@dataclass(frozen=True, slots=True)
class Text:
    """``heard``: the customer spoke, and these are the platform's words for it. ``mail``: these are the words of a mail."""

    text: str
    heard: bool = False
    mail: Mail | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A stored file: ``media_id`` is the SHA-256 of its bytes in hexadecimal. 0 means unknown in the sizes.

    ``recognised``: what the platform took a recording for, empty where it did not say.
    """

    media_id: str
    mime_type: str
    name: str = ""
    size_bytes: int = 0
    width_px: int = 0
    height_px: int = 0
    duration_ms: int = 0
    recognised: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    media: Media


@dataclass(frozen=True, slots=True)
class Voice:
    media: Media


@dataclass(frozen=True, slots=True)
class Video:
    media: Media


@dataclass(frozen=True, slots=True)
class File:
    media: Media


@dataclass(frozen=True, slots=True)
class Location:
    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class MenuOption:
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Menu:
    """A question with buttons; the customer's press comes back as a ``Choice`` with the same ``menu_id``."""

    menu_id: str
    prompt: str
    options: tuple[MenuOption, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """``comment``: what the customer said besides, where they could."""

    menu_id: str
    option_id: str
    label: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class GoodsCard:
    """Amounts here and in the other cards are in the currency's minor unit (fen, cents)."""

    goods_id: str
    title: str
    price_minor: int = 0
    currency: str = "CNY"
    image_url: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class OrderCard:
    order_id: str
    status: str
    goods: tuple[GoodsCard, ...] = ()
    total_minor: int = 0
    currency: str = "CNY"
    url: str = ""


@dataclass(frozen=True, slots=True)
class LogisticsStep:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class LogisticsCard:
    order_id: str
    carrier: str
    tracking_number: str
    steps: tuple[LogisticsStep, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class RefundCard:
    refund_id: str
    order_id: str
    status: str
    amount_minor: int = 0
    currency: str = "CNY"
    url: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened and is shown on the timeline; ``code`` is a static name, ``text`` what people read."""

    code: str
    text: str


Content = (
    Text
    | Image
    | Voice
    | Video
    | File
    | Location
    | Link
    | Menu
    | Choice
    | GoodsCard
    | OrderCard
    | LogisticsCard
    | RefundCard
    | TimelineEvent
)


def media_of(content: Content) -> Media | None:
    """The stored file that a content refers to, if it does."""
    return content.media if isinstance(content, Image | Voice | Video | File) else None


def plain_text(content: Content) -> str:  # noqa: C901 - one arm per kind of content
    """The words of a content, for matching, previews and channels that can only show text; empty for media."""
    match content:
        case Text(text):
            return text
        case Voice(media) if media.recognised:
            return media.recognised
        case Menu(_, prompt, options):
            return "\n".join([prompt, *(f"{number}. {option.label}" for number, option in enumerate(options, 1))])
        case Choice(_, option_id, label, comment):
            return "\n".join(part for part in (label or option_id, comment) if part)
        case Link(url, title, _):
            return f"{title} {url}".strip()
        case Location(_, _, label):
            return label
        case TimelineEvent(_, text):
            return text
        case Image(media) | Voice(media) | Video(media) | File(media):
            return media.name
        case GoodsCard(_, title, _, _, _, url):
            return f"{title} {url}".strip()
        case OrderCard(order_id, status, _, _, _, url):
            return f"{order_id} {status} {url}".strip()
        case LogisticsCard(_, carrier, number, _, url):
            return f"{carrier} {number} {url}".strip()
        case RefundCard(refund_id, _, status, _, _, url):
            return f"{refund_id} {status} {url}".strip()
