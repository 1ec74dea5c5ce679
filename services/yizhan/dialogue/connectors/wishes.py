"""A wished-for time, as a task's slot names it: a day, a part of a day, a point in time, or a span of two.

``2026-11-25`` · ``2026-11-25 afternoon`` · ``2026-11-25T15:00`` · ``2026-11-25T13:00/2026-11-25T16:00``; a time without
a zone is in the business's own.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from yizhan.dialogue.connectors.model import AppointmentSlot

PARTS: dict[str, tuple[int, int]] = {
    "morning": (6, 12),
    "noon": (11, 14),
    "afternoon": (12, 18),
    "evening": (18, 22),
    "am": (6, 12),
    "pm": (12, 18),
}
"""From hour to hour, by the business's clock."""


class WishUnreadable(ValueError):
    """It is none of the forms above."""


def read_wish(text: str, zone: ZoneInfo) -> AppointmentSlot:
    """Raises WishUnreadable."""
    try:
        begins, slash, ends = text.strip().partition("/")
        if slash:
            span = AppointmentSlot(_point(begins, zone), _point(ends, zone))
            if span.begins > span.ends:
                raise WishUnreadable("backwards")
            return span
        return _one(begins, zone)
    except (ValueError, OverflowError) as error:
        raise WishUnreadable("not a time") from error


def write_slot(slot: AppointmentSlot, zone: ZoneInfo) -> str:
    """The form that ``read_wish`` takes, by the business's clock."""
    return "/".join(at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for at in (slot.begins, slot.ends))


def show_slot(slot: AppointmentSlot, zone: ZoneInfo, locale: str) -> str:
    """For a customer to choose: 11月25日 周三 13:00–16:00."""
    begins, ends = slot.begins.astimezone(zone), slot.ends.astimezone(zone)
    hours = f"{begins:%H:%M}–{ends:%H:%M}"
    if locale.lower().startswith("en"):
        return f"{begins:%a} {begins.day} {begins:%b}, {hours}"
    return f"{begins.month}月{begins.day}日 周{'一二三四五六日'[begins.weekday()]} {hours}"


def _one(text: str, zone: ZoneInfo) -> AppointmentSlot:
    day, _, part = text.replace("T", " ", 1).partition(" ")
    midnight = datetime.combine(date.fromisoformat(day), time(), zone)
    if not part:
        return AppointmentSlot(midnight, midnight + timedelta(days=1))
    if part.strip().lower() in PARTS:
        first, last = PARTS[part.strip().lower()]
        return AppointmentSlot(midnight + timedelta(hours=first), midnight + timedelta(hours=last))
    point = _point(text, zone)
    return AppointmentSlot(point, point)


def _point(text: str, zone: ZoneInfo) -> datetime:
    at = datetime.fromisoformat(text.strip())
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)
