"""From the fields of an event to its type.

Names of events differ in case from page to page of the platform's documents; they are compared without it.
"""

from collections.abc import Callable, Mapping

from yizhan.channels.wechat.events import (
    Consented,
    DeskEvent,
    EventHead,
    EventPush,
    Job,
    JobFinished,
    JobsFinished,
    KfHint,
    MenuFollowed,
    MenuScanned,
    MenuTouched,
    Scanned,
    SessionEntered,
    Subscribed,
    UnknownEvent,
    Unsubscribed,
    WhereaboutsReported,
)
from yizhan.channels.wechat.fields import Fields

_SCENE = "qrscene_"


def read_event(fields: Fields, receiver: str) -> EventPush:
    """Raises CallRefused (400). An event without a name, or with one that is not known, is an ``UnknownEvent``."""
    name = fields.text_or_empty("Event")
    known = _EVENTS.get(name.lower())
    sender = fields.id("FromUserName") if known and known is not _kf_hint else fields.text_or_empty("FromUserName")
    head = EventHead(receiver, sender, fields.moment("CreateTime"), name, _key(fields) if known else "")
    return known(head, fields) if known else UnknownEvent(head)


def _key(fields: Fields) -> str:
    return fields.text_or_empty("EventKey")


def _subscribed(head: EventHead, _: Fields) -> Subscribed:
    return Subscribed(head, head.key.removeprefix(_SCENE) if head.key.startswith(_SCENE) else "")


def _unsubscribed(head: EventHead, _: Fields) -> Unsubscribed:
    return Unsubscribed(head)


def _scanned(head: EventHead, fields: Fields) -> Scanned:
    return Scanned(head, fields.text("EventKey"))


def _whereabouts(head: EventHead, fields: Fields) -> WhereaboutsReported:
    return WhereaboutsReported(head, fields.decimal("Latitude", 90), fields.decimal("Longitude", 180))


def _menu_touched(head: EventHead, fields: Fields) -> MenuTouched:
    return MenuTouched(head, fields.text("EventKey"))


def _menu_scanned(head: EventHead, fields: Fields) -> MenuScanned:
    result = fields.part("ScanCodeInfo").text_or_empty("ScanResult")
    return MenuScanned(head, fields.text("EventKey"), result, waits=head.name.lower() == "scancode_waitmsg")


def _menu_followed(head: EventHead, _: Fields) -> MenuFollowed:
    return MenuFollowed(head, head.key)


def _template_finished(head: EventHead, fields: Fields) -> JobFinished:
    return _job(head, fields, Job.TEMPLATE)


def _mass_finished(head: EventHead, fields: Fields) -> JobFinished:
    return _job(head, fields, Job.MASS)


def _job(head: EventHead, fields: Fields, job: Job) -> JobFinished:
    status = fields.text("Status")
    return JobFinished(head, job, fields.id("MsgID"), status.lower() in {"success", "send success"}, status)


def _desk(head: EventHead, fields: Fields) -> DeskEvent:
    if head.name.lower() == "kf_switch_session":
        return DeskEvent(head, fields.text("ToKfAccount"), fields.text("FromKfAccount"))
    return DeskEvent(head, fields.text("KfAccount"))


def _subscriptions(fields: Fields, container: str) -> tuple[Fields, ...]:
    """In XML the list is inside a field of the event's own name, in JSON it may stand alone."""
    return (fields.part(container) if container in fields else fields).parts("List")


def _asked(head: EventHead, fields: Fields) -> Consented:
    return _consented(head, _subscriptions(fields, "SubscribeMsgPopupEvent"))


def _changed(head: EventHead, fields: Fields) -> Consented:
    return _consented(head, _subscriptions(fields, "SubscribeMsgChangeEvent"))


def _consented(head: EventHead, items: tuple[Fields, ...]) -> Consented:
    return Consented(head, tuple((item.text("TemplateId"), item.text("SubscribeStatusString")) for item in items))


def _subscriptions_sent(head: EventHead, fields: Fields) -> JobsFinished:
    """MsgID, ErrorCode and ErrorStatus of each are from memory; the reference names the list alone."""
    items = _subscriptions(fields, "SubscribeMsgSentEvent")
    return JobsFinished(
        head,
        tuple(
            JobFinished(
                head,
                Job.SUBSCRIBE,
                item.text_or_empty("MsgID"),
                item.text_or_empty("ErrorCode") == "0",
                item.text_or_empty("ErrorStatus"),
            )
            for item in items
        ),
    )


def _session_entered(head: EventHead, fields: Fields) -> SessionEntered:
    return SessionEntered(head, fields.text_or_empty("SessionFrom"))


def _kf_hint(head: EventHead, fields: Fields) -> KfHint:
    return KfHint(head, fields.id("OpenKfId"), fields.text("Token"))


_EVENTS: Mapping[str, Callable[[EventHead, Fields], EventPush]] = {
    "subscribe": _subscribed,
    "unsubscribe": _unsubscribed,
    "scan": _scanned,
    "location": _whereabouts,
    "click": _menu_touched,
    "scancode_push": _menu_scanned,
    "scancode_waitmsg": _menu_scanned,
    "view": _menu_followed,
    "view_miniprogram": _menu_followed,
    "pic_sysphoto": _menu_followed,
    "pic_photo_or_album": _menu_followed,
    "pic_weixin": _menu_followed,
    "location_select": _menu_followed,
    "templatesendjobfinish": _template_finished,
    "masssendjobfinish": _mass_finished,
    "kf_create_session": _desk,
    "kf_close_session": _desk,
    "kf_switch_session": _desk,
    "subscribe_msg_popup_event": _asked,
    "subscribe_msg_change_event": _changed,
    "subscribe_msg_sent_event": _subscriptions_sent,
    "user_enter_tempsession": _session_entered,
    "kf_msg_or_event": _kf_hint,
}
