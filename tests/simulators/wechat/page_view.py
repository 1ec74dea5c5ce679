"""What the web page of the phone is told: chat lines, rights, pushes and calls, as JSON."""

import time
from typing import Any

from tests.simulators.wechat.follower import Follower
from tests.simulators.wechat.person import Line, Person
from tests.simulators.wechat.records import Call, Menu, PushResult, Received

Json = dict[str, Any]


def line(entry: Line) -> Json:
    """One line of the chat: ``side`` is right (the customer), left (the account) or middle (the phone itself)."""
    if entry.received is not None:
        return {"at": entry.at, "side": "left"} | _received(entry.received)
    if entry.said is not None:
        side = "middle" if entry.said["kind"] == "event" else "right"
        return {"at": entry.at, "side": side} | entry.said
    return {"at": entry.at, "side": "middle", "kind": "notice", "text": entry.notice}


def _received(seen: Received) -> Json:
    found: Json = {"kind": seen.kind, "text": seen.text, "via": seen.via}
    part = _part(seen)
    found["media"] = part.get("media_id") or part.get("MediaId") or ""
    if seen.menu:
        found["menu"] = _menu(seen.menu)
    if seen.kind in {"news", "link", "miniprogrampage", "miniprogram", "location"}:
        found["card"] = _card(part)
    return found


def _part(seen: Received) -> Json:
    """The object inside the message, however the way it came spells it."""
    if seen.via == "passive":
        inner = seen.raw.get(seen.kind.capitalize()) or seen.raw.get("Articles", {}).get("item")
    else:
        inner = seen.raw.get(seen.kind)
    if isinstance(inner, dict) and isinstance(inner.get("articles"), list):
        return inner["articles"][0]
    return inner if isinstance(inner, dict) else {}


def _card(part: Json) -> Json:
    def first(*names: str) -> str:
        return next((str(part[name]) for name in names if part.get(name)), "")

    return {
        "title": first("title", "Title", "name"),
        "text": first("description", "Description", "desc", "pagepath", "address"),
        "url": first("url", "Url"),
        "picture": first("picurl", "PicUrl", "thumb_url"),
        "thumb": first("thumb_media_id"),
    }


def _menu(menu: Menu) -> Json:
    items = [{"id": item.id, "label": item.label, "kind": item.kind, "url": item.url} for item in menu.items]
    return {"head": menu.head, "items": items, "tail": menu.tail}


def person(found: Person, after: int) -> Json:
    """The chat from line ``after`` on, and what the account may still send."""
    now = found.stage.now()
    return {
        "openid": found.openid,
        "chat": [line(entry) for entry in found.chat[after:]],
        "total": len(found.chat),
        "rights": [
            {"trigger": room.trigger, "left": room.left, "seconds": int(room.closes_at - now)}
            for room in found.quota.rooms(now)
        ],
        "typing": isinstance(found, Follower) and now < found.typing_until,
        "subscribed": not isinstance(found, Follower) or found.subscribed,
    }


def push(what: str, result: PushResult) -> Json:
    return {
        "what": what,
        "key": result.key,
        "attempts": [
            {
                "status": attempt.status,
                "milliseconds": round(attempt.seconds * 1000),
                "problem": "" if attempt.status == 200 and not attempt.problem else attempt.problem or "failed",
                "body": attempt.body[:200],
            }
            for attempt in result.attempts
        ],
        "reply": result.reply is not None,
        "notice": result.notice,
    }


def call(made: Call) -> Json:
    at = time.strftime("%H:%M:%S", time.localtime(made.at))
    return {"at": at, "api": made.api, "path": made.path, "openid": made.openid, "errcode": made.errcode}
