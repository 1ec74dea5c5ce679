"""Who customers are across channels and what is known of them, on real databases."""

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tests.contract.services.customer_bench import KNOWN, KNOWN_ELSEWHERE, MEI, NOWHERE, WEB, WEB_2, WECHAT, Shop
from tests.contract.services.knowledge_bench import SHOP
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.bulk import write_together
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.customers.following import Following
from yizhan.dialogue.customers.linking import owner
from yizhan.dialogue.store.customer_tables import identities, identity_conversations
from yizhan.dialogue.store.customers_links import events_of
from yizhan.dialogue.store.tables import conversations
from yizhan.dialogue.tasks.state import Phase, TaskState, Value
from yizhan.pb.v1 import customers_pb2 as pb


@pytest.fixture
async def shop(database: Database) -> Shop:
    made = Shop.on(database)
    await made.knowledge.publish(await made.knowledge.take())
    return made


def reached(card: pb.GetCustomerResponse) -> list[str]:
    return sorted(one.customer for one in card.customer.identities)


def figure(card: pb.GetCustomerResponse, name: str) -> float | None:
    (found,) = [one for one in card.profile.figures if one.name == name]
    return found.value if found.HasField("value") else None


async def refused(call: Any) -> str:
    with pytest.raises(RpcProblem) as problem:
        await call
    return problem.value.code


async def test_whoever_writes_first_is_a_customer_of_their_own(shop: Shop) -> None:
    await shop.says(WEB, "什么时候发货", name="张三")
    await shop.says(WECHAT, "你好")
    card = await shop.card(WEB)
    (identity,) = card.customer.identities
    assert (identity.channel, identity.account, identity.customer, identity.name) == ("website", "demo", "v:1", "张三")
    assert (card.customer.id, identity.linked, identity.sessions) == (identity.id, False, 1)
    assert card.customer.name == "张三"
    assert await shop.id_of(WECHAT) != card.customer.id


async def test_threads_of_one_address_are_one_identity(shop: Shop) -> None:
    first = Address(SHOP, "email", "support", "li@example.com", "t1")
    second = Address(SHOP, "email", "support", "li@example.com", "t2")
    await shop.says(first, "发票")
    await shop.says(second, "还有一件事")
    assert await shop.id_of(first) == await shop.id_of(second)
    (identity,) = (await shop.card(first)).customer.identities
    assert (identity.conversations, len(identity.conversation_ids)) == (2, 2)


async def test_identities_are_made_of_conversations_once_whoever_looks_and_however_often(
    shop: Shop, database: Database
) -> None:
    await shop.says(WEB, "你好")
    before = await shop.id_of(WEB)
    for number in range(7):
        await shop.says(Address(SHOP, "website", "demo", f"v:1{number}"), "你好")
    small = Following(database, portion=3)
    assert [await small.catch_up(), await shop.following.catch_up(), await small.catch_up()] == [7, 0, 0]
    await shop.says(WECHAT, "你好")
    assert await small.catch_up() == 1
    assert await shop.id_of(WEB) == before
    async with database.read() as tx:
        for table in (identities, identity_conversations):
            assert (await tx.execute(sa.select(sa.func.count()).select_from(table))).scalar() == 9


async def test_a_conversation_that_was_committed_late_is_found_all_the_same(shop: Shop, database: Database) -> None:
    await shop.says(WEB, "你好")
    await shop.says(WECHAT, "你好")
    late = (await shop.conversation(WEB)).id
    async with database.begin() as tx:
        row = (await tx.execute(sa.select(conversations).where(conversations.c.id == late))).mappings().one()
        await tx.execute(conversations.delete().where(conversations.c.id == late))
    assert await shop.following.catch_up() == 1
    async with database.begin() as tx:
        await tx.execute(conversations.insert(), [dict(row)])
    assert await shop.following.catch_up() == 1


