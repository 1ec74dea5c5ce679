"""Between a time as a task's slot names it (``tasks.slots.moments``, by the business's clock) and a span of two points."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from yizhan.dialogue.connectors.model import AppointmentSlot
from yizhan.dialogue.tasks.slots.moments import Hours, Moment, moment


class WishUnreadable(ValueError):
    """It is no moment."""


def read_wish(text: str, zone: ZoneInfo) -> AppointmentSlot:
    """The span in which an appointment is wished for; one point where a time was named. Raises WishUnreadable."""
    try:
        wish = moment(text.strip())
        begins, ends = _begins(wish, zone), _ends(wish, zone)
    except (ValueError, OverflowError) as error:
        raise WishUnreadable("not a moment") from error
    if ends < begins or (wish.last is not None and wish.last < wish.day):
        raise WishUnreadable("backwards")
    return AppointmentSlot(begins, ends)


def write_slot(slot: AppointmentSlot, zone: ZoneInfo) -> str:
    """The canonical moment of a time to book, which ``read_wish`` takes again."""
    return _moment(slot, zone).canonical


def show_slot(slot: AppointmentSlot, zone: ZoneInfo, locale: str) -> str:
    """The same for a customer to choose: 2026年11月25日（周三）13:00–16:00."""
    return _moment(slot, zone).shown("en" if locale.lower().startswith("en") else "zh")


def _moment(slot: AppointmentSlot, zone: ZoneInfo) -> Moment:
    begins, ends = slot.begins.astimezone(zone), slot.ends.astimezone(zone)
    hours = Hours(begins.time().replace(second=0, microsecond=0), ends.time().replace(second=0, microsecond=0))
    return Moment(begins.date(), hours=hours)


def _begins(wish: Moment, zone: ZoneInfo) -> datetime:
    return datetime.combine(wish.day, wish.hours.start if wish.hours else time(), zone)


def _ends(wish: Moment, zone: ZoneInfo) -> datetime:
    """Midnight as an end is the day's end."""
    if wish.hours is not None and wish.hours.end is None:
        return _begins(wish, zone)
    last = datetime.combine(wish.last or wish.day, time(), zone)
    if wish.hours is None or wish.hours.end in {None, time()}:
        return last + timedelta(days=1)
    return datetime.combine(wish.day, wish.hours.end or time(), zone)
