"""Editors who try a question are told what a customer who asks it is told: by guards, tasks and knowledge, on any day."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.contract.services.knowledge_bench import BACK, FEE, SHIP, SHOP, Bench
from tests.contract.services.replay_bench import SETTING, TASKS
from tests.unit.dialogue.stage import Stage
from yizhan.core.messages import content as c
from yizhan.core.messages.codec import content_from_proto
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.dialogue.knowledge.entry import Variant
from yizhan.dialogue.knowledge_api import KnowledgeApi
from yizhan.pb.v1 import knowledge_pb2 as pb

NO_CONTEXT: Any = None
TYPES = Path(__file__).resolve().parents[3] / "services/yizhan/console/web/src/api/knowledge-types.ts"
SALE = replace(
    FEE, id="sale", question="双十一几折", paraphrases=(), answer="全场五折。", valid_until=date(2026, 11, 11)
)
BROKEN = replace(FEE, id="app", question="重复付款了怎么办", paraphrases=(), answer="多付的款两天内退回。")
FIRST = replace(SHIP, variants=(Variant("wechat", "亲，两天内发货。"),))
CONTENTS = (FIRST, BACK, FEE, SALE, BROKEN)

SENTENCES = {
    "what an entry answers": ("什么时候发货", "answer", "entry", ""),
    "what no entry answers": ("蓝鲸住哪", "handoff", "assistant", ""),
    "a wish for a person, whom nobody argues with": ("转人工", "human", "rule", "human-request"),
    "a hello": ("你好", "greeting", "assistant", ""),
    "thanks": ("谢谢", "thanks", "assistant", ""),
    "a nod": ("好的", "acknowledged", "assistant", ""),
    "an order number's owner: the task": ("帮我查一下订单", "task", "task", ""),
    "a threat of the law, before all knowledge": ("再不发货我就去法院起诉你们", "handoff", "rule", "legal-dispute"),
    "insults, which are answered": ("你们这些傻逼", "guarded", "rule", "abuse"),
    "a fault that the knowledge helps with": ("重复付款了怎么办", "answer", "entry", "payment-fault"),
    "a fault that it does not": ("I was charged twice", "handoff", "rule", "payment-fault"),
}


class Room:
    """The service over one database, and a stage on which the same release answers."""

    def __init__(self, database: Database) -> None:
        self.bench = Bench(database)
        self.api = KnowledgeApi(self.bench.desk, self.bench.clock, SETTING)

    async def opened(self) -> "Room":
        await self.bench.publish(await self.bench.take(*CONTENTS, documents=dict(TASKS)))
        return self

    async def ask(self, words: str, **how: str) -> pb.AskResponse:
        return await self.api.Ask(pb.AskRequest(workspace=SHOP, question=words, **how), NO_CONTEXT)


async def test_what_is_shown_is_what_a_customer_is_told(database: Database) -> None:
    room = await Room(database).opened()
    for case, (words, decision, decided_by, rule) in SENTENCES.items():
        answer = await room.ask(words)
        assert (answer.decision, answer.decided_by, answer.rule.name) == (decision, decided_by, rule), case
        stage = Stage(now=room.bench.now, answerer=room.bench.library)
        address = replace(stage.conversation.address, workspace=SHOP)
        locale = "en" if words.isascii() else "zh-CN"
        stage.turn.conversation = replace(stage.conversation, address=address, locale=locale)
        handled = stage.customer(words)
        told = [message.content for message in stage.turn.outbound]
        shown = [content_from_proto(one) for one in answer.says]
        assert list(map(c.plain_text, shown)) == list(map(c.plain_text, told)), case
        assert handled.intent.split("_")[0] in (decision, "handoff"), case
        assert answer.handoff_reason == stage.conversation.handoff_reason, case


async def test_a_rule_shows_what_set_it_off_and_whether_it_gave_way(database: Database) -> None:
    room = await Room(database).opened()
    rule = (await room.ask("再不发货我就去法院起诉你们")).rule
    assert (rule.kind, rule.action, rule.decided) == ("legal", "hand_off", True)
    assert any("起诉" in one for one in rule.matched)
    gave_way = (await room.ask("重复付款了怎么办")).rule
    assert (gave_way.name, gave_way.decided) == ("payment-fault", False)
    assert not (await room.ask("什么时候发货")).HasField("rule")


async def test_a_question_is_tried_on_the_day_that_is_asked_for(database: Database) -> None:
    room = await Room(database).opened()
    assert (await room.ask("双十一几折")).decision != "answer"
    then = await room.ask("双十一几折", day="2026-11-11")
    assert (then.decision, then.text, then.day) == ("answer", "全场五折。", "2026-11-11")
    assert (await room.ask("双十一几折", day="2026-11-12")).decision != "answer"
    today = room.bench.now.astimezone(SETTING.zone).date()
    assert (await room.ask("什么时候发货")).day == today.isoformat()
    with pytest.raises(RpcProblem) as problem:
        await room.ask("什么时候发货", day="2026-02-30")
    assert problem.value.code == "day_unreadable"


async def test_the_channel_chooses_the_wording_and_the_release_what_is_known(database: Database) -> None:
    room = await Room(database).opened()
    assert (await room.ask("什么时候发货", channel="wechat")).text == "亲，两天内发货。"
    assert (await room.ask("什么时候发货", channel="app")).text == SHIP.answer
    newer = await room.bench.take(replace(FIRST, answer="当天发货。"), BACK, FEE)
    tried = await room.ask("什么时候发货", release_id=newer)
    assert (tried.text, tried.release_id, tried.release_number) == ("当天发货。", newer, 2)
    assert (await room.ask("什么时候发货")).release_number == 1


async def test_it_is_shown_how_the_question_was_read_and_what_holds(database: Database) -> None:
    room = await Room(database).opened()
    answer = await room.ask("請問　什麼時候發貨？？", channel="website")
    assert (answer.language, answer.normalised) == ("zh", "什么时候发货")
    assert answer.candidates[0].entry.id == "ship"
    assert 0 < answer.clarify_threshold <= answer.threshold < 1
    task = await room.ask("帮我查一下订单")
    assert task.task == "order_query"
    assert task.open
    assert (await room.ask("when do you ship")).language == "en"


async def test_before_anything_is_published_guards_and_plain_wishes_hold(database: Database) -> None:
    room = Room(database)
    assert (await room.ask("什么时候发货")).decision == "handoff"
    assert (await room.ask("我要去法院起诉你们")).rule.name == "legal-dispute"
    assert (await room.ask("转人工")).decision == "human"
    assert (await room.ask("你好")).decision == "greeting"


def test_the_console_knows_every_decision_and_no_other() -> None:
    listed = re.search(r"export const decisions = \[(.*?)\]", TYPES.read_text("utf-8"), re.DOTALL)
    assert listed is not None
    known = {"answer", "clarify", "handoff", "human", "greeting", "thanks", "acknowledged", "task", "guarded"}
    assert set(re.findall(r"'(\w+)'", listed[1])) == known
    assert {decision for _, decision, _, _ in SENTENCES.values()} == known - {"clarify"}
