"""The steps of leaving a message or arranging a callback: what is asked, what is taken, what is said. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from yizhan.core.messages import content as c
from yizhan.dialogue.instead.state import ASKING, CALLBACK, LEAVE_MESSAGE, Instead, Step
from yizhan.dialogue.instead.wording import Wording, shown, wording
from yizhan.dialogue.tasks.slots import date, moments, phone
from yizhan.dialogue.tasks.slots.hour_words import BusinessDay
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reason, Unclear
from yizhan.dialogue.tasks.slots.steering import Cue, cues

MENU = "instead:"
"""Menu ids of these questions begin so; an id belongs to the epoch under which it was asked."""

WAIT = "wait"
ENOUGH = "enough"
SOONEST = "soonest"
HERE = "here"
AT = "at="

MOST_MISSES = 2
LONGEST_TEXT = 2000
_FARTHEST_DAYS = 366
_HERE = re.compile(
    "(?:就|在)?(?:这里|这儿|此处|微信|在线|本会话)(?:上|里)?(?:回复?|联系|说|吧|就行|就好|即可|我)*|here|in this chat"
)
_SOONEST = re.compile("(?:尽快|越快越好|马上|随时|都行|都可以|尽早|as soon as possible|asap|any ?time)[吧了。.!！]?")


@dataclass(frozen=True, slots=True)
class Place:
    """Under what the customer is asked: now, in the business's zone; their language; whether they wait for a person."""

    now: datetime
    zone: ZoneInfo
    language: str
    waits: bool
    epoch: int

    @property
    def wording(self) -> Wording:
        return wording(self.language)

    @property
    def menu_id(self) -> str:
        return f"{MENU}{self.epoch}"


@dataclass(frozen=True, slots=True)
class Move:
    """What comes of it. ``state`` None: there is nothing to choose. ``sends``: everything is known and routing is told."""

    state: Instead | None
    say: tuple[c.Content, ...] = ()
    sends: bool = False


def offered(leave_message: bool, callback: bool, next_open: datetime | None, place: Place) -> Move:
    """Show what can be chosen; nothing where nothing can."""
    state = Instead(Step.OFFERED, leave_message, callback, next_open=next_open)
    words = place.wording
    options = []
    if leave_message:
        options.append(c.MenuOption(LEAVE_MESSAGE, words.leave_message))
    if callback:
        options.append(c.MenuOption(CALLBACK, words.callback))
    if not options:
        return Move(None)
    if place.waits:
        options.append(c.MenuOption(WAIT, words.wait))
    return Move(state, (c.Menu(place.menu_id, words.offer, tuple(options)),))


def chosen(state: Instead, how: str, place: Place) -> Move:
    """The customer wants this: ask what is missing for it."""
    step = Step.ABOUT if how == LEAVE_MESSAGE else Step.WHEN
    fresh = replace(state, step=step, how=how, at=None, misses=0)
    return Move(fresh, (question(fresh, place),))


def question(state: Instead, place: Place) -> c.Content:
    """What is being asked, to be asked again as it was."""
    words = place.wording
    match state.step:
        case Step.ABOUT:
            return _menu(words.ask_about, [c.MenuOption(ENOUGH, words.enough)], place)
        case Step.WHEN:
            soonest = [] if state.next_open is None else [_soonest(state.next_open, place)]
            return _menu(words.ask_when, soonest, place)
        case _:
            return _menu(words.ask_contact, [c.MenuOption(HERE, words.here)], place)


def pressed(state: Instead, option: str, place: Place) -> Move | None:
    """A button. One of an earlier question has what is open now asked again; None where nothing is."""
    if option in {LEAVE_MESSAGE, CALLBACK} and state.step is not Step.SENT:
        can = state.leave_message if option == LEAVE_MESSAGE else state.callback
        return chosen(state, option, place) if can else None
    if option == WAIT:  # nothing was begun where nothing is asked, and who does not wait cannot wait on
        begun = state.step in ASKING or place.waits
        return _given_up(state, place) if begun and state.step is not Step.SENT else None
    if option == ENOUGH and state.step is Step.ABOUT:
        return _about(state, "", place)
    if option == SOONEST and state.step is Step.WHEN:
        return _when(state, None, place)
    if option.startswith(AT) and state.step is Step.WHEN:
        return _when(state, datetime.fromisoformat(option.removeprefix(AT)), place)
    if option == HERE and state.step is Step.CONTACT:
        return _contact(state, "")
    return Move(state, (question(state, place),)) if state.step in ASKING else None


def said(state: Instead, text: str, place: Place) -> Move:
    """Words while something is being asked."""
    if Cue.STOP in cues(text) or text.strip() in {place.wording.wait, place.wording.give_up}:
        return _given_up(state, place)
    match state.step:
        case Step.ABOUT:
            return _about(state, "" if text.strip() == place.wording.enough else text.strip()[:LONGEST_TEXT], place)
        case Step.WHEN:
            return _when_said(state, text, place)
        case _:
            return _contact_said(state, text, place)


