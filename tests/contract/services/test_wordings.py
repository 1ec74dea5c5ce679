"""A session in a model's words: asked for apart, only where a deployment wants it, once, and shown only as far as it stands."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from tests.contract.services.conftest import NOON
from tests.contract.services.customer_bench import WEB, Shop
from tests.contract.services.knowledge_bench import SHOP
from tests.simulators.openai import ScriptedModels, Turn, fails, keeps_silent, says, scripted_models
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.grpc import RpcProblem, channel, server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.dialogue.customers.kept_wordings import KEEP_FAILURE_SECONDS, KEEP_SECONDS
from yizhan.dialogue.customers.wordings import Wordings
from yizhan.dialogue.models.budget import Budget, DailyBudget, Unlimited
from yizhan.dialogue.models.client import Endpoint, open_models
from yizhan.pb.v1 import customers_pb2 as pb
from yizhan.pb.v1.customers_pb2_grpc import CustomersServiceStub, add_CustomersServiceServicer_to_server

GENEROUS = 60.0
TOKEN = "a-token-of-the-tests"
COMPLAINT = "我上周买的耳机左边没有声音，付了299元。订单号是 DD20261120123456，手机13812345678"
SENT = "已提交退款申请，退款3个工作日内到账"


@dataclass
class Time:
    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Line:
    """The service over gRPC, the shop behind it and the model beside it."""

    shop: Shop
    api: Any
    models: ScriptedModels
    metrics: Metrics
    time: Time

    async def handed_over(self) -> None:
        """A customer's complaint, their wish for a human, and what the agent said."""
        await self.shop.says(WEB, COMPLAINT, "转人工")
        await self.shop.told(WEB, k.Assign("agent-1", "小雅", "a-1"))
        await self.shop.told(WEB, k.Say("agent-1", "小雅", c.Text(SENT), new_id()))

    async def summary(self) -> pb.SummariseSessionResponse:
        conversation_id = (await self.shop.conversation(WEB)).id
        return await self.api.SummariseSession(
            pb.SummariseSessionRequest(workspace=SHOP, conversation_id=conversation_id)
        )

    async def worded(self) -> pb.WordSessionResponse:
        conversation_id = (await self.shop.conversation(WEB)).id
        return await self.api.WordSession(pb.WordSessionRequest(workspace=SHOP, conversation_id=conversation_id))

    def counted(self, **labels: str) -> float:
        name = "yizhan_summary_wordings_total" if "result" in labels else "yizhan_summary_verdicts_total"
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def line(
    database: Database, *, on: bool = True, within: float = GENEROUS, budget: Budget | None = None
) -> AsyncIterator[Line]:
    metrics = Metrics("dialogue")
    async with scripted_models() as models:
        endpoint = Endpoint(models.base_url, SecretStr("sk-secret"), "chat-1")
        async with open_models(endpoint, budget or Unlimited(), metrics) as client:
            time = Time()
            wordings = Wordings(database, client, metrics, within=within, monotonic=time) if on else None
            shop = Shop.on(database, wordings=wordings)
            opened = server(
                [lambda built: add_CustomersServiceServicer_to_server(shop.api, built)],
                "127.0.0.1",
                0,
                [TOKEN],
                health=Health("x"),
                metrics=metrics,
                grace=0.2,
            )
            async with opened as port, channel(f"127.0.0.1:{port}", TOKEN, deadline=GENEROUS) as shown:
                made = Line(shop, CustomersServiceStub(shown), models, metrics, time)
                await made.handed_over()
                yield made


def lines(*given: tuple[str, list[int]]) -> str:
    return json.dumps({"lines": [{"text": text, "from": cited} for text, cited in given]}, ensure_ascii=False)


