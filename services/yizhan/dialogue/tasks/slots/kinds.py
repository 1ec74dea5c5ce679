"""Which reader a slot of each kind has, made from the settings in the task's file."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TypeVar

from yizhan.dialogue.tasks.slots import (
    address,
    amount,
    choice,
    date,
    email,
    free_text,
    id_card,
    order_number,
    person_name,
    phone,
    quantity,
    time_of_day,
    yes_no,
)
from yizhan.dialogue.tasks.slots.hour_words import BusinessDay
from yizhan.dialogue.tasks.slots.number_shape import ShapeRefused, shape
from yizhan.dialogue.tasks.slots.reading import Context, Reading

Reader = Callable[[str, Context], Reading]
"""Reads one slot; made by ``reader``."""

R = TypeVar("R")

Settings = Mapping[str, str | int | bool]

PHONE, ID_CARD, ORDER_NUMBER, EMAIL = "phone", "id_card", "order_number", "email"
AMOUNT, NUMBER, DATE, APPOINTMENT, TIME = "amount", "number", "date", "appointment", "time"
NAME, ADDRESS, YES_NO, CHOICE, TEXT = "name", "address", "yes_no", "choice", "text"

HINTS: Mapping[str, tuple[str, ...]] = {
    PHONE: phone.HINTS,
    ID_CARD: id_card.HINTS,
    ORDER_NUMBER: order_number.HINTS,
    EMAIL: email.HINTS,
    AMOUNT: amount.HINTS,
    NUMBER: quantity.HINTS,
    DATE: ("日期", "日子", "哪天", "时间", "date", "day"),
    APPOINTMENT: ("预约时间", "日期", "时间", "日子", "date", "time", "day"),
    TIME: ("时间", "几点", "time"),
    NAME: ("姓名", "名字", "收件人", "联系人", "name"),
    ADDRESS: ("收货地址", "地址", "住址", "address"),
}
"""Words by which customers name a slot of each kind, for ``correction``."""


class SettingsRefused(ValueError):
    """A slot's settings cannot be used; the message says which and why, in one line."""


def reader(kind: str, settings: Settings) -> Reader:
    """The reader of a kind. Raises ``SettingsRefused`` on an unknown kind, an unknown setting, or a value that does not fit.

    Settings: phone ``foreign``; order_number ``shape`` (see ``number_shape``); amount and number ``least``, ``most``; date and
    appointment ``past``, ``several_days``, ``most_days``, ``opens``, ``closes``, ``time`` (left, taken or wanted; date leaves a
    time of day to others, appointment wants one); time ``point``, ``opens``, ``closes``; address ``least`` (door, street or
    district); text ``least``, ``most`` characters.
    """
    if kind not in _MAKERS:
        raise SettingsRefused(f"no slots of kind {kind!r}")
    known, make = _MAKERS[kind]
    unknown = sorted(set(settings) - set(known.split()))
    if unknown:
        raise SettingsRefused(f"a slot of kind {kind} has no setting {unknown[0]!r}")
    return make(settings)


def _phone(settings: Settings) -> Reader:
    return _ruled(phone.read, phone.PhoneRules(_flag(settings, "foreign")))


def _order_number(settings: Settings) -> Reader:
    pattern = _word(settings, "shape", "")
    try:
        return _ruled(order_number.read, order_number.OrderNumberRules(shape(pattern) if pattern else None))
    except ShapeRefused as refused:
        raise SettingsRefused(f"shape: {refused}") from refused


def _amount(settings: Settings) -> Reader:
    least, most = _sum(settings, "least", "0.01"), _sum(settings, "most", "100000000")
    return _ruled(amount.read, amount.AmountRules(least, most))


def _number(settings: Settings) -> Reader:
    return _ruled(quantity.read, quantity.QuantityRules(_count(settings, "least", 1), _count(settings, "most", 9999)))


def _dated(default: str, settings: Settings) -> Reader:
    rules = date.DateRules(
        past=_flag(settings, "past"),
        several_days=_flag(settings, "several_days"),
        time=_word(settings, "time", default, (date.LEFT, date.TAKEN, date.WANTED)),
        most_days=_count(settings, "most_days", 3660),
        business_day=_business_day(settings),
    )
    return _ruled(date.read, rules)


def _time(settings: Settings) -> Reader:
    return _ruled(time_of_day.read, time_of_day.TimeRules(_flag(settings, "point"), _business_day(settings)))


def _address(settings: Settings) -> Reader:
    return _ruled(address.read, address.AddressRules(_word(settings, "least", "door", ("door", "street", "district"))))


def _text(settings: Settings) -> Reader:
    return _ruled(free_text.read, free_text.FreeTextRules(_count(settings, "least", 1), _count(settings, "most", 500)))


def _as_it_is(read: Reader, _settings: Settings) -> Reader:
    return read


_MAKERS: Mapping[str, tuple[str, Callable[[Settings], Reader]]] = {
    PHONE: ("foreign", _phone),
    ID_CARD: ("", partial(_as_it_is, id_card.read)),
    ORDER_NUMBER: ("shape", _order_number),
    EMAIL: ("", partial(_as_it_is, email.read)),
    AMOUNT: ("least most", _amount),
    NUMBER: ("least most", _number),
    DATE: ("past several_days most_days opens closes time", partial(_dated, date.LEFT)),
    APPOINTMENT: ("past several_days most_days opens closes time", partial(_dated, date.WANTED)),
    TIME: ("point opens closes", _time),
    NAME: ("", partial(_as_it_is, person_name.read)),
    ADDRESS: ("least", _address),
    YES_NO: ("", partial(_as_it_is, yes_no.read)),
    CHOICE: ("", partial(_as_it_is, choice.read)),
    TEXT: ("least most", _text),
}


def _ruled(read: Callable[[str, R, Context], Reading], rules: R) -> Reader:
    return lambda text, context: read(text, rules, context)


def _business_day(settings: Settings) -> BusinessDay:
    opens, closes = _count(settings, "opens", 8), _count(settings, "closes", 20)
    if not 0 <= opens < closes <= 24:
        raise SettingsRefused("opens and closes are hours of a day, the earlier first")
    return BusinessDay(opens, closes)


def _flag(settings: Settings, name: str) -> bool:
    value = settings.get(name, False)
    if not isinstance(value, bool):
        raise SettingsRefused(f"{name} is true or false")
    return value


def _count(settings: Settings, name: str, default: int) -> int:
    value = settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise SettingsRefused(f"{name} is a whole number, 0 or more")
    return value


def _sum(settings: Settings, name: str, default: str) -> Decimal:
    try:
        value = Decimal(str(settings.get(name, default)))
    except InvalidOperation as refused:
        raise SettingsRefused(f"{name} is a sum in yuan") from refused
    if not value.is_finite() or value < 0:
        raise SettingsRefused(f"{name} is a sum in yuan, 0 or more")
    return value


def _word(settings: Settings, name: str, default: str, allowed: tuple[str, ...] = ()) -> str:
    value = settings.get(name, default)
    if not isinstance(value, str) or (allowed and value not in allowed):
        raise SettingsRefused(f"{name} is " + (f"one of {', '.join(allowed)}" if allowed else "a text"))
    return value
