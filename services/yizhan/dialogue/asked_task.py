"""Which of two wins: the task that a customer's words ask for, or what the knowledge makes of the words.

A message of nothing but a value (SJ100001) is the knowledge's never: it begins a task, or tasks are offered for it.
"""

from dataclasses import dataclass
from datetime import datetime

from yizhan.dialogue.answering import AskBack, Decision, NoAnswer, Say, StartTask, Suggestion, WantsHuman
from yizhan.dialogue.knowledge.decide import MOST_OPTIONS
from yizhan.dialogue.spoken_language import worded
from yizhan.dialogue.tasks.bare_value import LONGEST, Taker, mentioned, taker_of, takers
from yizhan.dialogue.tasks.book import Started, TaskBook
from yizhan.dialogue.tasks.wishes import is_no_wish


def asked_for(book: TaskBook, words: str, decision: Decision) -> Started | None:
    """The task to begin; None where the knowledge's ``decision`` stands.

    A wish and nothing else (我要退货) begins the task, even where an entry is worded so too. Beside other words, or nearly
    worded so, an entry's own phrasing is answered.
    """
    started = book.started_by(words)
    if started is None or isinstance(decision, WantsHuman):
        return None
    literal = isinstance(decision, Say) and decision.score >= 1.0
    return started if started.whole or not literal else None


def rather_offered(book: TaskBook, words: str, decision: Decision) -> Decision:
    """The decision, but who asks (可以预约吗) or turns down (我不要退货) is offered the task that the index takes the words for,
    instead of being put into it. Not so where the task's own phrasings are such: 我的订单到哪了.
    """
    task = book.named(decision.task) if isinstance(decision, StartTask) else None
    if task is None or not is_no_wish(words) or any(map(is_no_wish, task.triggers)):
        return decision
    return AskBack((Suggestion(task.target, worded(task.triggers, words)),))


OFFERED = "task_offered"
"""The intent of a message of nothing but a value, where the customer is asked which task it is meant for."""

_WITH = "="
"""Between the task that is offered and the value that it is offered for: the press of the button brings both back."""


@dataclass(frozen=True, slots=True)
class Given:
    """A task with the words of a value that begins it, and the slot that they are for; the slot empty for any other words."""

    target: str
    words: str
    slot: str = ""


def begun_by_value(book: TaskBook, words: str, at: datetime) -> Given | AskBack | None:
    """What a message of nothing but a value comes to: its task, or which of several is meant; None for any other words.

    Only one task whose document says so is begun. Everything else would be a guess.
    """
    found = takers(book.tasks.values(), words, at)
    if not found:
        return None
    if len(found) == 1 and found[0].begins:
        return Given(found[0].task.target, words, found[0].slot.name)
    return AskBack(tuple(_offer(taker, words, words) for taker in found[:MOST_OPTIONS]))


def with_its_order(book: TaskBook, words: str, decision: Decision, at: datetime) -> AskBack | None:
    """What to ask where the words name a value that begins a task (SJ100001怎么还没到) and nothing sure is known: whether the
    task is meant, before anything else. None where the ``decision`` stands, or no such value is named.
    """
    if not isinstance(decision, AskBack | NoAnswer):
        return None
    found = mentioned(book.tasks.values(), words, at)
    if found is None:
        return None
    taker, value = found
    others = decision.suggestions if isinstance(decision, AskBack) else ()
    if others and others[0].entry_id == taker.task.target:  # likeliest by the words too: it begins at once
        return None
    rest = tuple(other for other in others if other.entry_id != taker.task.target)
    return AskBack((_offer(taker, value, words), *rest)[:MOST_OPTIONS])


def chosen(book: TaskBook, option_id: str, label: str, at: datetime) -> Given:
    """The task that was offered, with the value that it was offered for."""
    target, _, value = option_id.partition(_WITH)
    task = book.named(target)
    taker = taker_of(task, value, at) if task is not None and value else None
    return Given(target, value, taker.slot.name) if taker else Given(target, label)


def _offer(taker: Taker, value: str, words: str) -> Suggestion:
    offered = f"{taker.task.target}{_WITH}{value.strip()}"
    fits = len(offered) <= LONGEST
    return Suggestion(offered if fits else taker.task.target, worded(taker.task.triggers, words))