async def test_linked_identities_are_one_customer_and_unlinked_ones_two_again(shop: Shop) -> None:
    await shop.says(WEB, "你好")
    await shop.says(WECHAT, "你好")
    web, wechat, before = await shop.id_of(WEB), await shop.id_of(WECHAT), await shop.recipients()
    linked = await shop.link(WECHAT, web, reason="同一个手机号")
    assert (linked.customer.id, reached(linked)) == (web, ["openid-1", "v:1"])
    assert [one.linked for one in linked.customer.identities if one.channel == "wechat"] == [True]
    assert await shop.id_of(WECHAT) == web
    left = await shop.unlink(WECHAT)
    assert (left.customer.id, reached(left)) == (web, ["v:1"])
    assert await shop.id_of(WECHAT) == wechat
    assert await shop.recipients() == before
    events = (await shop.api.ListLinkEvents(pb.ListLinkEventsRequest(workspace=SHOP, customer_id=web), NOWHERE)).events
    assert [(one.kind, one.number, one.from_customer_id, one.to_customer_id) for one in events] == [
        (pb.LinkKind.LINK_KIND_UNLINK, 2, web, wechat),
        (pb.LinkKind.LINK_KIND_LINK, 1, wechat, web),
    ]
    assert (events[1].reason, events[1].by.name, events[1].HasField("at")) == ("同一个手机号", "小梅", True)


async def test_an_agents_words_go_to_the_channel_that_was_asked_on_whatever_is_linked(shop: Shop) -> None:
    await shop.says(WEB, "转人工")
    await shop.says(WECHAT, "转人工")
    await shop.told(WECHAT, k.Assign("agent-1", "小雅", "a-1"))
    await shop.link(WECHAT, await shop.id_of(WEB))
    before = len(shop.bus.published)
    await shop.told(WECHAT, k.Say("agent-1", "小雅", c.Text("您好"), new_id()))
    await shop.writer._outbox.recover(range(16))
    sent = [one.envelope.message for one in shop.bus.published[before:] if one.envelope.HasField("message")]
    said = [one for one in sent if one.content.text.text == "您好"]
    assert {(one.address.channel, one.address.customer) for one in said} == {("wechat", "openid-1")}


async def test_a_customer_who_was_linked_away_as_a_whole_is_found_under_the_old_id(shop: Shop) -> None:
    await shop.says(WEB, "你好")
    await shop.says(WECHAT, "你好")
    web, wechat = await shop.id_of(WEB), await shop.id_of(WECHAT)
    await shop.link_all(wechat, web)
    found = await shop.api.GetCustomer(pb.GetCustomerRequest(workspace=SHOP, customer_id=wechat), NOWHERE)
    assert found.customer.id == web
    assert await refused(shop.link_all(wechat, web)) == "already_linked"


async def test_two_on_one_account_are_linked_only_by_force_and_with_a_reason(shop: Shop) -> None:
    await shop.says(WEB, "你好")
    await shop.says(WEB_2, "你好")
    web = await shop.id_of(WEB)
    assert await refused(shop.link(WEB_2, web)) == "same_account"
    assert await refused(shop.link(WEB_2, web, force=True)) == "reason_missing"
    assert reached(await shop.card(WEB)) == ["v:1"]
    linked = await shop.link(WEB_2, web, force=True, reason="换了浏览器")
    assert reached(linked) == ["v:1", "v:2"]
    events = (await shop.api.ListLinkEvents(pb.ListLinkEventsRequest(workspace=SHOP, customer_id=web), NOWHERE)).events
    assert [(one.forced, one.reason) for one in events] == [(True, "换了浏览器")]


async def test_what_cannot_be_linked_says_why_and_changes_nothing(shop: Shop) -> None:
    await shop.says(WEB, "你好")
    await shop.says(WECHAT, "你好")
    web = await shop.id_of(WEB)
    assert await refused(shop.unlink(WEB)) == "not_linked"
    assert await refused(shop.link(WEB, web)) == "already_linked"
    assert await refused(shop.link(WECHAT, "nobody")) == "unknown_customer"
    assert await refused(shop.link_all("nobody", web)) == "unknown_customer"
    unknown = pb.LinkIdentitiesRequest(workspace=SHOP, customer_id=web, identity_id="nobody", by=MEI)
    assert await refused(shop.api.LinkIdentities(unknown, NOWHERE)) == "unknown_identity"
    nowhere = pb.GetCustomerRequest(workspace=SHOP, conversation_id="nothing")
    assert await refused(shop.api.GetCustomer(nowhere, NOWHERE)) == "unknown_conversation"
    assert reached(await shop.card(WEB)) == ["v:1"]


