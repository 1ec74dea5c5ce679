"""When the demo shop's people can come, or receive a customer: three times a day, some of them taken by others."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from yizhan.demo.orders.shop import ZONE
from yizhan.dialogue.connectors.model import AppointmentSlot

BEGINS = (9, 13, 16)
HOURS = 3
DAYS = 30
"""How far ahead appointments are taken."""
NOTICE = timedelta(hours=1)
_TAKEN_OF_TEN = 2


def slots(now: datetime, service: str, place: str, store: str) -> Iterator[AppointmentSlot]:
    """The times that nobody else has, from ``NOTICE`` after now on, earliest first."""
    today = now.astimezone(ZONE).date()
    for day in range(DAYS):
        for hour in BEGINS:
            begins = datetime.combine(today + timedelta(days=day), time(hour), ZONE)
            slot = AppointmentSlot(begins, begins + timedelta(hours=HOURS))
            if begins >= now + NOTICE and not taken_by_others(begins.date(), hour, service, place, store):
                yield slot


def taken_by_others(day: date, hour: int, service: str, place: str, store: str) -> bool:
    """The same answer every time it is asked, for about a fifth of all times."""
    named = f"{day.isoformat()} {hour} {service} {place} {store}"
    return hashlib.sha256(named.encode()).digest()[0] % 10 < _TAKEN_OF_TEN


def suits(slot: AppointmentSlot, wish: AppointmentSlot) -> bool:
    """Whether it begins inside the wish, or the wish begins inside it (somebody said "at three")."""
    return wish.begins <= slot.begins < wish.ends or slot.begins <= wish.begins < slot.ends
