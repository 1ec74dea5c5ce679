"""Matching takes milliseconds a question: nobody else's connection waits for it, and what is decided is the same."""

import threading
from collections.abc import Sequence

import pytest

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import SHOP, Bench
from tests.contract.services.test_writer import D, Desk, said
from yizhan.core.store.database import Database
from yizhan.dialogue.conversation import State
from yizhan.dialogue.foreseeing import Foreseen
from yizhan.dialogue.knowledge.matcher import Candidate, Matcher, Meaning

ASKED = ("多久可以发货呀", "怎么申请退货呢", "多久可以发货呀", "你好")


class Watched:
    """A matcher that knows what it was asked, and on which thread."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self.asked: list[tuple[str, int]] = []

    def match(self, question: str, limit: int = 5, meaning: Meaning | None = None) -> Sequence[Candidate]:
        self.asked.append((question, threading.get_ident()))
        return self._matcher.match(question, limit, meaning)

    @property
    def questions(self) -> list[str]:
        return sorted(question for question, _ in self.asked)


async def serving(bench: Bench) -> Watched:
    """The shop's release, served by a matcher that is watched."""
    await bench.publish(await bench.take())
    return watching(bench)


def watching(bench: Bench) -> Watched:
    """Watch the matcher of what is served."""
    release = bench.library.release(SHOP)
    assert release is not None
    watched = Watched(release.matcher)
    object.__setattr__(release, "matcher", watched)
    return watched


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


async def test_a_batch_is_matched_once_and_not_on_the_event_loop(
    bench: Bench, database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    watched = await serving(bench)
    desk = Desk.on(database, bus, clock, bench.library)
    await desk.take(*(said(f"v:{number}", text) for number, text in enumerate(ASKED, start=1)))
    assert watched.questions == sorted(set(ASKED))
    assert threading.get_ident() not in {thread for _, thread in watched.asked}
    assert (await desk.words("v:1"))[-1] == "48小时内发货。"
    assert (await desk.words("v:2"))[-1] == "在订单页申请退货。"
    assert desk.handled() == [D.DISPOSITION_ANSWERED] * 4


async def test_nothing_is_matched_of_what_is_said_to_people_or_came_before(
    bench: Bench, database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    watched = await serving(bench)
    desk = Desk.on(database, bus, clock, bench.library)
    asked = said("v:2", "多久可以发货呀", key="same")
    await desk.take(said("v:1", "转人工"), asked)
    before = watched.questions
    assert "多久可以发货呀" in before
    assert (await desk.conversation("v:1")).state is State.QUEUED
    await desk.take(said("v:1", "运费要多少呢"), asked, said("v:2", "几天能发到呢", key="same"))
    assert watched.questions == before


async def test_what_was_foreseen_is_decided_as_what_was_not(bench: Bench) -> None:
    await bench.publish(await bench.take())
    for words in ("多久可以发货呀", "怎么申请退货呢", "今天天气怎么样", "", "转人工"):
        unforeseen = bench.library.decide(SHOP, words, channel="website", at=NOON)
        await bench.library.refresh()
        other = Bench(bench.database)
        await other.library.refresh()
        await other.library.foresee([Foreseen(SHOP, words), Foreseen("no such workspace", words)])
        assert other.library.decide(SHOP, words, channel="website", at=NOON) == unforeseen