async def test_what_is_stored_is_what_the_events_come_to(shop: Shop, database: Database) -> None:
    places = [Address(SHOP, "wechat", f"mp{number}", f"o{number}") for number in range(3)]
    for one in places:
        await shop.says(one, "你好")
    ids = [await shop.id_of(one) for one in places]
    await shop.link(places[0], ids[1])
    await shop.link(places[0], ids[2])
    await shop.link(places[1], ids[2])
    await shop.unlink(places[0])
    async with database.read() as tx:
        events = await events_of(tx, ids)
        rows = await tx.execute(sa.select(identities.c.id, identities.c.customer_id))
        stored = {row[0]: row[1] for row in rows}
    assert stored == {one: owner(one, events[one]) for one in ids}
    assert [stored[one] for one in ids] == [ids[1], ids[2], ids[2]]


async def test_what_was_noted_goes_with_the_identity_that_it_was_noted_of(shop: Shop) -> None:
    await shop.says(WEB, "你好")
    await shop.says(WECHAT, "你好")
    web, wechat = await shop.id_of(WEB), await shop.id_of(WECHAT)
    await shop.tag(web, "VIP")
    await shop.tag(wechat, "微信粉丝", "VIP")
    attributes = pb.SetCustomerAttributesRequest(workspace=SHOP, customer_id=wechat, set={"level": "gold"}, by=MEI)
    await shop.api.SetCustomerAttributes(attributes, NOWHERE)
    note = pb.AddCustomerNoteRequest(workspace=SHOP, customer_id=wechat, text="下午联系\n别打电话", by=MEI)
    await shop.api.AddCustomerNote(note, NOWHERE)
    both = await shop.link(WECHAT, web)
    assert [one.tag for one in both.customer.tags] == ["VIP", "微信粉丝"]
    assert {one.name: one.value for one in both.attributes} == {"level": "gold"}
    assert [(one.text, one.by.name) for one in both.notes] == [("下午联系\n别打电话", "小梅")]
    shop.clock.step(60)
    await shop.api.SetCustomerAttributes(
        pb.SetCustomerAttributesRequest(workspace=SHOP, customer_id=web, set={"level": "black"}, by=MEI), NOWHERE
    )
    assert {one.name: one.value for one in (await shop.card(WEB)).attributes} == {"level": "black"}
    alone = await shop.unlink(WECHAT)
    assert ([one.tag for one in alone.customer.tags], list(alone.notes)) == (["VIP"], [])
    theirs = await shop.card(WECHAT)
    assert [one.tag for one in theirs.customer.tags] == ["VIP", "微信粉丝"]
    assert {one.name: one.value for one in theirs.attributes} == {"level": "gold"}


async def test_a_tag_that_is_removed_from_a_linked_customer_is_gone_wherever_it_came_from(shop: Shop) -> None:
    await shop.says(WEB, "你好")
    await shop.says(WECHAT, "你好")
    web = await shop.id_of(WEB)
    await shop.tag(await shop.id_of(WECHAT), "退货多")
    await shop.link(WECHAT, web)
    assert list((await shop.tag(web, remove=["退货多"])).customer.tags) == []
    await shop.unlink(WECHAT)
    assert list((await shop.card(WECHAT)).customer.tags) == []


NOT_KEPT = [
    pytest.param({"add": [" "]}, "bad_value", id="a tag of nothing"),
    pytest.param({"add": ["长" * 41]}, "bad_value", id="a tag that is a sentence"),
    pytest.param({"add": [f"t{number}" for number in range(31)]}, "too_many", id="more tags than anybody reads"),
]


