"""How a table of cases says what a reader gives: a value, "? reason" for what is unclear, None for what is not spoken of."""

from datetime import datetime
from zoneinfo import ZoneInfo

from yizhan.dialogue.tasks.slots.kinds import Reader
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option, Reading, Unclear

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
"""The day on which the tables are read: Tuesday, 24 November 2026, ten in the morning."""

Case = tuple[str, str | None]


def outcome(reading: Reading) -> str | None:
    """A reading in the words of a table."""
    match reading:
        case Found(value=value):
            return value
        case Unclear(reason=reason, missing=missing):
            return " ".join(("?", reason.value, *missing))
        case None:
            return None


def wrong(
    read: Reader, cases: list[Case], *, asked: bool, now: datetime = TUESDAY, options: tuple[Option, ...] = ()
) -> dict[str, tuple[str | None, str | None]]:
    """The cases in which the reader gives something else: text, (what it gives, what it should)."""
    context = Context(now, asked=asked, options=options)
    given = {text: (outcome(read(text, context)), expected) for text, expected in cases}
    return {text: both for text, both in given.items() if both[0] != both[1]}


def said(read: Reader, text: str, *, asked: bool = True, options: tuple[Option, ...] = ()) -> str:
    """The stretch of the text in which the value was found."""
    reading = read(text, Context(TUESDAY, asked=asked, options=options))
    assert isinstance(reading, Found), (text, reading)
    return text[reading.span.start : reading.span.end]