def shown_thing(state: Instead, place: Place) -> Move | None:
    """A picture, a voice message, a file: it is what the message is about, and an answer to nothing else."""
    return _about(state, "", place) if state.step is Step.ABOUT else None


def suggested(state: Instead, reason: str, times: tuple[datetime, ...], place: Place) -> Move:
    """Nobody can call then: choose among the nearest times, or name another one."""
    words = place.wording
    asked = replace(state, step=Step.WHEN, at=None, misses=0)
    options = [c.MenuOption(f"{AT}{at.isoformat()}", shown(at, place.zone, place.language)) for at in times]
    return Move(asked, (_menu(words.suggest.get(reason, words.suggest["closed"]), options, place),))


def _about(state: Instead, text: str, place: Place) -> Move:
    asked = replace(state, step=Step.CONTACT, text=text, misses=0)
    return Move(asked, (question(asked, place),))


def _when(state: Instead, at: datetime | None, place: Place) -> Move:
    timed = replace(state, at=at, misses=0)
    if state.reached:
        return _send(timed)
    asked = replace(timed, step=Step.CONTACT)
    return Move(asked, (question(asked, place),))


def _when_said(state: Instead, text: str, place: Place) -> Move:
    if _SOONEST.fullmatch(text.strip().lower()):
        return _when(state, None, place)
    local = place.now.astimezone(place.zone)
    rules = date.DateRules(time=date.WANTED, most_days=_FARTHEST_DAYS, business_day=BusinessDay())
    context = Context(local, asked=True, language="en" if place.language == "en" else "zh")
    reading = date.read(text, rules, context)
    if isinstance(reading, Unclear) and reading.reason is Reason.NO_DAY:  # 下午三点 is today's
        reading = date.read(f"{_today(place)}{text}", rules, context)
    match reading:
        case Found(value=value) if (at := _moment(value, place.zone)) is not None:
            return _when(state, at, place)
        case Unclear(reason=reason):
            return _missed(state, place.wording.when_reasons.get(reason, place.wording.when_unclear), place)
        case _:
            return _missed(state, place.wording.when_unclear, place)


def _today(place: Place) -> str:
    return "today " if place.language == "en" else "今天"


def _moment(value: str, zone: ZoneInfo) -> datetime | None:
    """The moment that was named; of a part of the day (下午) its first business hour."""
    named = moments.moment(value)
    if named.hours is None:
        return None
    local = datetime.combine(named.day, named.hours.start, zone)
    if named.hours.end is not None and named.hours.start.hour == _NOON:
        local += timedelta(hours=2)  # nobody who says 下午 means twelve
    return local


_NOON = 12


def _contact_said(state: Instead, text: str, place: Place) -> Move:
    local = place.now.astimezone(place.zone)
    reading = phone.read(text, phone.PhoneRules(), Context(local, asked=True))
    if isinstance(reading, Found):
        return _contact(state, reading.value)
    if _HERE.fullmatch(text.strip().lower()) or cues(text) & {Cue.NO, Cue.SKIP, Cue.UNKNOWN}:
        return _contact(state, "")
    if state.misses + 1 >= MOST_MISSES:
        return _contact(state, "")
    again = replace(state, misses=state.misses + 1)
    return Move(again, (_menu(place.wording.contact_unclear, [c.MenuOption(HERE, place.wording.here)], place),))


def _contact(state: Instead, number: str) -> Move:
    return _send(replace(state, phone=number, reached=True))


def _send(state: Instead) -> Move:
    return Move(replace(state, step=Step.SENT, misses=0), sends=True)


def _missed(state: Instead, why: str, place: Place) -> Move:
    if state.misses + 1 > MOST_MISSES:
        return _given_up(state, place)
    again = replace(state, misses=state.misses + 1)
    soonest = [] if state.next_open is None else [_soonest(state.next_open, place)]
    return Move(again, (_menu(why, soonest, place),))


def _given_up(state: Instead, place: Place) -> Move:
    """The place in the queue was never given up; all can still be chosen."""
    words = place.wording
    back = replace(state, step=Step.OFFERED, how="", text="", at=None, misses=0)
    return Move(back, (c.Text(words.waits_again if place.waits else words.given_up),))


def _soonest(at: datetime, place: Place) -> c.MenuOption:
    return c.MenuOption(SOONEST, place.wording.soonest.format(at=shown(at, place.zone, place.language)))


def _menu(text: str, options: list[c.MenuOption], place: Place) -> c.Menu:
    last = place.wording.wait if place.waits else place.wording.give_up
    return c.Menu(place.menu_id, text, (*options, c.MenuOption(WAIT, last)))