@pytest.mark.parametrize(("change", "code"), NOT_KEPT)
async def test_tags_have_a_size(shop: Shop, change: Mapping[str, Any], code: str) -> None:
    await shop.says(WEB, "你好")
    asked = pb.SetCustomerTagsRequest(workspace=SHOP, customer_id=await shop.id_of(WEB), by=MEI, **change)
    assert await refused(shop.api.SetCustomerTags(asked, NOWHERE)) == code
    assert list((await shop.card(WEB)).customer.tags) == []


async def test_customers_are_found_by_name_id_and_tag_page_by_page(shop: Shop) -> None:
    for number in range(5):
        await shop.says(Address(SHOP, "website", "demo", f"v:{number}"), "你好", name=f"顾客{number}")
    await shop.says(WECHAT, "你好", name="微信顾客")
    await shop.link(WECHAT, await shop.id_of(Address(SHOP, "website", "demo", "v:0")))
    first = await shop.listed(page_size=2)
    assert [one.name for one in first.customers] == ["微信顾客", "顾客4"], "who was heard from last comes first"
    names = [one.name for one in first.customers]
    while first.next_page_token:
        first = await shop.listed(page_size=2, page_token=first.next_page_token)
        names += [one.name for one in first.customers]
    assert names == ["微信顾客", "顾客4", "顾客3", "顾客2", "顾客1"]
    assert [one.name for one in (await shop.listed(search="顾客3")).customers] == ["顾客3"]
    assert [one.name for one in (await shop.listed(search="顾客0")).customers] == ["微信顾客"], "under a former name"
    assert [one.name for one in (await shop.listed(search="openid-1")).customers] == ["微信顾客"]
    assert [one.name for one in (await shop.listed(search="id-1")).customers] == ["微信顾客"], (
        "as screens call the nameless"
    )
    assert [one.name for one in (await shop.listed(search="d-1")).customers] == [], "too short to tell anybody apart"
    tagged = (await shop.listed(search="顾客2")).customers[0].id
    await shop.tag(tagged, "VIP")
    assert [one.id for one in (await shop.listed(tag="VIP")).customers] == [tagged]
    assert await refused(shop.listed(page_token="nonsense")) == "bad_page_token"


async def test_another_business_sees_and_changes_nothing(shop: Shop) -> None:
    await shop.says(WEB, "你好")
    await shop.says(WECHAT, "你好")
    web, wechat = await shop.id_of(WEB), await shop.id_of(WECHAT)
    assert list((await shop.api.ListCustomers(pb.ListCustomersRequest(workspace="other"), NOWHERE)).customers) == []
    asked = pb.GetCustomerRequest(workspace="other", customer_id=web)
    assert await refused(shop.api.GetCustomer(asked, NOWHERE)) == "unknown_customer"
    link = pb.LinkIdentitiesRequest(workspace="other", customer_id=web, identity_id=wechat, by=MEI)
    assert await refused(shop.api.LinkIdentities(link, NOWHERE)) == "unknown_identity"
    unlink = pb.UnlinkIdentityRequest(workspace="other", identity_id=wechat, by=MEI)
    assert await refused(shop.api.UnlinkIdentity(unlink, NOWHERE)) == "unknown_identity"


async def test_a_user_whom_the_business_vouches_for_twice_is_suggested_and_never_linked(shop: Shop) -> None:
    await shop.vouched(KNOWN)
    await shop.vouched(KNOWN_ELSEWHERE)
    await shop.says(Address(SHOP, "website", "third", "u:42"), "我也叫 u:42")
    here, there = await shop.id_of(KNOWN), await shop.id_of(KNOWN_ELSEWHERE)
    assert here != there
    (found,) = await shop.suggestions(here)
    assert (found.customer_id, found.reason, found.same_account) == (there, "same_verified_user", False)
    assert (found.identity.account, found.identity.name, found.identity.verified) == ("outlet", "王芳", True)
    await shop.link(KNOWN_ELSEWHERE, here)
    assert list(await shop.suggestions(here)) == []
    await shop.unlink(KNOWN_ELSEWHERE)
    assert [list(await shop.suggestions(one)) for one in (here, there)] == [[], []], "somebody took them apart"


