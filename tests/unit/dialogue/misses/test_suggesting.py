"""Which answers agents are suggested, by how near they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import pytest

from yizhan.core.messages import content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue.answering import Say
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.matcher import Candidate
from yizhan.dialogue.misses.suggesting import LastWords, last_words, suggest
from yizhan.dialogue.served import Served

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
THRESHOLDS = Thresholds(answer=0.84, clarify=0.1, margin=0.1)


@dataclass(frozen=True)
class Scored:
    """A release that finds these entries, with these scores, for whatever is asked."""

    scores: dict[str, float]
    thresholds: Thresholds = THRESHOLDS

    @property
    def release(self) -> "Scored":
        return self

    def candidates(self, words: str, at: datetime) -> Sequence[Candidate]:
        return [Candidate(entry_id, score, words) for entry_id, score in self.scores.items()]

    def entry(self, entry_id: str, *, channel: str = "", at: datetime | None = None) -> Say | Entry:
        if at is None:
            return Entry(entry_id, f"问 {entry_id}", (), f"答 {entry_id}")
        return Say(entry_id, "r-1", f"答 {entry_id}", 1.0)


def message(place: int, author: AuthorKind, text: str) -> Message:
    return Message(f"m{place}", Address("shop", "website", "demo", "v:1"), Author(author), c.Text(text), NOON)


@pytest.mark.parametrize(
    ("said", "texts"),
    [
        pytest.param(["什么时候发货"], ("什么时候发货",), id="a question"),
        pytest.param(["什么时候发货", "13800138000", "转人工"], ("什么时候发货",), id="a number is told, not asked"),
        pytest.param(["13800138000", "谢谢"], None, id="nothing is asked"),
        pytest.param(["运费", "!您好", "是多少钱"], ("是多少钱",), id="what came before the agent spoke is answered"),
    ],
)
def test_agents_are_suggested_answers_to_what_was_asked(said: list[str], texts: tuple[str, ...] | None) -> None:
    """``!`` marks an agent's words."""
    messages = [
        message(place, AuthorKind.AGENT if text.startswith("!") else AuthorKind.CUSTOMER, text)
        for place, text in enumerate(said)
    ]
    found = last_words(messages)
    assert (found.texts if found else None) == texts


def suggested(scores: dict[str, float]) -> list[str]:
    found = suggest(cast(Served, Scored(scores)), LastWords("m", ("问",)), channel="website", at=NOON)
    return [one.answer.entry_id for one in found]


@pytest.mark.parametrize(
    ("scores", "shown"),
    [
        pytest.param({"ship": 0.9, "fee": 0.3}, ["ship", "fee"], id="what is sure and what is likely"),
        pytest.param({"ship": 0.06}, ["ship"], id="what was too unsure to ask the customer about"),
        pytest.param({"ship": 0.04, "fee": 0.01}, [], id="nothing is near"),
        pytest.param({"a": 0.2, "b": 0.4, "c": 0.3, "d": 0.1}, ["b", "c", "a"], id="the three nearest, nearest first"),
    ],
)
def test_agents_are_suggested_what_is_near(scores: dict[str, float], shown: list[str]) -> None:
    assert suggested(scores) == shown
