"""A time of day without its date: 下午三点, 3-5点, 上午, "3pm"."""

from dataclasses import dataclass, field

from yizhan.dialogue.tasks.slots.digression import asks
from yizhan.dialogue.tasks.slots.hour_words import BusinessDay, hour_words
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear
from yizhan.dialogue.tasks.slots.spelling import spell


@dataclass(frozen=True, slots=True)
class TimeRules:
    """``point``: a part of the day or a stretch is not enough."""

    point: bool = False
    business_day: BusinessDay = field(default_factory=BusinessDay)


def read(text: str, rules: TimeRules, context: Context) -> Reading:
    """The time as in ``Hours.canonical``. Whether it is over already only its date can tell."""
    spelled = spell(text)
    mentions = hour_words(spelled.text, rules.business_day)
    if not context.asked:
        mentions = [] if asks(spelled.text) else [each for each in mentions if each.part]
    if not mentions:
        return None
    span = spelled.span(mentions[0].start, mentions[-1].end)
    if len({each.meaning for each in mentions}) > 1:
        return Unclear(Reason.SEVERAL, span)
    meaning = mentions[0].meaning
    if isinstance(meaning, Reason):
        return Unclear(meaning, span)
    if rules.point and meaning.end is not None:
        return Unclear(Reason.NO_TIME, span)
    return Found(meaning.canonical, meaning.shown(), span)