async def test_the_profile_tells_channels_topics_handoffs_and_satisfaction(shop: Shop) -> None:
    await shop.session(WEB, "什么时候发货", rating=2)
    await shop.session(WEB, "运费多少钱", "怎么退货", rating=5)
    await shop.says(WECHAT, "多久发货")
    await shop.link(WECHAT, await shop.id_of(WEB))
    profile = (await shop.card(WEB)).profile
    assert [(one.channel, one.conversations, one.sessions) for one in profile.channels] == [
        ("website", 1, 2),
        ("wechat", 1, 1),
    ]
    assert {one.name: one.count for one in profile.topics} == {"物流": 3, "售后": 1}
    assert {one.name: one.count for one in profile.handoffs} == {"requested": 2}
    assert [(one.session, one.score, one.agent_id) for one in profile.ratings] == [(2, 5, "agent-1"), (1, 2, "agent-1")]
    card = await shop.card(WEB)
    assert [figure(card, name) for name in ("sessions", "sessions_90d", "handoffs_30d", "channels")] == [3, 3, 2, 2]
    assert [figure(card, name) for name in ("ratings", "rating_avg", "rating_last")] == [2, 3.5, 5]
    (tag,) = profile.value_tags
    assert (tag.tag, tag.label_zh) == ("multichannel", "多渠道")
    assert [(one.condition, one.value) for one in tag.because] == [("channels >= 2", 2)]


async def test_value_tags_come_and_go_with_the_figures(shop: Shop) -> None:
    for _ in range(3):
        await shop.session(WEB, "什么时候发货", rating=1)
    given = {one.tag for one in (await shop.card(WEB)).profile.value_tags}
    assert given == {"dissatisfied", "needs-care"}
    shop.clock.step(100 * 86_400)
    card = await shop.card(WEB)
    assert {one.tag for one in card.profile.value_tags} == {"dissatisfied", "dormant"}
    assert [figure(card, name) for name in ("sessions_90d", "handoffs_90d", "days_since_seen")] == [0, 0, 100]


async def test_what_was_missed_and_what_is_under_way_is_on_the_card_and_values_only_as_people_may_read_them(
    shop: Shop, database: Database
) -> None:
    await shop.says(WEB, "可以开专票吗")
    conversation = await shop.conversation(WEB)
    at = shop.clock.at
    values = {"order": Value("DD20261120", "DD***20", private=True)}
    task = TaskState("after_sales", "售后申请", "1", "zh", Phase.ASKING, "reason", at, at, values)
    async with database.begin() as tx:
        await write_together(tx, store.saved([], [replace(conversation, task=task)]))
    profile = (await shop.card(WEB)).profile
    assert {one.name: one.count for one in profile.misses} == {"no_answer": 1}
    (under_way,) = profile.open_tasks
    assert (under_way.conversation_id, under_way.task.title) == (conversation.id, "售后申请")
    assert [one.shown for one in under_way.task.values] == ["DD***20"]
    assert "DD20261120" not in str(await shop.summary(WEB))
    assert (await shop.summary(WEB)).lines[-1].text == "售后申请: order DD***20"
    async with database.begin() as tx:
        await write_together(tx, store.saved([], [replace(conversation, task=replace(task, phase=Phase.DONE))]))
    assert list((await shop.card(WEB)).profile.open_tasks) == []


async def test_a_rating_from_before_they_were_kept_counts_once(shop: Shop, database: Database) -> None:
    await shop.session(WEB, "什么时候发货", rating=4)
    async with database.begin() as tx:
        await tx.execute(sa.text(_in(database, "DELETE FROM dialogue.session_ratings")))
    card = await shop.card(WEB)
    assert [(one.session, one.score) for one in card.profile.ratings] == [(1, 4)]
    await shop.session(WEB, "什么时候发货", rating=1)
    card = await shop.card(WEB)
    assert [one.score for one in card.profile.ratings] == [1]


