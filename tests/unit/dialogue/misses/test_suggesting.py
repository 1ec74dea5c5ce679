"""Which answers agents are suggested, by how near they come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from yizhan.core.messages import content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue.answering import Say
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.matcher import Candidate
from yizhan.dialogue.mail_draft import drafted
from yizhan.dialogue.misses.suggesting import LastWords, last_words, suggest
from yizhan.dialogue.served import Served
from yizhan.dialogue.texts import texts_for

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
THRESHOLDS = Thresholds(answer=0.84, clarify=0.1, margin=0.1)


@dataclass(frozen=True)
class Scored:
    """A release that finds these entries, with these scores, for whatever is asked, or ``only`` where it is asked just that."""

    scores: dict[str, float]
    thresholds: Thresholds = THRESHOLDS
    only: bool = False

    @property
    def release(self) -> "Scored":
        return self

    def candidates(self, words: str, at: datetime) -> Sequence[Candidate]:
        known = self.scores.items()
        return [Candidate(entry_id, score, words) for entry_id, score in known if not self.only or entry_id in words]

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


@pytest.mark.parametrize(
    ("words", "subject", "automatic", "texts"),
    [
        pytest.param("如题", "什么时候发货", False, ("什么时候发货",), id="the subject is what is asked"),
        pytest.param("什么时候发货", "订单", False, ("什么时候发货",), id="the words are"),
        pytest.param("我不在办公室", "自动回复", True, None, id="a program wrote it"),
    ],
)
def test_what_a_mail_asks(words: str, subject: str, automatic: bool, texts: tuple[str, ...] | None) -> None:
    content = c.Text(words, mail=c.Mail(subject=subject))
    found = last_words([replace(message(1, AuthorKind.CUSTOMER, ""), content=content, automatic=automatic)])
    assert (found.texts if found else None) == texts


@pytest.mark.parametrize(
    ("scores", "asked", "customer", "draft"),
    [
        pytest.param({"发货": 0.4}, "什么时候发货", "Amy", "Amy，您好：\n\n答 发货\n\n祝好\n小雅", id="one thing"),
        pytest.param(
            {"运费": 0.4, "发货": 0.6},
            "您好：\n发货要几天？运费多少？我很急。",
            "a@b.example",
            "您好：\n\n答 发货\n\n答 运费\n\n祝好\n小雅",
            id="two, in the order of the mail",
        ),
        pytest.param({"发货": 0.04}, "什么时候发货", "Amy", "", id="nothing is near"),
    ],
)
def test_the_answer_that_the_assistant_would_have_written(
    scores: dict[str, float], asked: str, customer: str, draft: str
) -> None:
    address = Address("shop", "email", "support", "amy@x.example", "t1")
    conversation = Conversation("c1", address, NOON, agent_name="小雅", customer_name=customer)
    served, words = cast(Served, Scored(scores, only=True)), LastWords("m", (asked,))
    found = suggest(served, words, channel="email", at=NOON)
    assert drafted(served, conversation, words, found, texts_for("zh-CN"), NOON) == draft


def test_an_english_draft_is_signed_in_english() -> None:
    address = Address("shop", "email", "support", "amy@x.example", "t1")
    conversation = Conversation("c1", address, NOON, agent_name="Lin", customer_name="Amy Wong")
    served, words = cast(Served, Scored({"ship": 0.5})), LastWords("m", ("when do you ship",))
    found = suggest(served, words, channel="email", at=NOON)
    written = drafted(served, conversation, words, found, texts_for("en-GB"), NOON)
    assert written == "Dear Amy Wong,\n\n答 ship\n\nKind regards,\nLin"
