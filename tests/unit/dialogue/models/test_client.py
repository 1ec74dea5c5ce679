"""The client keeps to its budget, reads streams however they arrive, and leaves a failing endpoint alone for a while."""

import asyncio
import json
import time
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from tests.simulators.openai import embeds, fails, hangs_up, keeps_silent, says
from tests.unit.dialogue.models.stage import GENEROUS, stage
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.models.breaker import Breaker
from yizhan.dialogue.models.client import tokens_at_most
from yizhan.dialogue.models.documents import Candidate, EmbedQuestion, NotDone, QuestionVector, RephraseAnswer, Reworded
from yizhan.dialogue.models.errors import BudgetSpent, ModelUnavailable
from yizhan.dialogue.models.stream import EventStream
from yizhan.dialogue.models.wire import Said

EMBED = EmbedQuestion(words="怎么退货", dimension=2)
SHORT = 0.1

REPHRASE = RephraseAnswer(
    words="怎么退货", entry=Candidate(entry_id="a", question="怎么退货", answer="7天内可以退货。")
)


class Purse:
    """A budget that remembers; ``broken``: its database is away; ``stuck``: it never comes back from being asked to."""

    def __init__(self, left: int, *, broken: bool = False, stuck: str = "") -> None:
        self.left = left
        self.broken = broken
        self.stuck = stuck

    async def take(self, tokens: int) -> None:
        if self.stuck == "take":
            await asyncio.Event().wait()
        if tokens > self.left:
            raise BudgetSpent
        self.left -= tokens

    async def settle(self, difference: int) -> None:
        if self.broken:
            raise StoreUnavailable("locked")
        if self.stuck == "settle":
            await asyncio.Event().wait()
        self.left -= difference


async def test_a_call_costs_what_the_endpoint_says() -> None:
    purse = Purse(10_000)
    async with stage(budget=purse) as here:
        here.server.play(embeds([[1, 0]]), says('{"text": "7天内可以退货。"}'))
        assert isinstance(await here.carry_out(EMBED), QuestionVector)
        assert purse.left == 10_000 - 7
        assert isinstance(await here.carry_out(REPHRASE), Reworded)
        assert purse.left == 10_000 - 7 - 120
        assert here.figure("yizhan_model_tokens_total", purpose="chat") == 120


async def test_without_budget_nobody_is_asked() -> None:
    async with stage(budget=Purse(5)) as here:
        assert await here.carry_out(EMBED) == NotDone(reason="budget_spent")
        assert await here.carry_out(REPHRASE) == NotDone(reason="budget_spent")
        assert here.server.asked == []


async def test_a_call_that_failed_counts_as_estimated() -> None:
    purse = Purse(10_000)
    async with stage(budget=purse) as here:
        here.server.play(hangs_up())
        await here.carry_out(EMBED)
    assert purse.left == 10_000 - tokens_at_most("怎么退货")


async def test_an_answer_is_not_lost_when_its_price_cannot_be_kept() -> None:
    async with stage(budget=Purse(10_000, broken=True)) as here:
        here.server.play(embeds([[1, 0]]))
        assert isinstance(await here.carry_out(EMBED), QuestionVector)


async def test_an_answer_does_not_wait_for_its_price_to_be_kept() -> None:
    async with stage(timeout=SHORT, budget=Purse(10_000, stuck="settle")) as here:
        here.server.play(embeds([[1, 0]]))
        assert isinstance(await here.carry_out(EMBED), QuestionVector)


async def test_a_budget_that_does_not_answer_is_no_fault_of_the_model() -> None:
    async with stage(timeout=SHORT, budget=Purse(10_000, stuck="take")) as here:
        for _ in range(12):
            assert await here.carry_out(EMBED) == NotDone(reason="budget_late")
        assert here.server.asked == []
        assert here.figure("yizhan_model_calls_total", purpose="embedding", outcome="too_slow") == 12


