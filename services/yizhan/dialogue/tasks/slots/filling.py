"""Several slots out of one sentence, and one slot out of two messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.kinds import Reader
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option, Reading, Reason, Span, Unclear

_ORDER = (
    kinds.EMAIL, kinds.ID_CARD, kinds.PHONE, kinds.ORDER_NUMBER, kinds.ADDRESS, kinds.APPOINTMENT, kinds.DATE, kinds.TIME,
    kinds.AMOUNT, kinds.NUMBER, kinds.CHOICE, kinds.NAME, kinds.YES_NO, kinds.TEXT,
)  # fmt: skip
"""What is hardest to mistake is read first, so that 12号 in an address is no date."""
_WHOLE_MESSAGE = (kinds.TEXT,)
_BLANK = "。"
"""Stands where something was read: it ends a thought, so that nothing is read across it."""
_TO_COMPLETE = frozenset(
    {Reason.INCOMPLETE, Reason.NO_DAY, Reason.NO_TIME, Reason.NO_AREA_CODE, Reason.WHICH_DAY, Reason.MORNING_OR_EVENING}
)
_MAY_COMPLETE = _TO_COMPLETE | {Reason.TOO_WIDE}
"""全天都可以 names no day, and says all that was missing of one."""
_MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slot that is still to be filled. ``options`` are those of a choice."""

    name: str
    kind: str
    read: Reader
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Filling:
    """``readings``: for each slot that the text speaks of what was found or is unclear. ``rest``: what nothing was found in."""

    readings: Mapping[str, Found | Unclear]
    rest: str


def fill(text: str, wanted: Sequence[Wanted], asked: str, context: Context) -> Filling:
    """Read every wanted slot. ``asked`` names the one that was just asked for, "" if none was; it goes before others of its kind."""
    left = text
    readings: dict[str, Found | Unclear] = {}
    ranked = sorted(wanted, key=lambda slot: (_ORDER.index(slot.kind), slot.name != asked))
    for slot in ranked:
        about = replace(context, asked=slot.name == asked, options=slot.options)
        reading = slot.read(text if slot.kind in _WHOLE_MESSAGE else left, about)
        if reading is None or (slot.kind in _WHOLE_MESSAGE and readings):
            continue
        readings[slot.name] = reading
        if isinstance(reading, Found):
            left = _blanked(left, reading.span)
    return Filling(readings, " ".join(left.replace(_BLANK, " ").split()))


@dataclass(frozen=True, slots=True)
class Completion:
    """``reading`` is of the newest text. ``part``: what is worth keeping where that is not the whole value yet, else ""."""

    reading: Reading
    part: str = field(default="", repr=False)


def completed(read: Reader, earlier: str, text: str, context: Context) -> Completion:
    """The reading of an answer to "what is missing?": of the text itself, else of what was said ``earlier`` and it together.

    ``earlier`` is the part of an earlier message that was ``Unclear``: 杭州市西湖区, and now 文三路1号; 明天, and now 下午三点.
    What adds to it is kept with it (杭州市西湖区, now 文三路); what begins anew takes its place (明天, now 后天).
    """
    alone = read(text, context)
    if not earlier or isinstance(alone, Found) or (isinstance(alone, Unclear) and alone.reason not in _MAY_COMPLETE):
        return Completion(alone, worth_keeping(text, alone))
    earlier = _without_end(earlier, text)
    start = len(earlier) + 1
    together = read(f"{earlier} {text}", context)
    if together is None or together.span.end <= start or not _better(together, alone):
        turned = read(f"{text} {earlier}", context)  # the city after the street: 西湖区文三路1号, now 杭州
        if isinstance(turned, Found) and turned.span.start < len(text) and turned.span.end > start:
            return Completion(replace(turned, span=Span(turned.span.start, len(text))))
        return Completion(alone, worth_keeping(text, alone))
    span = Span(max(0, together.span.start - start), together.span.end - start)
    part = "" if isinstance(together, Found) else f"{earlier} {text[span.start : span.end]}".strip()[:_MOST_KEPT]
    return Completion(replace(together, span=span), part)


def _without_end(earlier: str, text: str) -> str:
    """What was said before, without what is said again now: 文三路, now 文三路1号."""
    sizes = range(min(len(earlier), len(text)), 1, -1)
    return next((earlier[:-size].rstrip() for size in sizes if earlier.endswith(text[:size])), earlier)


def _better(together: Found | Unclear, alone: Reading) -> bool:
    """Whether two messages say more than the second of them."""
    if isinstance(together, Found):
        return True
    missing = alone.missing if isinstance(alone, Unclear) else ()
    return together.reason in _TO_COMPLETE and (not missing or len(together.missing) < len(missing))


def worth_keeping(text: str, reading: Reading) -> str:
    """The stretch that was read, where it is a part of a value that more words can complete; else empty."""
    if not isinstance(reading, Unclear) or reading.reason not in _TO_COMPLETE:
        return ""
    return text[reading.span.start : reading.span.end][:_MOST_KEPT]


def _blanked(text: str, span: Span) -> str:
    return text[: span.start] + _BLANK * (span.end - span.start) + text[span.end :]
