"""A customer's conversations as one page that any browser shows, without a network."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape

from google.protobuf.message import DecodeError

from yizhan.core.messages.codec import Undecodable, message_from_proto
from yizhan.core.messages.content import File, Image, Media, Video, Voice
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.pb.v1.message_pb2 import Message as MessageForm

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #ccc}p{margin:.4rem 0;white-space:pre-wrap}"
    "time,.who{color:#555;font-size:.85rem}.customer{background:#eef4ff;padding:.3rem .6rem;border-radius:.4rem}"
)
_WHO = {
    AuthorKind.CUSTOMER: "客户 / customer",
    AuthorKind.BOT: "助手 / assistant",
    AuthorKind.AGENT: "客服 / agent",
    AuthorKind.SYSTEM: "系统 / system",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a transcript. ``text`` is what of it can be read; ``message`` None: nobody can read it whole."""

    conversation_id: str
    seq: int
    at: datetime
    text: str
    message: Message | None

    @property
    def media(self) -> Media | None:
        match self.message:
            case Message(content=Image(media) | Voice(media) | Video(media) | File(media)):
                return media
            case _:
                return None


def said(row: Mapping[str, object]) -> Said:
    """A row of the table of messages, with its protobuf form."""
    body, at = row["body"], row["decided_at"]
    if not isinstance(body, bytes) or not isinstance(at, datetime):
        raise TypeError("no row of the table of messages")
    try:
        message: Message | None = message_from_proto(MessageForm.FromString(body))
    except (DecodeError, Undecodable):
        message = None
    return Said(str(row["conversation_id"]), int(str(row["seq"])), at, str(row["text"]), message)


def page(items: Iterable[Said], files: Mapping[str, str]) -> str:
    """The page; ``files`` gives the path of an attachment by its id."""
    lines = [
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>对话记录 / Transcript</title><style>{_STYLE}</style></head><body>",
        "<h1>对话记录 / Transcript</h1>",
    ]
    conversation = ""
    for item in items:
        if item.conversation_id != conversation:
            conversation = item.conversation_id
            where = item.message.address.channel if item.message else ""
            lines.append(f"<h2>{escape(where)} {escape(conversation)}</h2>")
        lines.append(_line(item, files))
    return "\n".join([*lines, "</body></html>", ""])


def _line(item: Said, files: Mapping[str, str]) -> str:
    author = item.message.author if item.message else None
    kind = author.kind if author else AuthorKind.SYSTEM
    name = f" {escape(author.name)}" if author and author.name and kind is AuthorKind.AGENT else ""
    head = f'<span class="who">{_WHO[kind]}{name}</span> <time>{item.at:%Y-%m-%d %H:%M:%S}Z</time>'
    what = escape(item.text)
    if (media := item.media) is not None:
        label = escape(media.name or media.media_id)
        path = files.get(media.media_id)
        linked = f'<a href="{escape(path)}">{label}</a>' if path else f"{label} (not kept any more)"
        what = linked if item.text in {"", media.name} else f"{what} {linked}"
    return f'<p class="{kind.name.lower()}">{head}<br>{what}</p>'