async def test_a_machine_that_stands_still_does_not_hide_a_model_that_is_too_slow() -> None:
    async with stage(timeout=SHORT) as here:
        here.server.play(keeps_silent())
        asyncio.get_running_loop().call_later(SHORT * 0.9, time.sleep, SHORT)
        assert await here.carry_out(REPHRASE) == NotDone(reason="deadline")
        assert here.figure("yizhan_model_calls_total", purpose="chat", outcome="too_slow") == 1


async def test_vectors_come_in_the_order_of_the_texts() -> None:
    async with stage() as here:
        here.server.play(embeds([[1, 0], [0, 1], [-1, 0]], order=[2, 0, 1]))
        assert (await here.client.embed(["a", "b", "c"], within=GENEROUS)).tolist() == [[1, 0], [0, 1], [-1, 0]]


async def test_without_a_stream_too() -> None:
    async with stage() as here:
        here.server.play(says("好"))
        assert await here.client.chat([Said(role="user", content="?")], within=GENEROUS, stream=False) == "好"
        assert "stream_options" not in here.server.asked[0]


async def test_an_endpoint_without_a_key_gets_none() -> None:
    async with stage() as here:
        del here.client._transport._headers["Authorization"]
        here.server.play(says("好"))
        await here.client.chat([Said(role="user", content="?")], within=GENEROUS)
        assert "Authorization" not in here.server.headers[0]


async def test_the_embedding_model_is_asked_while_the_chat_model_is_left_alone() -> None:
    async with stage() as here:
        here.server.play(*[fails(500)] * 5, embeds([[1, 0]]))
        for _ in range(6):
            await here.carry_out(REPHRASE)
        assert isinstance(await here.carry_out(EMBED), QuestionVector)


async def test_customers_are_answered_while_sessions_are_not_summed_up() -> None:
    asked = [Said(role="user", content="?")]
    async with stage() as here:
        here.server.play(*[fails(500)] * 5, says("好"))
        for reason in (*["http_5xx"] * 5, "left_alone"):
            with pytest.raises(ModelUnavailable) as failed:
                await here.client.chat(asked, within=GENEROUS, purpose="summary")
            assert failed.value.reason == reason
        assert await here.client.chat(asked, within=GENEROUS) == "好"
        assert here.figure("yizhan_model_calls_total", purpose="summary", outcome="unavailable") == 6


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def failing(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.admit()
        breaker.failed()


def test_after_the_pause_one_call_tries_and_decides() -> None:
    time = Time()
    breaker = Breaker(time, failures=3, pause=10.0)
    failing(breaker, 3)
    with pytest.raises(ModelUnavailable):
        breaker.admit()
    time.now += 10
    breaker.admit()
    with pytest.raises(ModelUnavailable):
        breaker.admit()  # one at a time
    breaker.failed()
    with pytest.raises(ModelUnavailable):
        breaker.admit()
    time.now += 10
    breaker.admit()
    breaker.succeeded()
    failing(breaker, 2)
    breaker.admit()


def test_a_trial_that_was_given_up_does_not_lock_the_endpoint_out() -> None:
    time = Time()
    breaker = Breaker(time, failures=1, pause=10.0)
    failing(breaker, 1)
    time.now += 10
    breaker.admit()
    breaker.abandoned()
    breaker.admit()
    breaker.succeeded()


def test_an_endpoint_that_asks_for_an_hour_is_tried_again_before() -> None:
    time = Time()
    breaker = Breaker(time)
    breaker.admit()
    breaker.failed(3600.0)
    with pytest.raises(ModelUnavailable):
        breaker.admit()
    time.now += 301
    breaker.admit()


STREAM = b': hello\r\n\r\ndata: {"a": "\xe9\x80\x80\xe8\xb4\xa7"}\r\n\r\nevent: x\ndata:1\ndata: 2\n\nid: 3\rdata: z\r\rdata: cut'


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_a_stream_is_read_the_same_however_it_is_cut(cuts: list[int]) -> None:
    events = EventStream()
    edges = [0, *sorted(cuts), len(STREAM)]
    found = [datum for low, high in pairwise(edges) for datum in events.feed(STREAM[low:high])]
    assert found == [json.dumps({"a": "退货"}, ensure_ascii=False), "1\n2", "z"]