async def faithful(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
    """Words the complaint and the agent's answer, and makes one thing up."""
    shown = json.loads(asked["messages"][-1]["content"])["messages"]
    complaint = next(one["n"] for one in shown if "耳机" in one["text"])
    answer = next(one["n"] for one in shown if one["by"] == "agent")
    return await says(
        lines(
            ("客户反映上周买的耳机左边没有声音，付了299元，订单[ORDER_1]", [complaint]),
            ("已提交退款申请，3个工作日内到账", [answer]),
            ("客户是多年的老会员，应优先处理", [complaint]),
        )
    )(request, asked)


async def test_a_session_is_worded_by_a_model_where_that_is_wanted(database: Database) -> None:
    async with line(database) as here:
        here.models.play(faithful)
        with capture_logs() as logs:
            summary = await here.summary()
            assert summary.wording_offered
            assert here.models.asked == [], "nobody asked for it yet"
            worded = await here.worded()
        said = [one.text for one in summary.lines if "[ORDER_1]" in one.text]
        assert said, "the placeholder is the one that the transcript's line has"
        transcript = await here.shop.conversation(WEB)
        assert (worded.session, [(one.kind, one.text) for one in worded.lines]) == (
            1,
            [
                ("said", "客户反映上周买的耳机左边没有声音，付了299元，订单[ORDER_1]"),
                ("answered", "已提交退款申请，3个工作日内到账"),
            ],
        )
        assert worded.lines[0].seqs == [1]
        assert all(0 < seq <= transcript.last_seq for one in worded.lines for seq in one.seqs)
        (asked,) = here.models.asked
        assert "13812345678" not in json.dumps(asked, ensure_ascii=False)
        assert "DD2026" not in json.dumps(asked)
        assert here.counted(result="worded") == 1
        assert (here.counted(verdict="supported"), here.counted(verdict="own_words")) == (2, 1)
        assert "耳机" not in str(logs)


async def test_off_nothing_is_offered_and_no_model_is_asked(database: Database) -> None:
    async with line(database, on=False) as here:
        summary = await here.summary()
        assert (len(summary.lines) > 0, summary.wording_offered) == (True, False)
        with pytest.raises(RpcProblem) as problem:
            await here.worded()
        assert (problem.value.code, problem.value.status) == ("wording_off", grpc.StatusCode.FAILED_PRECONDITION)
        assert here.models.asked == []


SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOTHING = [
    pytest.param(says("Sure! The customer is angry."), "nonsense", id="no JSON"),
    pytest.param(says('{"lines": [{"text": "x"}]}'), "nonsense", id="lines without citations"),
    pytest.param(says(lines(*[(f"耳机{n}", [1]) for n in range(6)])), "nonsense", id="six lines"),
    pytest.param(says(lines()), "nothing_said", id="no line"),
    pytest.param(says(lines(("客户要求退款，金额399元", [1]))), "nothing_stood", id="a line that does not stand"),
    pytest.param(says(lines(("耳机左边没有声音", [99]))), "nothing_stood", id="a message that was not shown"),
    pytest.param(fails(500), "unavailable", id="a server error"),
    pytest.param(fails(429, Retry_After="600"), "rate_limited", id="too many requests"),
]


@SQLITE
@pytest.mark.parametrize(("turn", "result"), NOTHING)
async def test_whatever_a_model_does_the_transcripts_lines_stay(database: Database, turn: Turn, result: str) -> None:
    async with line(database) as here:
        here.models.play(turn, repeat=True)
        before = await here.summary()
        assert list((await here.worded()).lines) == []
        assert here.counted(result=result) == 1
        assert await here.summary() == before


@SQLITE
async def test_a_model_that_is_too_slow_is_not_waited_for(database: Database) -> None:
    async with line(database, within=0.2) as here:
        here.models.play(keeps_silent())
        assert list((await here.worded()).lines) == []
        assert here.counted(result="too_slow") == 1


async def test_it_is_paid_from_the_budget_of_the_day(database: Database) -> None:
    async with line(database, budget=DailyBudget(database, SHOP, 100, lambda: NOON)) as here:
        assert list((await here.worded()).lines) == []
        assert (here.counted(result="budget_spent"), here.models.asked) == (1, [])


@SQLITE
async def test_the_same_state_is_asked_about_once_and_a_new_message_makes_another(database: Database) -> None:
    async with line(database) as here:
        here.models.play(faithful, repeat=True)
        first = await here.worded()
        assert await here.worded() == first
        assert len(here.models.asked) == 1
        await here.shop.says(WEB, "退款什么时候到账")
        await here.worded()
        assert len(here.models.asked) == 2
        here.time.seconds += KEEP_SECONDS
        await here.worded()
        assert len(here.models.asked) == 3


@SQLITE
async def test_a_model_that_gave_nothing_is_left_in_peace_for_a_minute(database: Database) -> None:
    async with line(database) as here:
        here.models.play(says("no"), faithful)
        assert [len((await here.worded()).lines) for _ in range(3)] == [0, 0, 0]
        assert len(here.models.asked) == 1
        here.time.seconds += KEEP_FAILURE_SECONDS
        assert len((await here.worded()).lines) == 2


@SQLITE
async def test_who_asks_at_the_same_time_shares_one_call(database: Database) -> None:
    async with line(database) as here:
        reached, on = asyncio.Event(), asyncio.Event()

        async def waits(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
            reached.set()
            await on.wait()
            return await faithful(request, asked)

        here.models.play(waits)
        both = [asyncio.create_task(here.worded()) for _ in range(2)]
        async with asyncio.timeout(GENEROUS):
            await reached.wait()
        on.set()
        first, second = await asyncio.gather(*both)
        assert (first == second, len(first.lines), len(here.models.asked)) == (True, 2, 1)


@SQLITE
async def test_when_the_first_to_ask_goes_away_the_next_is_not_left_with_nothing(database: Database) -> None:
    async with line(database) as here:
        reached = asyncio.Event()

        async def hangs(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
            reached.set()
            return await keeps_silent()(request, asked)

        here.models.play(hangs, faithful)
        gone = asyncio.create_task(here.worded())
        async with asyncio.timeout(GENEROUS):
            await reached.wait()
        left = asyncio.create_task(here.worded())
        gone.cancel()
        assert len((await left).lines) == 2


@SQLITE
async def test_a_session_that_nobody_handed_over_is_not_shown_to_a_model(database: Database) -> None:
    async with line(database) as here:
        await here.shop.told(WEB, k.ReturnToBot("agent-1"))
        assert not (await here.summary()).wording_offered
        assert list((await here.worded()).lines) == []
        assert here.models.asked == []


@SQLITE
async def test_of_a_conversation_that_is_not_there_nothing_is_told(database: Database) -> None:
    async with line(database) as here:
        with pytest.raises(RpcProblem) as problem:
            await here.api.WordSession(pb.WordSessionRequest(workspace=SHOP, conversation_id="gone"))
        assert problem.value.code == "unknown_conversation"
