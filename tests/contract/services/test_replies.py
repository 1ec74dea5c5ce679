"""Canned replies on a real database: whose they are, who may change them, and two people at once."""

import asyncio
from typing import Any

import grpc
import pytest

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, desk_on
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import replies_pb2 as pb
from yizhan.routing.replies.api import RepliesApi
from yizhan.routing.replies.book import MOST_OWN, ReplyBook
from yizhan.routing.replies.reply import CannedReply
from yizhan.routing.store.replies import insert_reply


@pytest.fixture
def api(database: Database, clock: SteppedClock) -> RepliesApi:
    return RepliesApi(ReplyBook(database, clock=clock, new_id=new_id))


async def put(api: RepliesApi, by: str, *, may_share: bool = False, **given: Any) -> pb.CannedReply:
    """A new one, shared unless it has an owner; or a change of one that is given by its id."""
    fields: dict[str, Any] = {"workspace": SHOP, "title": "退款到账", "text": "1–3 个工作日"} | given
    asked = pb.PutReplyRequest(reply=pb.CannedReply(**fields), by=by, may_share=may_share)
    return (await api.PutReply(asked, NO_CONTEXT)).reply


async def listed(api: RepliesApi, viewer: str, workspace: str = SHOP) -> list[str]:
    asked = pb.ListRepliesRequest(workspace=workspace, viewer_id=viewer)
    return [reply.title for reply in (await api.ListReplies(asked, NO_CONTEXT)).replies]


async def search(api: RepliesApi, query: str, **given: Any) -> list[pb.FoundReply]:
    asked = pb.SearchRepliesRequest(workspace=SHOP, viewer_id="ann", query=query, **given)
    return list((await api.SearchReplies(asked, NO_CONTEXT)).found)


def refused(code: str, status: grpc.StatusCode) -> Any:
    return pytest.raises(RpcProblem, match=f"{status.name} {code}")


async def test_everybody_has_the_shared_ones_and_nobody_elses_own(api: RepliesApi) -> None:
    await put(api, "boss", may_share=True, title="共享")
    await put(api, "ann", owner_id="ann", title="安的")
    await put(api, "bob", owner_id="bob", title="鲍的")
    assert await listed(api, "ann") == ["共享", "安的"]
    assert await listed(api, "bob") == ["共享", "鲍的"]
    assert await listed(api, "ann", "rival") == []
    assert [one.reply.title for one in await search(api, "")] == ["安的", "共享"]


async def test_what_is_shared_is_changed_by_those_who_may(api: RepliesApi) -> None:
    shared = await put(api, "boss", may_share=True)
    denied = grpc.StatusCode.PERMISSION_DENIED
    with refused("reply_role_missing", denied):
        await put(api, "ann")
    with refused("reply_role_missing", denied):
        await put(api, "ann", id=shared.id, revision=1)
    with refused("reply_role_missing", denied):
        await put(api, "ann", id=shared.id, revision=1, owner_id="ann")
    with refused("reply_role_missing", denied):
        await api.DeleteReply(
            pb.DeleteReplyRequest(workspace=SHOP, reply_id=shared.id, revision=1, by="ann"), NO_CONTEXT
        )
    own = await put(api, "ann", owner_id="ann")
    with refused("reply_role_missing", denied):
        await put(api, "ann", id=own.id, revision=1)  # sharing one's own is changing what is shared
    assert await listed(api, "ann") == ["退款到账", "退款到账"]


async def test_ones_own_is_not_there_for_anybody_else(api: RepliesApi) -> None:
    own = await put(api, "ann", owner_id="ann")
    gone = grpc.StatusCode.NOT_FOUND
    for share in (False, True):
        with refused("unknown_reply", gone):
            await put(api, "boss", may_share=share, id=own.id, revision=1, owner_id="boss")
        with refused("unknown_reply", gone):
            asked = pb.DeleteReplyRequest(workspace=SHOP, reply_id=own.id, revision=1, by="boss", may_share=share)
            await api.DeleteReply(asked, NO_CONTEXT)
    with refused("unknown_reply", gone):
        await put(api, "boss", owner_id="ann")
    with refused("unknown_reply", gone):
        await api.UseReply(pb.UseReplyRequest(workspace=SHOP, reply_id=own.id, viewer_id="bob"), NO_CONTEXT)
    with refused("unknown_reply", gone):
        await api.UseReply(pb.UseReplyRequest(workspace="rival", reply_id=own.id, viewer_id="ann"), NO_CONTEXT)


async def test_of_two_editors_at_once_one_is_told_to_read_again(api: RepliesApi) -> None:
    shared = await put(api, "boss", may_share=True)
    edits = [put(api, by, may_share=True, id=shared.id, revision=1, text=f"{by} 改的") for by in ("ann", "bob")]
    outcomes = await asyncio.gather(*edits, return_exceptions=True)
    kept = [one for one in outcomes if isinstance(one, pb.CannedReply)]
    lost = [one for one in outcomes if isinstance(one, RpcProblem)]
    assert [(one.revision, len(kept)) for one in kept] == [(2, 1)]
    assert [one.code for one in lost] == ["reply_changed"]
    [found] = await search(api, "退款")
    assert found.rendered == kept[0].text
    with refused("reply_changed", grpc.StatusCode.ABORTED):
        asked = pb.DeleteReplyRequest(workspace=SHOP, reply_id=shared.id, revision=1, by="boss", may_share=True)
        await api.DeleteReply(asked, NO_CONTEXT)
    asked.revision = 2
    await api.DeleteReply(asked, NO_CONTEXT)
    assert await listed(api, "boss") == []


