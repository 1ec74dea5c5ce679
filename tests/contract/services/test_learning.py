"""From what customers were not answered to an entry that answers them, on real databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import ENTRIES, SHOP, Bench
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Delivery
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.dialogue import store
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.misses.desk import MissDesk
from yizhan.dialogue.misses.figures import LearningFigures
from yizhan.dialogue.misses.groups import Groups
from yizhan.dialogue.misses_api import LearningApi
from yizhan.dialogue.store import misses as miss_store
from yizhan.dialogue.store.miss_tables import miss_groups, misses
from yizhan.dialogue.store.tables import conversations, messages
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.writer import Rules, Writer
from yizhan.pb.v1 import knowledge_pb2, learning_pb2 as pb

RULES = Rules(partitions=16, voice=Voice("助手"), idle_close=timedelta(minutes=30), zone=ZoneInfo("Asia/Shanghai"))
OPEN, DRAFTED, DISMISSED = (
    pb.MissState.MISS_STATE_OPEN,
    pb.MissState.MISS_STATE_DRAFTED,
    pb.MissState.MISS_STATE_DISMISSED,
)
INVOICE = ["可以开专票吗", "可不可以开专票", "专票可以开不"]


@dataclass
class Shop:
    """A business: its customers, its one agent and its editor."""

    database: Database
    knowledge: Bench
    clock: SteppedClock
    writer: Writer
    api: LearningApi
    metrics: Metrics

    @classmethod
    def on(cls, database: Database) -> "Shop":
        knowledge, clock, metrics = Bench(database), SteppedClock(), Metrics("dialogue")
        bus = RecordingBus()
        writer = Writer(
            database=database,
            bus=cast(Any, bus),
            inbox=Inbox(database, store.inbox),
            outbox=Outbox(database, store.outbox, cast(Any, bus)),
            timers=Timers(database, store.timers, clock=clock),
            answerer=knowledge.library,
            job_ends=JobEnds({}),
            wake_jobs=lambda: None,
            count=LearningFigures(metrics).count,
            rules=RULES,
            clock=clock,
            new_id=new_id,
        )
        desk = MissDesk(database, knowledge.desk, Groups(database, clock=clock, new_id=new_id), clock=clock)
        return cls(database, knowledge, clock, writer, LearningApi(desk, knowledge.library, database, clock), metrics)

    def pass_days(self, days: float) -> None:
        self.clock.step(days * 86_400)
        self.knowledge.now = self.clock.at

    async def _take(self, what: Message | k.Command) -> None:
        envelope = envelopes.inbound(what, 16).envelope
        await self.writer.handle([Delivery("inbound.0", envelope, False)])
        while not self.writer._publishing.empty():
            self.writer._publishing.get_nowait()
            self.writer._publishing.task_done()

    async def asks(self, customer: str, *texts: str) -> None:
        for text in texts:
            author = Author(AuthorKind.CUSTOMER, customer)
            content = c.Text(text)
            await self._take(Message(new_id(), _address(customer), author, content, self.clock.at, dedupe_key=new_id()))

    async def told(self, customer: str, kind: k.CommandKind) -> None:
        epoch = (await self.conversation(customer)).epoch
        await self._take(k.Command(new_id(), _address(customer), self.clock.at, kind, "", epoch))

    async def agent(self, customer: str, *texts: str, suggestion: k.SuggestionUse | None = None) -> None:
        """The agent takes the conversation, unless they have it, and says this."""
        if not (await self.conversation(customer)).agent_id:
            await self.told(customer, k.Assign("agent-1", "小雅", "a-1"))
        for text in texts:
            await self.told(customer, k.Say("agent-1", "小雅", c.Text(text), new_id(), suggestion))

    async def conversation(self, customer: str) -> Conversation:
        async with self.database.read() as tx:
            found = await store.conversation_by_address(tx, _address(customer))
        assert found is not None
        return found

    async def groups(self, state: pb.MissState.ValueType = OPEN) -> Sequence[pb.MissGroup]:
        asked = pb.ListMissGroupsRequest(workspace=SHOP, state=state, page_size=100)
        found = await self.api.ListMissGroups(asked, NOWHERE)
        assert (found.behind, found.next_page_token) == (0, "")
        return found.groups

    async def details(self, group_id: str) -> pb.GetMissGroupResponse:
        return await self.api.GetMissGroup(pb.GetMissGroupRequest(workspace=SHOP, group_id=group_id), NOWHERE)

    async def draft(self, group_id: str, **fields: object) -> pb.DraftMissGroupResponse:
        asked = pb.DraftMissGroupRequest(workspace=SHOP, group_id=group_id, drafted_by="mei", **cast(Any, fields))
        return await self.api.DraftMissGroup(asked, NOWHERE)

    async def suggestions(self, customer: str, agent: str = "agent-1") -> pb.SuggestAnswersResponse:
        conversation = await self.conversation(customer)
        asked = pb.SuggestAnswersRequest(workspace=SHOP, conversation_id=conversation.id, agent_id=agent)
        return await self.api.SuggestAnswers(asked, NOWHERE)

    async def publish_draft(self) -> None:
        release = await self.knowledge.desk.publisher.build(SHOP, by="mei")
        await self.knowledge.desk.publisher.publish(SHOP, release.id, by="mei", forced_reason="a test")


NOWHERE = cast(Any, None)


def _address(customer: str) -> Address:
    return Address(SHOP, "website", "demo", customer)


@pytest.fixture
async def shop(database: Database) -> Shop:
    made = Shop.on(database)
    await made.knowledge.publish(await made.knowledge.take())
    return made


async def test_unanswered_questions_are_shown_in_groups_the_most_asked_first(shop: Shop) -> None:
    for number, text in enumerate(INVOICE):
        await shop.asks(f"v:{number}", text)
    await shop.asks("v:9", "有没有门店可以试穿")
    await shop.asks("v:8", "什么时候发货")
    first, second = await shop.groups()
    assert (first.question in INVOICE, first.count, first.customers, first.rank) == (True, 3, 3, 12)
    assert (second.question, second.count, second.customers, second.rank) == ("有没有门店可以试穿", 1, 1, 4)
    assert {one.reason: one.count for one in first.reasons} == {"no_answer": 3}
    assert (list(first.languages), first.answered_now, first.drafted_entry_id) == (["zh"], False, "")
    details = await shop.details(first.id)
    assert sorted(one.text for one in details.wordings) == sorted(INVOICE)
    assert details.proposal.question == first.question
    assert sorted((details.proposal.question, *details.proposal.paraphrases)) == sorted(INVOICE)
    assert (details.proposal.id, details.proposal.answer) == ("", "")


async def test_many_questions_of_one_customer_rank_below_one_of_many_and_old_ones_below_new(shop: Shop) -> None:
    for number in range(5):
        await shop.asks(f"old:{number}", "有没有门店可以试穿")
    shop.pass_days(40)
    for _ in range(6):
        await shop.asks("v:once", "支持花呗分期吗")
        await shop.told("v:once", k.ReturnToBot("", ""))
    for number in range(2):
        await shop.asks(f"v:{number}", "可以开专票吗")
    shown = [(one.question, one.customers, one.count, one.rank) for one in await shop.groups()]
    assert shown == [
        ("可以开专票吗", 2, 2, 8),
        ("有没有门店可以试穿", 5, 5, 5),
        ("支持花呗分期吗", 1, 6, 4),
    ]
    assert [one.customers_7_days for one in await shop.groups()] == [2, 0, 1]


async def test_a_group_becomes_an_entry_that_answers_and_says_so(shop: Shop) -> None:
    for number, text in enumerate(INVOICE):
        await shop.asks(f"v:{number}", text)
    await shop.agent("v:1", "您好", "可以的，下单时填写税号即可开专票。", "还有别的吗")
    (group,) = await shop.groups()
    details = await shop.details(group.id)
    assert [one.text for one in details.replies] == ["可以的，下单时填写税号即可开专票。"]
    assert details.proposal.answer == "可以的，下单时填写税号即可开专票。"
    shop.clock.step(60)
    done = await shop.draft(group.id)
    assert (done.entry.entry.question, done.entry.changed_by) == (details.proposal.question, "mei")
    assert (done.group.state, done.group.drafted_entry_id) == (DRAFTED, done.entry.entry.id)
    assert (done.group.published, done.group.still_missed, done.group.answered_now) == (False, False, False)
    assert list(await shop.groups()) == []
    shop.clock.step(60)
    shop.knowledge.now = shop.clock.at
    await shop.publish_draft()
    (group,) = await shop.groups(DRAFTED)
    assert (group.published, group.answered_now, group.still_missed) == (True, True, False)
    await shop.asks("v:7", INVOICE[2])
    (again,) = await shop.groups(DRAFTED)
    assert (again.count, again.still_missed) == (3, False), "an answered question is no miss"


async def test_what_is_drafted_and_published_and_missed_again_is_still_missed(shop: Shop) -> None:
    await shop.asks("v:1", INVOICE[0])
    (group,) = await shop.groups()
    entry = knowledge_pb2.Entry(question="如何设置昵称", answer="在个人中心。")  # the editor misunderstood
    await shop.draft(group.id, entry=entry)
    shop.clock.step(60)
    shop.knowledge.now = shop.clock.at
    await shop.publish_draft()
    (group,) = await shop.groups(DRAFTED)
    assert (group.published, group.answered_now, group.still_missed) == (True, False, True)


async def test_wordings_are_added_to_an_entry_that_is_there_once(shop: Shop) -> None:
    for number, text in enumerate(INVOICE):
        await shop.asks(f"v:{number}", text)
    (group,) = await shop.groups()
    done = await shop.draft(group.id, entry_id="fee", paraphrases=[INVOICE[0], "運費多少錢？"])
    assert list(done.entry.entry.paraphrases) == [*ENTRIES[2].paraphrases, INVOICE[0]]
    again = await shop.draft(group.id, entry_id="fee", paraphrases=[INVOICE[0]])
    assert again.entry.revision == done.entry.revision
    everything = await shop.draft(group.id, entry_id="fee")
    assert sorted(everything.entry.entry.paraphrases[2:]) == sorted(INVOICE)
    with pytest.raises(RpcProblem) as refused:
        await shop.draft(group.id, entry_id="nothing")
    assert refused.value.code == "not_in_draft"


async def test_drafting_twice_writes_one_entry_and_another_one_with_its_id_is_not_overwritten(shop: Shop) -> None:
    await shop.asks("v:1", INVOICE[0])
    (group,) = await shop.groups()
    entry = knowledge_pb2.Entry(id="invoice", question="可以开专票吗", answer="可以。")
    first = await shop.draft(group.id, entry=entry)
    assert (await shop.draft(group.id, entry=entry)).entry.revision == first.entry.revision
    entry.answer = "不可以。"
    with pytest.raises(RpcProblem) as refused:
        await shop.draft(group.id, entry=entry)
    assert refused.value.code == "stale_revision"


async def test_without_an_answer_nothing_is_drafted_and_the_problem_is_named(shop: Shop) -> None:
    await shop.asks("v:1", INVOICE[0])
    (group,) = await shop.groups()
    done = await shop.draft(group.id)
    assert [problem.column for problem in done.problems] == ["answer"]
    assert [one.id for one in await shop.groups()] == [group.id]


async def test_personal_data_is_masked_and_never_proposed(shop: Shop) -> None:
    await shop.asks("v:1", "可以开专票吗，电话13812345678")
    await shop.asks("v:2", "可以开专票吗")
    await shop.agent("v:1", "可以，稍后打给您13812345678")
    (group,) = await shop.groups()
    details = await shop.details(group.id)
    assert "13812345678" not in str(details)
    assert (details.group.question, list(details.proposal.paraphrases), details.proposal.answer) == (
        "可以开专票吗",
        [],
        "",
    )
    assert len(details.wordings) == 2


async def test_a_dismissed_group_is_off_the_list_until_it_is_put_back(shop: Shop) -> None:
    await shop.asks("v:1", INVOICE[0])
    (group,) = await shop.groups()
    asked = pb.DismissMissGroupRequest(
        workspace=SHOP, group_id=group.id, reason=" 不是我们的业务 ", dismissed_by="小梅"
    )
    assert (await shop.api.DismissMissGroup(asked, NOWHERE)).state == DISMISSED
    await shop.asks("v:2", INVOICE[1])
    assert list(await shop.groups()) == []
    (dismissed,) = await shop.groups(DISMISSED)
    assert dismissed.count == 2
    assert (dismissed.dismissed_reason, dismissed.dismissed_by) == ("不是我们的业务", "小梅")
    assert dismissed.HasField("dismissed_at")
    reopened = await shop.api.ReopenMissGroup(pb.ReopenMissGroupRequest(workspace=SHOP, group_id=group.id), NOWHERE)
    assert (reopened.state, [one.id for one in await shop.groups()]) == (OPEN, [group.id])
    assert (reopened.dismissed_reason, reopened.dismissed_by, reopened.HasField("dismissed_at")) == ("", "", False)
    with pytest.raises(RpcProblem) as refused:
        await shop.api.DismissMissGroup(pb.DismissMissGroupRequest(workspace=SHOP, group_id="none"), NOWHERE)
    assert refused.value.code == "unknown_group"


async def test_another_business_sees_nothing_of_it(shop: Shop) -> None:
    await shop.asks("v:1", INVOICE[0])
    (group,) = await shop.groups()
    other = await shop.api.ListMissGroups(pb.ListMissGroupsRequest(workspace="other"), NOWHERE)
    assert list(other.groups) == []
    with pytest.raises(RpcProblem) as refused:
        await shop.api.GetMissGroup(pb.GetMissGroupRequest(workspace="other", group_id=group.id), NOWHERE)
    assert refused.value.code == "unknown_group"


async def test_erasing_a_conversation_leaves_no_words_in_misses(shop: Shop, database: Database) -> None:
    await shop.asks("v:1", "可以开专票吗，电话13812345678")
    await shop.asks("v:2", "有没有门店可以试穿")
    assert len(await shop.groups()) == 2
    async with database.read() as tx:
        kept = [*(await tx.execute(sa.select(misses))).all(), *(await tx.execute(sa.select(miss_groups))).all()]
    assert not any(word in str(kept) for word in ("1381234", "专票", "门店"))
    gone = (await shop.conversation("v:1")).id
    async with database.begin() as tx:
        await tx.execute(messages.delete().where(messages.c.conversation_id == gone))
    texts = [one.question for one in await shop.groups()]
    assert sorted(texts) == ["", "有没有门店可以试穿"], "the words go with the transcript"
    async with database.begin() as tx:
        await tx.execute(conversations.delete().where(conversations.c.id == gone))
        assert await miss_store.forget(tx, SHOP, [gone]) == 1
    assert [one.question for one in await shop.groups()] == ["有没有门店可以试穿"]
    await shop.asks("v:3", "可以开专票吗")
    assert sorted(one.count for one in await shop.groups()) == [1, 1]


async def test_two_processes_that_group_at_once_make_one_group(shop: Shop, database: Database) -> None:
    await shop.asks("v:1", INVOICE[0])
    other = Shop.on(database)
    assert len(await shop.groups()) == 1
    await shop.asks("v:2", INVOICE[1])
    assert len(await other.groups()) == 1
    await shop.asks("v:3", INVOICE[2])
    assert [one.customers for one in await shop.groups()] == [3]


async def test_thousands_of_misses_are_grouped_in_bounded_portions(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yizhan.dialogue.misses.groups.PORTION", 50)
    monkeypatch.setattr("yizhan.dialogue.misses.groups.MOST_AT_ONCE", 100)
    await shop.asks("v:1", INVOICE[0])
    async with database.begin() as tx:
        (row,) = (await tx.execute(sa.select(misses))).mappings()
        await tx.execute(misses.insert(), [{**row, "id": new_id()} for _ in range(230)])
    asked = pb.ListMissGroupsRequest(workspace=SHOP)
    behind = [(await shop.api.ListMissGroups(asked, NOWHERE)).behind for _ in range(3)]
    assert behind == [131, 31, 0]
    assert [(one.count, one.customers) for one in await shop.groups()] == [(1, 1)], "one question, however often noted"


SUGGESTIONS = [
    ("the last question is answered", ["转人工", "什么时候发货"], "48小时内发货。"),
    ("a question before the hand-off is answered", ["今天能发货吗，什么时候发货呀", "转人工"], "48小时内发货。"),
    ("two messages are one question", ["转人工", "运费", "是多少钱"], "满99元包邮。"),
]


@pytest.mark.parametrize(("texts", "expected"), [pytest.param(a, b, id=name) for name, a, b in SUGGESTIONS])
async def test_an_agent_is_offered_answers_to_the_last_words(shop: Shop, texts: list[str], expected: str) -> None:
    await shop.asks("v:1", texts[0])
    await shop.asks("v:1", *texts[1:])
    await shop.agent("v:1")
    found = await shop.suggestions("v:1")
    assert found.answers[0].text == expected
    assert len(found.answers) <= 3
    assert found.release_id
    assert found.message_id
    scores = [one.score for one in found.answers]
    assert scores == sorted(scores, reverse=True)


async def test_once_the_agent_has_answered_there_is_nothing_to_suggest(shop: Shop) -> None:
    await shop.asks("v:1", "转人工", "什么时候发货")
    await shop.agent("v:1", "马上看")
    found = await shop.suggestions("v:1")
    assert (list(found.answers), found.message_id) == ([], "")


async def test_suggestions_are_for_the_agent_who_has_the_conversation(shop: Shop) -> None:
    await shop.asks("v:1", "转人工", "什么时候发货")
    for agent in ("agent-1", "agent-2"):
        with pytest.raises(RpcProblem) as refused:
            await shop.suggestions("v:1", agent)
        assert refused.value.code == "not_your_conversation"
    await shop.agent("v:1")
    assert (await shop.suggestions("v:1")).answers
    with pytest.raises(RpcProblem):
        await shop.suggestions("v:1", "agent-2")


async def test_the_knowledge_is_searched_by_meaning_and_by_words(shop: Shop) -> None:
    async def search(words: str) -> list[str]:
        asked = pb.SearchKnowledgeRequest(workspace=SHOP, words=words)
        return [one.entry_id for one in (await shop.api.SearchKnowledge(asked, NOWHERE)).answers]

    assert (await search("多久可以发货"))[0] == "ship"
    assert "fee" in await search("99元")
    assert await search("zzzz") == []


async def test_what_agents_make_of_suggestions_is_counted(shop: Shop) -> None:
    uses = [
        k.SuggestionUse("ship", edited=False, shown=("ship", "back")),
        k.SuggestionUse("ship", edited=True, shown=("ship", "back", "fee")),
        k.SuggestionUse(shown=("ship",)),
        None,
    ]
    await shop.asks("v:1", "转人工")
    for use in uses:
        await shop.agent("v:1", "好的", suggestion=use)
    found = await shop.api.ListSuggestionUses(pb.ListSuggestionUsesRequest(workspace=SHOP), NOWHERE)
    counted = {one.entry_id: (one.as_is, one.edited, one.ignored) for one in found.entries}
    assert counted == {"ship": (1, 1, 1), "back": (0, 0, 2), "fee": (0, 0, 1)}
    assert (found.entries[0].entry_id, found.entries[0].question) == ("ship", "什么时候发货")
    assert (found.total.as_is, found.total.edited, found.total.ignored) == (1, 1, 4)
    shop.pass_days(31)
    later = await shop.api.ListSuggestionUses(pb.ListSuggestionUsesRequest(workspace=SHOP), NOWHERE)
    assert list(later.entries) == []


async def test_what_agents_find_by_searching_is_counted_apart_from_what_they_were_shown(shop: Shop) -> None:
    uses = [
        k.SuggestionUse("fee", shown=("ship", "back"), searched=True),
        k.SuggestionUse("fee", edited=True, searched=True),
        k.SuggestionUse("ship", shown=("ship",)),
        k.SuggestionUse("fee", edited=True, searched=True),
    ]
    await shop.asks("v:1", "转人工")
    for use in uses:
        await shop.agent("v:1", "好的", suggestion=use)
    found = await shop.api.ListSuggestionUses(pb.ListSuggestionUsesRequest(workspace=SHOP), NOWHERE)
    counted = [(one.entry_id, one.as_is, one.ignored, one.found_as_is, one.found_edited) for one in found.entries]
    assert counted == [("fee", 0, 0, 1, 2), ("ship", 1, 1, 0, 0), ("back", 0, 1, 0, 0)], "the most taken first"
    total = found.total
    assert (total.as_is, total.edited, total.ignored, total.found_as_is, total.found_edited) == (1, 0, 2, 1, 2)
    assert shop.metrics.registry.get_sample_value("yizhan_suggestions_total", {"outcome": "found_edited"}) == 2


async def test_a_refused_reply_counts_no_suggestion(shop: Shop) -> None:
    await shop.asks("v:1", "转人工")
    await shop.told("v:1", k.Say("agent-1", "小雅", c.Text("好"), "x", k.SuggestionUse("ship", shown=("ship",))))
    found = await shop.api.ListSuggestionUses(pb.ListSuggestionUsesRequest(workspace=SHOP), NOWHERE)
    assert list(found.entries) == []


async def test_misses_and_suggestions_are_metrics(shop: Shop) -> None:
    await shop.asks("v:1", INVOICE[0])
    await shop.agent("v:1", "好", suggestion=k.SuggestionUse("ship", edited=True, shown=("ship", "fee")))
    value = shop.metrics.registry.get_sample_value
    assert value("yizhan_misses_total", {"reason": "no_answer"}) == 1
    assert value("yizhan_suggestions_total", {"outcome": "edited"}) == 1
    assert value("yizhan_suggestions_total", {"outcome": "ignored"}) == 1
