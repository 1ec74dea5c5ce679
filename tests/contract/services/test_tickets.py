"""Tickets as people work on them, on both databases."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from tests.contract.services.ticket_desk import ANN, BOB, SUE, TicketDesk, tickets_on
from yizhan.core.messages.codec import moment, timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.pb.v1 import event_pb2, routing_pb2, tickets_pb2 as pb

DAY = 24 * 3600.0


@pytest.fixture
async def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    made = desk_on(database, bus, clock)
    for name in ("ann", "bob"):
        await made.agent(name, state="offline")
    return made


@pytest.fixture
def tickets(desk: Desk) -> TicketDesk:
    return tickets_on(desk)


async def promised(tickets: TicketDesk, conversation: str = "c1") -> pb.TicketRecord:
    """The ticket of a customer for whom nobody was there."""
    await tickets.desk.wants_human(conversation)
    await tickets.desk.pass_time(60)
    [ticket] = (await tickets.page(conversation_id=conversation)).tickets
    return ticket


async def test_the_life_of_a_ticket(tickets: TicketDesk) -> None:
    ticket = await promised(tickets)
    made_at = moment(ticket.created_at)
    assert (ticket.number, ticket.status, ticket.source, ticket.priority) == ("T000001", "open", "handoff", "normal")
    assert moment(ticket.response_due) == made_at + timedelta(hours=2)
    assert moment(ticket.solution_due) == moment(ticket.promised_by) == made_at + timedelta(hours=24)
    assert ticket.contract_version
    assert ticket.calendar_version
    ticket = await tickets.edit(ticket, agent_id="ann", type="after_sales", priority="high", title="退款未到账")
    noted = await tickets.note(ticket, "已联系仓库")
    tickets.desk.clock.step(3600)
    ticket = await tickets.edit(noted.ticket, status="pending")
    tickets.desk.clock.step(10 * 3600)
    ticket = await tickets.edit(ticket, status="open")
    assert moment(ticket.solution_due) == made_at + timedelta(hours=34), "ten hours were the customer's"
    assert moment(ticket.promised_by) == made_at + timedelta(hours=24), "what they were told stays"
    ticket = await tickets.edit(ticket, status="solved")
    rated = pb.RateTicketRequest(workspace=SHOP, ticket_id=ticket.id, score=4, by=ANN)
    assert (await tickets.api.RateTicket(rated, NO_CONTEXT)).ticket.rating == 4
    await tickets.desk.pass_time(7 * DAY)
    shown = await tickets.get(ticket)
    assert (shown.ticket.status, shown.ticket.rating) == ("closed", 4)
    assert moment(shown.ticket.closed_at) == tickets.desk.clock()
    assert [note.text for note in shown.notes] == ["已联系仓库"]
    assert [(item.kind, item.before, item.after, item.by.role) for item in shown.history] == [
        ("created", "", "handoff", "system"),
        ("assignee", "", "ann", "agent"),
        ("priority", "normal", "high", "agent"),
        ("type", "other", "after_sales", "agent"),
        ("title", "", "退款未到账", "agent"),
        ("note", "", "", "agent"),
        ("status", "open", "pending", "agent"),
        ("status", "pending", "open", "agent"),
        ("status", "open", "solved", "agent"),
        ("rated", "", "4", "agent"),
        ("status", "solved", "closed", "system"),
    ]


async def test_a_solution_that_was_none_is_reopened_and_not_closed_by_the_old_timer(tickets: TicketDesk) -> None:
    solved = await tickets.edit(await tickets.make(), status="solved")
    await tickets.desk.pass_time(6 * DAY)
    again = await tickets.edit(solved, status="reopened")
    assert not again.HasField("solved_at")
    await tickets.desk.pass_time(2 * DAY)
    assert (await tickets.get(again)).ticket.status == "reopened"


async def test_closed_is_for_supervisors_to_reopen_and_only_for_a_time(tickets: TicketDesk) -> None:
    solved = await tickets.edit(await tickets.make(), status="solved")
    await tickets.desk.pass_time(7 * DAY)
    closed = (await tickets.get(solved)).ticket
    assert list((await tickets.get(solved)).next_statuses) == []
    assert list((await tickets.get(solved, "supervisor")).next_statuses) == ["reopened"]
    with pytest.raises(RpcProblem, match="ticket_role_missing"):
        await tickets.edit(closed, status="reopened")
    await tickets.desk.pass_time(8 * DAY)
    with pytest.raises(RpcProblem, match="reopen_too_late"):
        await tickets.edit(closed, SUE, status="reopened")


async def test_of_two_agents_who_edit_at_once_one_is_refused(tickets: TicketDesk) -> None:
    ticket = await tickets.make()
    done = await asyncio.gather(
        tickets.edit(ticket, ANN, title="安的标题"),
        tickets.edit(ticket, BOB, title="鲍勃的标题"),
        return_exceptions=True,
    )
    [kept] = [one for one in done if isinstance(one, pb.TicketRecord)]
    [refused] = [one for one in done if isinstance(one, RpcProblem)]
    assert refused.code == "ticket_changed"
    shown = await tickets.get(ticket)
    assert (shown.ticket.title, shown.ticket.revision) == (kept.title, ticket.revision + 1)
    assert [item.kind for item in shown.history].count("title") == 1


async def test_a_note_meanwhile_makes_no_edit_stale(tickets: TicketDesk) -> None:
    ticket = await tickets.make()
    await tickets.note(ticket, "顺便说一句", BOB)
    assert (await tickets.edit(ticket, title="退款")).title == "退款"


async def test_a_note_that_is_sent_again_is_one(tickets: TicketDesk) -> None:
    ticket = await tickets.make()
    first = await tickets.note(ticket, "已退款", client_id="n1")
    assert (await tickets.note(ticket, "已退款", client_id="n1")).note.id == first.note.id
    assert len((await tickets.get(ticket)).notes) == 1


async def test_a_ticket_that_is_sent_again_is_one(tickets: TicketDesk) -> None:
    first = await tickets.make(client_id="x")
    assert (await tickets.make(client_id="x")).number == first.number
    assert await tickets.count() == 1


async def test_two_replicas_never_give_the_same_number(
    database: Database, database_url: str, bus: RecordingBus, clock: SteppedClock
) -> None:
    async with Database(database_url) as other:
        desks = [tickets_on(desk_on(one, bus, clock)) for one in (database, other)]

        async def made(number: int) -> str:
            while True:
                try:
                    return (await desks[number % 2].make(f"c{number}")).number
                except StoreUnavailable:  # a file that another process is writing to is tried again
                    await asyncio.sleep(0)

        numbers = await asyncio.gather(*(made(number) for number in range(40)))
    assert sorted(numbers) == [f"T{number:06d}" for number in range(1, 41)]


async def test_many_at_once_with_an_outcome_for_each(tickets: TicketDesk) -> None:
    mine = [(await tickets.make(f"c{number}")).id for number in range(3)]
    closed = await tickets.edit(await tickets.make("c9"), SUE, status="closed")
    asked = [mine[0], closed.id, "nonsense", mine[1], mine[0]]
    outcomes = await tickets.bulk(asked, status="on_hold", agent_id="bob", priority="urgent", add_tags=["仓库"])
    assert [(one.ticket_id, one.code) for one in outcomes] == [
        (mine[0], ""),
        (closed.id, "status_refused"),
        ("nonsense", "unknown_ticket"),
        (mine[1], ""),
        (mine[0], ""),
    ]
    assert outcomes[0].ticket.status == "on_hold"
    assert list(outcomes[0].ticket.tags) == ["仓库"]
    untouched = (await tickets.get(closed)).ticket
    assert (untouched.agent_id, list(untouched.tags)) == ("", []), "what is refused is refused as a whole"
    assert await tickets.count(assignees=["bob"], priorities=["urgent"], tags=["仓库"]) == 2
    [stranger] = await tickets.bulk([mine[2]], agent_id="nobody-we-know")
    assert stranger.code == "unknown_agent"
    with pytest.raises(RpcProblem, match="too_many_tickets"):
        await tickets.bulk(["x"] * 201, status="solved")


async def test_a_merged_ticket_is_found_in_the_other_and_taken_out_as_it_was(tickets: TicketDesk) -> None:
    first = await tickets.make("c1", customer="v1", title="先来")
    second = await tickets.make("c2", customer="v1", title="后到", watchers=["bob"])
    await tickets.note(second, "第二张的备注")
    second = await tickets.edit(second, status="pending", agent_id="bob")
    tickets.desk.clock.step(3600)
    merged = await tickets.merge(second, first)
    assert (merged.ticket.status, merged.ticket.merged_into) == ("closed", first.id)
    assert merged.ticket.address.customer == "v1"
    shown = await tickets.get(first)
    assert [note.text for note in shown.notes] == ["第二张的备注"]
    assert [ticket.number for ticket in shown.merged] == [second.number]
    assert list(shown.followers) == ["bob"]
    with pytest.raises(RpcProblem, match="ticket_merged"):
        await tickets.edit(merged.ticket, title="不行")
    with pytest.raises(RpcProblem, match="ticket_merged"):
        await tickets.note(merged.ticket, "不行")
    await tickets.note(first, "合并之后的备注")
    tickets.desk.clock.step(3600)
    again = await tickets.unmerge(merged.ticket)
    before, after = second, again
    for moved in ("revision", "updated_at", "overdue"):
        before.ClearField(moved)
        after.ClearField(moved)
    assert after == before, "the clock goes on from where it was"
    assert [note.text for note in (await tickets.get(first)).notes] == ["合并之后的备注"]
    with pytest.raises(RpcProblem, match="ticket_not_merged"):
        await tickets.unmerge(again)


async def test_merged_by_way_of_another(tickets: TicketDesk) -> None:
    one, two, three = [await tickets.make("c1", title=title) for title in ("一", "二", "三")]
    await tickets.note(one, "一的备注")
    await tickets.merge(one, two)
    await tickets.merge((await tickets.get(two)).ticket, three)
    shown = await tickets.get(three)
    assert {ticket.title for ticket in shown.merged} == {"一", "二"}
    assert [note.text for note in shown.notes] == ["一的备注"]
    with pytest.raises(RpcProblem, match="unmerge_refused"):
        await tickets.unmerge(one)


async def test_what_was_solved_together_stays_together(tickets: TicketDesk) -> None:
    one, two = await tickets.make("c1"), await tickets.make("c1")
    await tickets.merge(one, two)
    await tickets.edit((await tickets.get(two)).ticket, status="solved")
    with pytest.raises(RpcProblem, match="unmerge_refused"):
        await tickets.unmerge(one)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        pytest.param({"conversation": "c2", "customer": "somebody"}, "merge_refused", id="another customer's"),
        pytest.param({"conversation": "c2", "customer": "c1"}, "", id="the same customer's other conversation"),
        pytest.param({"conversation": "c1", "customer": "c1"}, "", id="the same conversation"),
    ],
)
async def test_a_merge_redirects_no_answer(tickets: TicketDesk, other: dict[str, str], code: str) -> None:
    ours, theirs = await tickets.make("c1"), await tickets.make(other["conversation"], customer=other["customer"])
    if code:
        with pytest.raises(RpcProblem, match=code):
            await tickets.merge(theirs, ours)
        return
    await tickets.merge(theirs, ours)
    shown = await tickets.get(theirs)
    assert shown.ticket.address == theirs.address
    assert shown.ticket.conversation_id == theirs.conversation_id


async def test_merging_with_itself_or_with_what_is_settled(tickets: TicketDesk) -> None:
    one, two = await tickets.make("c1"), await tickets.make("c1")
    with pytest.raises(RpcProblem, match="merge_refused"):
        await tickets.merge(one, one)
    await tickets.edit(two, status="solved")
    with pytest.raises(RpcProblem, match="merge_refused"):
        await tickets.merge(one, two)


async def test_two_merges_of_each_other_at_once_leave_one_ticket(tickets: TicketDesk) -> None:
    one, two = await tickets.make("c1"), await tickets.make("c1")
    done = await asyncio.gather(tickets.merge(one, two), tickets.merge(two, one), return_exceptions=True)
    assert sum(isinstance(item, pb.MergeTicketsResponse) for item in done) == 1
    assert await tickets.count(statuses=["open"]) == 1


async def test_links_are_seen_from_both_ends(tickets: TicketDesk) -> None:
    cause, effect = await tickets.make("c1", title="系统故障"), await tickets.make("c2", title="付不了款")
    await tickets.link(cause, "causes", effect)
    with pytest.raises(RpcProblem, match="link_refused"):
        await tickets.link(effect, "causes", cause)
    [there] = (await tickets.get(cause)).links
    [back] = (await tickets.get(effect)).links
    assert (there.kind, there.outgoing, there.other.title) == ("causes", True, "付不了款")
    assert (back.kind, back.outgoing, back.other.title) == ("causes", False, "系统故障")
    away = pb.UnlinkTicketsRequest(workspace=SHOP, ticket_id=effect.id, kind="causes", other_id=cause.id, by=ANN)
    await tickets.api.UnlinkTickets(away, NO_CONTEXT)
    assert not (await tickets.get(cause)).links
    assert [item[0] for item in await tickets.history(effect)] == ["created", "linked", "unlinked"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("退款", ["退款未到账"], id="a word of the title"),
        pytest.param("未到 退款", ["退款未到账"], id="two words in any order"),
        pytest.param("没收到", ["换货"], id="a word of the last text"),
        pytest.param("小雅", ["换货"], id="the customer's name"),
        pytest.param("仓库缺货", ["退款未到账"], id="a word of a note"),
        pytest.param("T000002", ["换货"], id="the number"),
        pytest.param("2", ["换货"], id="the number's digits"),
        pytest.param("sf-1001 换货", ["换货"], id="latin and chinese together"),
        pytest.param("换货 缺货", [], id="words of different tickets"),
        pytest.param("到退", [], id="characters that never stand like this"),
        pytest.param("？！", [], id="only signs"),
        pytest.param("%", [], id="a wildcard of the database"),
    ],
)
async def test_search(tickets: TicketDesk, text: str, found: list[str]) -> None:
    refund = await tickets.make("c1", title="退款未到账", last_text="钱呢", customer_name="老王")
    await tickets.make("c2", title="换货", last_text="包裹SF-1001没收到", customer_name="王小雅")
    await tickets.note(refund, "仓库缺货，明天再问")
    assert await tickets.found(text=text) == found
    assert await tickets.count(text=text) == len(found)


async def test_a_new_title_is_found_and_the_old_one_no_more(tickets: TicketDesk) -> None:
    ticket = await tickets.make("c1", title="退款")
    await tickets.note(ticket, "等财务")
    await tickets.edit(ticket, title="换货")
    assert await tickets.found(text="换货") == ["换货"]
    assert await tickets.found(text="退款") == []
    assert await tickets.found(text="财务") == ["换货"], "what was noted is still found"


async def group(tickets: TicketDesk, name: str) -> str:
    asked = routing_pb2.PutGroupRequest(group=routing_pb2.Group(workspace=SHOP, name=name))
    return (await tickets.desk.api.PutGroup(asked, NO_CONTEXT)).group.id


async def test_filters(tickets: TicketDesk) -> None:
    warehouse = await group(tickets, "仓库")
    await tickets.make("c1", title="我的", agent_id="ann", priority="high", type="fault", group_id=warehouse)
    tickets.desk.clock.step(1)
    await tickets.make("c2", title="他的", agent_id="bob", watchers=["ann"], tags=["退款", "加急"])
    tickets.desk.clock.step(1)
    await tickets.make("c3", title="没人的", tags=["退款"], by=BOB, source="email")
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["没人的", "他的", "我的"]),
        ({"mine": True}, ["我的"]),
        ({"watching": True}, ["他的"]),
        ({"assignees": ["none"]}, ["没人的"]),
        ({"assignees": ["none", "bob"]}, ["没人的", "他的"]),
        ({"groups": [warehouse]}, ["我的"]),
        ({"groups": ["none"], "assignees": ["bob"]}, ["他的"]),
        ({"priorities": ["high", "urgent"]}, ["我的"]),
        ({"types": ["fault"]}, ["我的"]),
        ({"sources": ["email"]}, ["没人的"]),
        ({"tags": ["退款"]}, ["没人的", "他的"]),
        ({"tags": ["退款", "加急"]}, ["他的"]),
        ({"conversation_id": "c2"}, ["他的"]),
        ({"statuses": ["solved"]}, []),
    ]
    for wanted, found in cases:
        assert await tickets.found(**wanted) == found, wanted
    assert await tickets.found(sort="priority") == ["我的", "他的", "没人的"]
    tickets.desk.clock.step(2 * 3600 + 1)
    assert await tickets.count(overdue=True) == 3
    await tickets.desk.event(
        "c1",
        3,
        agent_replied=event_pb2.AgentReplied(agent_id="ann", message_id="m", at=timestamp(tickets.desk.clock())),
    )
    assert await tickets.found(overdue=True) == ["没人的", "他的"], "an answer is a response"


@pytest.mark.parametrize("sort", ["created", "updated", "due", "priority"])
async def test_pages_lose_and_repeat_nothing_while_tickets_are_added(tickets: TicketDesk, sort: str) -> None:
    words = ("low", "urgent", "normal")
    for number in range(7):
        await tickets.make(f"c{number}", title=str(number), priority=words[number % 3])
        tickets.desk.clock.step(number % 2)  # some at the same moment
    whole = await tickets.found(sort=sort)
    seen, token = [], ""
    while True:
        page = await tickets.page(sort=sort, token=token, size=2)
        seen += [ticket.title for ticket in page.tickets]
        await tickets.make("new", title="new", priority="urgent")
        token = page.next_page_token
        if not token:
            break
    assert [title for title in seen if title != "new"] == whole
    token = (await tickets.page(sort=sort, size=2)).next_page_token
    with pytest.raises(RpcProblem, match="bad_page_token"):
        await tickets.page(sort="due" if sort == "created" else "created", token=token)


async def test_views_are_ones_own_or_everybodys(tickets: TicketDesk) -> None:
    await tickets.make("c1", agent_id="ann")
    await tickets.make("c2")

    async def put(by: pb.TicketActor, **fields: Any) -> pb.TicketViewRecord:
        asked = pb.PutTicketViewRequest(workspace=SHOP, view=pb.TicketViewRecord(**fields), by=by)
        return (await tickets.api.PutTicketView(asked, NO_CONTEXT)).view

    async def views(viewer: str) -> list[tuple[str, int]]:
        asked = pb.ListTicketViewsRequest(workspace=SHOP, viewer_id=viewer)
        found = (await tickets.api.ListTicketViews(asked, NO_CONTEXT)).views
        return [(one.view.name, one.count) for one in found]

    mine = pb.TicketFilterSpec(mine=True)
    shared = await put(SUE, name="我处理的", filter=mine, sort="due")
    own = await put(ANN, name="全部", owner_id="ann")
    assert await views("ann") == [("我处理的", 1), ("全部", 2)]
    assert await views("bob") == [("我处理的", 0)], "whoever looks is meant by mine"
    with pytest.raises(RpcProblem, match="ticket_role_missing"):
        await put(ANN, name="大家的")
    with pytest.raises(RpcProblem, match="unknown_view"):
        await put(BOB, id=own.id, name="偷看", revision=own.revision)
    with pytest.raises(RpcProblem, match="view_name_taken"):
        await put(ANN, name="全部", owner_id="ann")
    renamed = await put(ANN, id=own.id, name="所有", revision=own.revision)
    with pytest.raises(RpcProblem, match="view_changed"):
        await put(ANN, id=own.id, name="旧的", revision=own.revision)
    assert (renamed.revision, renamed.owner_id) == (own.revision + 1, "ann")
    delete = pb.DeleteTicketViewRequest(workspace=SHOP, view_id=shared.id, by=ANN)
    with pytest.raises(RpcProblem, match="ticket_role_missing"):
        await tickets.api.DeleteTicketView(delete, NO_CONTEXT)
    delete.by.CopyFrom(SUE)
    await tickets.api.DeleteTicketView(delete, NO_CONTEXT)
    assert await views("ann") == [("所有", 2)]


async def test_what_the_conversation_does_to_its_tickets(tickets: TicketDesk) -> None:
    desk, ticket = tickets.desk, await promised(tickets)
    waiting = await tickets.make("c1", title="等仓库")
    await desk.presence("ann", "online")
    await desk.api.TakeTicket(
        routing_pb2.TakeTicketRequest(workspace=SHOP, agent_id="ann", ticket_id=ticket.id), NO_CONTEXT
    )
    replied = event_pb2.AgentReplied(agent_id="ann", message_id="m", at=timestamp(desk.clock()))
    await desk.event("c1", 5, agent_replied=replied)
    again = event_pb2.AgentReplied(agent_id="ann", message_id="n", at=timestamp(desk.clock.step(60)))
    await desk.event("c1", 5, agent_replied=again)
    await desk.closed("c1", 6)
    rated = event_pb2.ConversationRated(score=5, agent_id="ann", at=timestamp(desk.clock()))
    await desk.event("c1", 6, conversation_rated=rated)
    shown = (await tickets.get(ticket)).ticket
    assert (shown.status, shown.agent_id, shown.rating) == ("solved", "ann", 5)
    assert moment(shown.first_response_at) == desk.clock() - timedelta(seconds=60), "the first, not the last"
    other = (await tickets.get(waiting)).ticket
    assert (other.status, other.rating) == ("open", 0), "nobody took the conversation because of this one"


async def test_a_ticket_that_dialogue_refuses_is_closed_and_owes_nothing(tickets: TicketDesk) -> None:
    ticket = await promised(tickets)
    refused = event_pb2.CommandRefused(command_id=ticket.id, command_kind="MarkTicketed", reason="stale_epoch")
    await tickets.desk.event("c1", 4, command_refused=refused)
    shown = (await tickets.get(ticket)).ticket
    assert (shown.status, shown.HasField("solved_at")) == ("closed", False)
    simple = routing_pb2.ListTicketsRequest(workspace=SHOP, status="cancelled")
    assert [one.id for one in (await tickets.desk.api.ListTickets(simple, NO_CONTEXT)).tickets] == [ticket.id]


async def test_tickets_of_another_business_are_not_there(tickets: TicketDesk) -> None:
    ticket = await tickets.make()
    with pytest.raises(RpcProblem, match="unknown_ticket"):
        await tickets.api.GetTicket(pb.GetTicketRequest(workspace="other", ticket_id=ticket.id), NO_CONTEXT)
    edit = pb.ChangeTicketRequest(workspace="other", ticket_id=ticket.id, seen_revision=1, by=SUE)
    with pytest.raises(RpcProblem, match="unknown_ticket"):
        await tickets.api.ChangeTicket(edit, NO_CONTEXT)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"status": "dreaming"}, "unknown_status", id="no such status"),
        pytest.param({"priority": "cosmic"}, "unknown_priority", id="no such priority"),
        pytest.param({"type": "riddle"}, "unknown_type", id="no such type"),
        pytest.param({"agent_id": "ghost"}, "unknown_agent", id="no such agent"),
        pytest.param({"group_id": "ghost"}, "unknown_group", id="no such group"),
        pytest.param({"title": "长" * 201}, "ticket_value_too_large", id="an endless title"),
        pytest.param({"status": "closed"}, "ticket_role_missing", id="a role too low"),
        pytest.param({"status": "reopened"}, "status_refused", id="out of order"),
    ],
)
async def test_bad_edits_are_refused_by_name_and_change_nothing(
    tickets: TicketDesk, fields: dict[str, Any], code: str
) -> None:
    ticket = await tickets.make()
    with pytest.raises(RpcProblem, match=code):
        await tickets.edit(ticket, **fields)
    assert (await tickets.get(ticket)).ticket == ticket


async def test_an_oversized_note_is_refused(tickets: TicketDesk) -> None:
    ticket = await tickets.make()
    with pytest.raises(RpcProblem, match="ticket_value_too_large"):
        await tickets.note(ticket, "长" * 4001)
    assert (await tickets.note(ticket, "长" * 4000)).note.text


async def test_who_acts_must_be_said(tickets: TicketDesk) -> None:
    with pytest.raises(RpcProblem, match="actor_missing"):
        await tickets.make(by=pb.TicketActor(id="x", role="system"))


async def test_screens_hear_of_what_was_committed_and_of_nothing_else(tickets: TicketDesk, bus: RecordingBus) -> None:
    def heard() -> list[tuple[str, str, str, str]]:
        hints = [live.live.ticket for _, live in bus.announced if live.live.WhichOneof("kind") == "ticket"]
        bus.announced.clear()
        return [(hint.number, hint.before_agent_id, hint.agent_id, hint.by_id) for hint in hints]

    ticket = await tickets.make("c9", title="补发")
    assert heard() == [("T000001", "", "", "ann")]
    ticket = await tickets.edit(ticket, SUE, agent_id="bob")
    assert heard() == [("T000001", "", "bob", "sue")]
    await tickets.edit(ticket, agent_id="bob")
    assert heard() == [], "nothing was changed"
    with pytest.raises(RpcProblem):
        await tickets.edit(ticket, agent_id="nobody")
    assert heard() == []
    await tickets.edit(ticket, BOB, agent_id="ann")
    assert heard() == [("T000001", "bob", "ann", "bob")]