async def test_a_session_is_rated_by_its_last_rating(shop: Shop) -> None:
    await shop.session(WEB, "什么时候发货", rating=1)
    await shop.says(WEB, c.Choice("rating:1", "5"))
    assert [one.score for one in (await shop.card(WEB)).profile.ratings] == [5]


async def test_a_session_is_summed_up_for_who_takes_it_over(shop: Shop) -> None:
    await shop.session(WEB, "上一次的事情早就好了")
    complaint = "我上周买的耳机左边没有声音。订单号是 DD20261120123456"
    await shop.says(WEB, "你好", "怎么退货", complaint, "我已经申请了，客服一直没有处理！手机13812345678", "谢谢")
    summary = await shop.summary(WEB)
    assert (summary.session, summary.handoff_reason) == (2, "no_answer")
    assert [(one.kind, one.text) for one in summary.lines] == [
        ("trigger", "我上周买的耳机左边没有声音。订单号是 [ORDER_1]"),
        ("said", "我已经申请了，客服一直没有处理"),
        ("said", "手机[PHONE_2]"),
        ("answered", "怎么退货"),
    ]
    everything = " ".join(one.text for one in summary.lines)
    assert not re.search(r"1381234|DD2026", everything)
    assert "上一次" not in everything, "that was another session"
    last = (await shop.conversation(WEB)).last_seq
    assert all(one.seqs and all(0 < seq <= last for seq in one.seqs) for one in summary.lines)
    assert await shop.summary(WEB) == summary


def _in(database: Database, sql: str) -> str:
    """SQLite has no schemas."""
    return sql.replace("dialogue.", "") if database.dialect == "sqlite" else sql


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_is_linked_and_unlinked_every_reply_goes_where_it_went_and_all_can_be_undone(
    shop: Shop, seed: int
) -> None:
    dice = random.Random(seed)
    who = [WEB, WEB_2, WECHAT, KNOWN, KNOWN_ELSEWHERE, Address(SHOP, "wechat", "mp", "openid-2")]
    for one in who:
        await shop.says(one, "你好")
    made = {one: await shop.identity_of(one) for one in who}
    recipients, alone = await shop.recipients(), await shop.whose()
    undo: dict[str, list[str]] = {one: [] for one in alone}
    refusals: set[str] = set()
    for _ in range(40):
        one, other = dice.choice(who), made[dice.choice(who)]
        identity_id, were = made[one], await shop.whose()
        try:
            if dice.random() < 0.6:
                target = dice.choice([were[other], other])
                await shop.link(one, target, force=dice.random() < 0.7, reason="x")
                undo[identity_id].append(were[identity_id])
            else:
                await shop.unlink(one)
                assert await shop.whose() == {**were, identity_id: undo[identity_id].pop()}
        except RpcProblem as problem:
            refusals.add(problem.code)
            assert await shop.whose() == were
    assert refusals >= {"already_linked", "not_linked"}
    assert await shop.recipients() == recipients
    for one in who:
        for before in reversed(undo[made[one]]):
            await shop.unlink(one)
            assert (await shop.whose())[made[one]] == before
    assert await shop.whose() == alone
    for one in who:
        before_it = len(shop.bus.published)
        await shop.says(one, "什么时候发货")
        assert (await shop.conversation(one)).address == one
        assert {item.envelope.message.address.customer for item in shop.bus.published[before_it:]} <= {one.customer}


async def test_of_two_who_link_at_once_both_are_heard_and_nobody_is_twice_on_one_account(
    shop: Shop, database: Database
) -> None:
    await shop.says(WECHAT, "你好")
    await shop.says(WEB, "你好")
    await shop.says(WEB_2, "你好")
    wechat = await shop.id_of(WECHAT)
    tries = await asyncio.gather(shop.link(WEB, wechat), shop.link(WEB_2, wechat), return_exceptions=True)
    codes = [one.code for one in tries if isinstance(one, RpcProblem)]
    assert codes == ["same_account"]
    assert len((await shop.card(WECHAT)).customer.identities) == 2
