"""What ``sync_msg`` gives: one type for each kind of item. Source: reference C.2.

One item that cannot be read must not keep the others from being read: it becomes ``Unreadable``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yizhan.channels.contract import CallRefused
from yizhan.channels.wechat.fields import Fields
from yizhan.channels.wechat.kf.said import Said, said_of

CUSTOMER, SYSTEM, SERVICER = 3, 4, 5
"""``origin``: who an item comes from. A servicer is somebody of the business in the WeCom app."""


@dataclass(frozen=True, slots=True)
class Head:
    msg_id: str
    open_kfid: str
    customer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerSaid:
    head: Head
    said: Said


@dataclass(frozen=True, slots=True)
class ServicerSaid:
    """``servicer``: the WeCom user id of who wrote to the customer."""

    head: Head
    servicer: str
    said: Said


@dataclass(frozen=True, slots=True)
class SessionEntered:
    """``scene``: by which link or page. ``welcome_code``: lets one message through within 20 seconds."""

    head: Head
    scene: str
    welcome_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SendFailed:
    """A message that was taken did not reach the customer. ``failed_id``: as it was named when it was sent."""

    head: Head
    failed_id: str
    fail_type: int


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """Who serves changed. ``change``: 1 taken from the pool, 2 passed on, 3 ended, 4 taken up again (memory)."""

    head: Head
    change: int
    servicer: str
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Recalled:
    """The customer took a message back."""

    head: Head
    recalled_id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing follows from it. ``kind`` is one of ``IGNORED`` or ``other``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item without what every item of its kind has."""


Item = CustomerSaid | ServicerSaid | SessionEntered | SendFailed | SessionChanged | Recalled | Ignored | Unreadable

IGNORED = frozenset({"servicer_status_change", "servicer_recall_msg", "reject_customer_msg_switch_change"})
ENDED = 3
"""``SessionChanged.change`` of a session that the servicer ended."""


def read_item(values: object) -> Item:
    """One item of ``msg_list``. Raises nothing."""
    if not isinstance(values, Mapping):
        return Unreadable()
    fields = Fields(values)
    try:
        origin, kind = fields.whole("origin"), fields.id("msgtype")
        if kind == "event":
            return _event(fields)
        if origin == CUSTOMER:
            return CustomerSaid(_head(fields, fields), _said(kind, fields))
        if origin == SERVICER:
            return ServicerSaid(_head(fields, fields), fields.text_or_empty("servicer_userid"), _said(kind, fields))
        return Ignored("other")
    except CallRefused:
        return Unreadable()


def _head(fields: Fields, owner: Fields) -> Head:
    """``owner`` has the customer: of an event it is the event."""
    open_kfid = fields.text_or_empty("open_kfid") or owner.id("open_kfid")
    return Head(fields.id("msgid"), open_kfid, owner.id("external_userid"), fields.moment("send_time"))


def _said(kind: str, fields: Fields) -> Said:
    """Somebody wrote something: what it was may be unknown, that it was is not lost."""
    try:
        return said_of(kind, fields.part(kind))
    except CallRefused:
        return said_of("", Fields({}))


def _event(fields: Fields) -> Item:
    event = fields.part("event")
    kind = event.text_or_empty("event_type")
    read = _EVENTS.get(kind)
    if read is None:
        return Ignored(kind if kind in IGNORED else "other")
    return read(_head(fields, event), event)


def _entered(head: Head, event: Fields) -> Item:
    return SessionEntered(head, event.text_or_empty("scene"), event.text_or_empty("welcome_code"))


def _failed(head: Head, event: Fields) -> Item:
    return SendFailed(head, event.text("fail_msgid"), event.whole("fail_type"))


def _changed(head: Head, event: Fields) -> Item:
    return SessionChanged(
        head, event.whole("change_type"), event.text_or_empty("new_servicer_userid"), event.text_or_empty("msg_code")
    )


def _recalled(head: Head, event: Fields) -> Item:
    return Recalled(head, event.text_or_empty("recall_msgid"))


_EVENTS: Mapping[str, Callable[[Head, Fields], Item]] = {
    "enter_session": _entered,
    "msg_send_fail": _failed,
    "session_status_change": _changed,
    "user_recall_msg": _recalled,
}