async def test_a_shortcut_means_one_thing_for_everybody(api: RepliesApi) -> None:
    first = await put(api, "boss", may_share=True, shortcut="/Refund")
    with refused("shortcut_taken", grpc.StatusCode.ALREADY_EXISTS):
        await put(api, "boss", may_share=True, shortcut="refund")
    other = await put(api, "boss", may_share=True, shortcut="")
    await put(api, "boss", may_share=True, shortcut="")
    with refused("shortcut_taken", grpc.StatusCode.ALREADY_EXISTS):
        await put(api, "boss", may_share=True, id=other.id, revision=1, shortcut="/REFUND")
    mine = await put(api, "ann", owner_id="ann", shortcut="/refund")
    assert [one.reply.id for one in await search(api, "/refund")] == [mine.id, first.id], "one's own comes first"


async def test_what_is_used_is_counted_and_nobody_has_to_read_it_again(api: RepliesApi) -> None:
    rare = await put(api, "boss", may_share=True, title="一")
    often = await put(api, "boss", may_share=True, title="二")
    await asyncio.gather(
        *(
            api.UseReply(pb.UseReplyRequest(workspace=SHOP, reply_id=often.id, viewer_id="ann"), NO_CONTEXT)
            for _ in range(5)
        )
    )
    assert [(one.reply.id, one.reply.uses) for one in await search(api, "")] == [(often.id, 5), (rare.id, 0)]
    changed = await put(api, "boss", may_share=True, id=often.id, revision=1, title="二号")
    assert (changed.revision, changed.uses) == (2, 5)


async def test_a_misspelt_variable_is_refused_with_a_hint(api: RepliesApi) -> None:
    with refused("reply_invalid", grpc.StatusCode.INVALID_ARGUMENT) as told:
        await put(api, "boss", may_share=True, text="您好 {custmer_name}")
    expected = {"field": "text", "reason": "unknown_variable", "piece": "{custmer_name}", "hint": "{customer_name}"}
    assert told.value.extras == expected


async def test_what_is_known_is_filled_in_and_the_rest_is_reported(
    api: RepliesApi, database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = desk_on(database, bus, clock)
    await desk.wants_human("c1")
    await desk.pass_time(60)  # nobody came: a ticket
    await api.SetWorkspaceName(pb.SetWorkspaceNameRequest(workspace=SHOP, name=" 山居  生活 "), NO_CONTEXT)
    text = "{customer_name}您好，我是{workspace_name}的{agent_name}，工单 {ticket_number}，订单 {order_number}"
    await put(api, "boss", may_share=True, text=text)
    values = pb.ReplyValues(customer_name="王小明", agent_name="小雅")
    [found] = await search(api, "tkdz", conversation_id="c1", values=values)
    assert found.rendered == "王小明您好，我是山居 生活的小雅，工单 T000001，订单 【订单号】"
    assert (list(found.missing), list(found.blanks)) == (["order_number"], ["【订单号】"])
    [elsewhere] = await search(api, "tkdz", conversation_id="c2", values=values)
    assert list(elsewhere.missing) == ["ticket_number", "order_number"]


async def test_pages_go_on_where_they_ended_whatever_is_added_or_deleted(api: RepliesApi) -> None:
    kept = [await put(api, "boss", may_share=True, title=f"{number:02}") for number in range(10)]
    asked = pb.ListRepliesRequest(workspace=SHOP, viewer_id="ann", page_size=4)
    first = await api.ListReplies(asked, NO_CONTEXT)
    await put(api, "boss", may_share=True, title="00a")
    gone = pb.DeleteReplyRequest(workspace=SHOP, reply_id=kept[3].id, revision=1, by="boss", may_share=True)
    await api.DeleteReply(gone, NO_CONTEXT)
    titles, token = [reply.title for reply in first.replies], first.next_page_token
    while token:
        asked.page_token = token
        page = await api.ListReplies(asked, NO_CONTEXT)
        titles += [reply.title for reply in page.replies]
        token = page.next_page_token
    assert titles == [f"{number:02}" for number in range(10)]
    asked.page_token = "%%"
    with refused("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT):
        await api.ListReplies(asked, NO_CONTEXT)


async def test_nobody_fills_the_desk_without_end(api: RepliesApi, database: Database) -> None:
    async with database.begin() as tx:
        for number in range(MOST_OWN):
            await insert_reply(tx, CannedReply(f"{number}", SHOP, "ann", f"{number}", "好", updated_at=NOON))
    with refused("too_many_replies", grpc.StatusCode.FAILED_PRECONDITION):
        await put(api, "ann", owner_id="ann")
    await put(api, "bob", owner_id="bob")
