"""Tickets over the console's REST: real sign-in, real gRPC, real databases."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.routing_desk import SHOP, desk_on
from tests.contract.services.test_writer import Desk as Dialogue, address, said, told
from tests.contract.services.ticket_desk import TicketDesk, tickets_on
from yizhan.console import store as people
from yizhan.console.access import COOKIE, CSRF_HEADER, Access, key_of
from yizhan.console.api import ticket_export
from yizhan.console.api.ticket_export import TicketExportApi
from yizhan.console.api.ticket_replies import TicketRepliesApi
from yizhan.console.api.ticket_views import TicketViewsApi
from yizhan.console.api.tickets import TicketsApi
from yizhan.console.peers import peers
from yizhan.core.bus import envelopes
from yizhan.core.messages import command as k
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.grpc import channel, server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.dialogue import store as dialogue_store
from yizhan.dialogue.conversations_api import ConversationsApi
from yizhan.pb.v1 import event_pb2
from yizhan.pb.v1.conversations_pb2_grpc import add_ConversationsServiceServicer_to_server
from yizhan.pb.v1.routing_pb2_grpc import add_RoutingServiceServicer_to_server
from yizhan.pb.v1.tickets_pb2_grpc import add_TicketsServiceServicer_to_server

Json = dict[str, Any]
ROLES = {"ann": ("agent",), "sue": ("supervisor",), "eve": ("editor",)}


@dataclass
class Console:
    """The console's ticket pages, as people who are signed in call them."""

    tickets: TicketDesk
    http: ClientSession
    base: str

    async def call(self, who: str, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """The status and the JSON of the answer."""
        async with self.http.request(
            method, f"{self.base}/api/v1{path}", json=body, cookies={COOKIE: who}, headers={CSRF_HEADER: who}
        ) as response:
            return response.status, await response.json() if response.status != 204 else {}

    async def get(self, who: str, path: str) -> Json:
        status, shown = await self.call(who, "GET", path)
        assert status == 200, shown
        return shown

    async def file(self, who: str, query: str) -> tuple[int, str, bytes]:
        async with self.http.get(f"{self.base}/api/v1/tickets/export?{query}", cookies={COOKIE: who}) as response:
            return response.status, response.headers.get("Content-Disposition", ""), await response.read()


@pytest.fixture
async def console(database: Database, bus: RecordingBus, clock: SteppedClock) -> AsyncIterator[Console]:
    desk = desk_on(database, bus, clock)
    tickets = tickets_on(desk)
    for name in ("ann", "bob"):
        await desk.agent(name, state="offline")
    await Dialogue.on(database, bus, clock).take(said("v1", "退款没到账"))
    async with database.begin() as tx:
        for name, roles in ROLES.items():
            user = people.User(name, SHOP, name, name, "", roles, "zh-CN", 5, True, 0, None, NOON)
            await people.insert_user(tx, user)
            ends = NOON + timedelta(days=400)
            await people.insert_session(tx, people.Session(key_of(name), name, name, NOON, ends))
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            server(
                [
                    lambda built: add_RoutingServiceServicer_to_server(desk.api, built),
                    lambda built: add_TicketsServiceServicer_to_server(tickets.api, built),
                    lambda built: add_ConversationsServiceServicer_to_server(ConversationsApi(database), built),
                ],
                "127.0.0.1",
                0,
                ("secret",),
                health=Health("routing"),
                metrics=Metrics("routing"),
                grace=0.1,
            )
        )
        peer = await stack.enter_async_context(channel(f"127.0.0.1:{port}", "secret"))
        others = peers(peer, peer, peer)
        access = Access(database, lasts=timedelta(hours=1), clock=clock)
        app = make_app("console", metrics=Metrics("console"))
        app.add_routes(TicketViewsApi(access, others).routes())
        app.add_routes(TicketExportApi(access, others, clock).routes())
        app.add_routes(TicketsApi(access, others).routes())
        app.add_routes(TicketRepliesApi(access, others).routes())
        site = TestServer(app)
        await site.start_server()
        stack.push_async_callback(site.close)
        http = await stack.enter_async_context(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        yield Console(tickets, http, str(site.make_url("")).rstrip("/"))


async def conversation_id(console: Console) -> str:
    async with console.tickets.desk.database.read() as tx:
        found = await dialogue_store.conversation_by_address(tx, address("v1"))
    assert found is not None
    return found.id


async def test_a_ticket_from_a_conversation_to_its_end(console: Console) -> None:
    conversation = await conversation_id(console)
    body = {
        "client_id": "x",
        "conversation_id": conversation,
        "title": "退款未到账",
        "type": "after_sales",
        "tags": ["退款"],
    }
    status, made = await console.call("ann", "POST", "/tickets", body)
    ticket = made["ticket"]
    assert (status, ticket["number"], ticket["source"], ticket["status"]) == (201, "T000001", "agent", "open")
    assert (ticket["customer"]["id"], ticket["last_text"], ticket["channel"]) == ("v1", "退款没到账", "website")
    path = f"/tickets/{ticket['id']}"
    status, changed = await console.call(
        "ann", "PATCH", path, {"revision": ticket["revision"], "assignee": "ann", "status": "pending"}
    )
    assert (status, changed["ticket"]["agent"]) == (200, {"id": "ann", "name": "ann"})
    assert changed["ticket"]["paused_at"]
    status, stale = await console.call("sue", "PATCH", path, {"revision": ticket["revision"], "title": "旧"})
    assert (status, stale["code"]) == (409, "ticket_changed")
    assert (await console.call("sue", "POST", f"{path}/notes", {"text": "盯一下"}))[0] == 201
    shown = await console.get("ann", "/tickets/T000001")
    assert [note["text"] for note in shown["notes"]] == ["盯一下"]
    assert shown["next_statuses"] == ["open", "on_hold", "solved"]
    assert [item["kind"] for item in shown["history"]] == ["created", "status", "assignee", "note"]
    found = await console.get("ann", "/tickets/search?text=退款&status=pending&status=open&mine=1")
    assert [item["id"] for item in found["items"]] == [ticket["id"]]
    assert (await console.get("ann", "/tickets/count?tag=退款"))["count"] == 1
    revision = shown["ticket"]["revision"]
    assert (await console.call("ann", "PATCH", path, {"revision": revision, "status": "solved"}))[0] == 200
    status, rated = await console.call("ann", "POST", f"{path}/rating", {"score": 5})
    assert (status, rated["ticket"]["rating"]) == (200, 5)


async def test_the_list_that_there_was_first_goes_on_working(console: Console) -> None:
    await console.tickets.desk.wants_human("c1")
    await console.tickets.desk.pass_time(60)
    [ticket] = (await console.get("ann", "/tickets?status=open"))["items"]
    assert (ticket["number"], ticket["status"], ticket["agent"]) == ("T000001", "open", None)
    status, taken = await console.call("ann", "POST", f"/tickets/{ticket['id']}/take")
    assert (status, taken) == (200, {"conversation_id": "c1"})
    [again] = (await console.get("ann", "/tickets?status=taken"))["items"]
    assert again["agent"] == {"id": "ann", "name": "ann"}
    assert (await console.call("sue", "POST", f"/tickets/{ticket['id']}/resolve"))[0] == 204
    assert [item["status"] for item in (await console.get("sue", "/tickets"))["items"]] == ["resolved"]


async def test_many_at_once(console: Console) -> None:
    ids = [(await console.tickets.make(f"c{number}")).id for number in range(3)]
    status, done = await console.call(
        "ann", "POST", "/tickets/bulk", {"ids": [*ids, "nonsense"], "change": {"priority": "urgent", "assignee": "bob"}}
    )
    assert (status, done["done"], done["failed"]) == (200, 3, 1)
    assert [outcome["code"] for outcome in done["outcomes"]] == [None, None, None, "unknown_ticket"]
    assert done["outcomes"][0]["ticket"]["agent"] == {"id": "bob", "name": "bob"}


async def test_links_merges_and_views(console: Console) -> None:
    one, two = await console.tickets.make("c1", title="一"), await console.tickets.make("c1", title="二")
    assert (await console.call("ann", "POST", f"/tickets/{one.id}/links", {"kind": "relates", "other": two.id}))[
        0
    ] == 204
    [link] = (await console.get("ann", f"/tickets/{two.id}"))["links"]
    assert (link["kind"], link["outgoing"], link["other"]["title"]) == ("relates", False, "一")
    assert (await console.call("ann", "DELETE", f"/tickets/{two.id}/links?kind=relates&other={one.id}"))[0] == 204
    revision = (await console.get("ann", f"/tickets/{one.id}"))["ticket"]["revision"]
    status, merged = await console.call(
        "ann", "POST", f"/tickets/{one.id}/merge", {"into": two.id, "revision": revision}
    )
    assert (status, merged["ticket"]["merged_into"], merged["into"]["status"]) == (200, two.id, "open")
    assert (await console.call("ann", "POST", f"/tickets/{one.id}/unmerge"))[1]["ticket"]["status"] == "open"
    view = {"name": "没人管的", "filter": {"assignee": ["none"], "status": ["open"]}, "sort": "due"}
    assert (await console.call("ann", "POST", "/tickets/views", view | {"shared": True}))[1][
        "code"
    ] == "ticket_role_missing"
    status, saved = await console.call("sue", "POST", "/tickets/views", view | {"shared": True})
    assert (status, saved["view"]["shared"], saved["view"]["filter"]["assignee"]) == (201, True, ["none"])
    [shown] = (await console.get("ann", "/tickets/views"))["items"]
    assert (shown["name"], shown["count"]) == ("没人管的", 2)
    path = f"/tickets/views/{shown['id']}"
    changed = view | {"name": "无人处理", "revision": shown["revision"]}
    assert (await console.call("sue", "PUT", path, changed))[1]["view"]["name"] == "无人处理"
    assert (await console.call("sue", "DELETE", path))[0] == 204


HOSTILE = '=HYPERLINK("http://evil.example")'


async def test_an_exported_file_runs_nothing(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticket_export, "PAGE", 2)
    for number in range(5):
        await console.tickets.make(f"c{number}", title=HOSTILE, customer_name="@SUM(A1)", last_text="-1+1", tags=["+1"])
        console.tickets.desk.clock.step(1)
    status, name, data = await console.file("sue", "format=csv&lang=en")
    assert (status, name) == (200, 'attachment; filename="tickets-20261122-0400.csv"')
    assert data.startswith(b"\xef\xbb\xbf")
    headings, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert [row[0] for row in rows] == ["T000005", "T000004", "T000003", "T000002", "T000001"]
    cells = dict(zip(headings, rows[0], strict=True))
    assert (cells["Title"], cells["Customer"]) == (f"'{HOSTILE}", "'@SUM(A1)")
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    status, _, data = await console.file("sue", "format=xlsx&lang=zh-CN&text=T000001")
    [sheet] = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    shown = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert (status, shown[0][0], len(shown)) == (200, "编号", 2), "only what the filter finds"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "status", "code"),
    [
        pytest.param("eve", "GET", "/tickets/search", None, 403, "role_missing", id="an editor sees no tickets"),
        pytest.param("ann", "GET", "/tickets/export", None, 403, "role_missing", id="an agent takes no files away"),
        pytest.param("sue", "GET", "/tickets/export?format=pdf", None, 400, "unknown_format", id="no such format"),
        pytest.param(
            "sue", "GET", "/tickets/export?status=odd", None, 422, "unknown_status", id="a filter that is none"
        ),
        pytest.param("ann", "GET", "/tickets/search?sort=luck", None, 422, "unknown_sort", id="no such order"),
        pytest.param("ann", "GET", "/tickets/search?cursor=x", None, 422, "bad_page_token", id="a made-up cursor"),
        pytest.param("ann", "GET", "/tickets/search?overdue=yes", None, 400, "bad_flag", id="a flag that is none"),
        pytest.param("ann", "GET", "/tickets?status=solved", None, 400, "unknown_status", id="the first list's states"),
        pytest.param("ann", "GET", "/tickets/none", None, 404, "unknown_ticket", id="no such ticket"),
        pytest.param("ann", "PATCH", "/tickets/none", {"revision": 1}, 404, "unknown_ticket", id="an edit of nothing"),
        pytest.param("ann", "PATCH", "/tickets/none", {"titel": 1}, 422, "invalid_fields", id="a misspelt field"),
        pytest.param(
            "ann", "POST", "/tickets/none/notes", {"text": "长" * 4001}, 422, "invalid_fields", id="an oversized note"
        ),
        pytest.param(
            "ann",
            "POST",
            "/tickets",
            {"client_id": "x", "conversation_id": "nowhere"},
            404,
            "unknown_conversation",
            id="a conversation of nobody",
        ),
        pytest.param(
            "ann", "POST", "/tickets/bulk", {"ids": ["x"] * 201, "change": {}}, 422, "invalid_fields", id="too many"
        ),
    ],
)
async def test_what_is_refused(
    console: Console, who: str, method: str, path: str, body: Json | None, status: int, code: str
) -> None:
    answered, problem = await console.call(who, method, path, body)
    assert (answered, problem["code"]) == (status, code)


async def test_what_came_of_a_call_is_recorded_and_the_number_shown_to_whoever_opens_the_ticket(
    console: Console,
) -> None:
    desk = console.tickets.desk
    await desk.wants_human("c1")
    at = timestamp(desk.clock() + timedelta(hours=2))
    left = event_pb2.MessageLeft(how="callback", phone="13812345678", callback_at=at, at=timestamp(desk.clock()))
    await desk.event("c1", 2, message_left=left)
    [listed] = (await console.get("ann", "/tickets/search?callbacks=owed&source=callback"))["items"]
    assert (listed["contact"], listed["callback"]["state"]) == ({"phone": "138****5678"}, "promised")
    opened = (await console.get("ann", f"/tickets/{listed['id']}"))["ticket"]
    assert opened["contact"] == {"phone": "13812345678"}
    outcomes = [
        ("not_reached", 0, 409, "callback_not_due"),
        ("reached", 3, 409, "callback_moved"),
        ("perhaps", 0, 422, ""),
        ("reached", 0, 200, ""),
        ("reached", 0, 409, "no_callback"),
    ]
    for outcome, tries, status, code in outcomes:
        body = {"outcome": outcome, "tries": tries}
        answered, shown = await console.call("ann", "POST", f"/tickets/{listed['id']}/callback", body)
        assert answered == status, shown
        assert not code or shown["code"] == code
    done = (await console.get("ann", f"/tickets/{listed['id']}"))["ticket"]
    assert (done["callback"]["state"], done["callback"]["late"]) == ("done", False)
    assert (await console.get("ann", "/tickets/count?callbacks=owed"))["count"] == 0
    status, _ = await console.call(
        "eve", "POST", f"/tickets/{listed['id']}/callback", {"outcome": "reached", "tries": 0}
    )
    assert status == 403


async def test_a_reply_on_a_ticket_with_how_far_it_got(
    console: Console, database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    conversation = await conversation_id(console)
    ticket = await console.tickets.make(conversation, customer="v1")
    path = f"/tickets/{ticket.id}/replies"
    shown = await console.get("ann", path)
    assert shown["replies"] == []
    assert (shown["conversation"]["id"], shown["conversation"]["channel"]) == (conversation, "website")
    waits = {"text": "已为您退款", "client_id": "one"}
    dialogue = Dialogue.on(database, bus, clock)
    await dialogue.take(
        told("v1", k.Close("system", "idle", ask_rating=False), (await dialogue.conversation("v1")).epoch)
    )
    status, written = await console.call("ann", "POST", path, waits)
    assert (status, written["reply"]["state"]) == (202, "sending")
    assert await console.call("ann", "POST", path, waits) == (status, written), "sent twice, it is one"
    [command] = [item.envelope for item in bus.published if item.envelope.command.HasField("reply")]
    await dialogue.take(command)
    reply = written["reply"]["id"]
    held = Receipt(new_id(), address("v1"), ReceiptState.HELD, NOON, reply, reason="window_closed", fallback="template")
    for given, expected in (
        (None, ("said", "", "")),
        (held, ("held", "window_closed", "template")),
        (
            replace(held, id=new_id(), state=ReceiptState.FAILED, reason="blocked_by_customer"),
            ("failed", "blocked_by_customer", ""),
        ),
    ):
        if given is not None:
            await dialogue.take(envelopes.inbound(given, 16).envelope)
        [seen] = (await console.get("sue", path))["replies"]
        assert (seen["state"], seen["reason"], seen["fallback"]) == expected
        assert (seen["text"], seen["author"]) == ("已为您退款", {"id": "ann", "name": "ann"})
    assert (await console.get("ann", path))["conversation"]["state"] == "closed"


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        pytest.param("eve", {"text": "好", "client_id": "x"}, 403, "role_missing", id="an editor serves nobody"),
        pytest.param("ann", {"text": "  ", "client_id": "x"}, 422, "invalid_fields", id="nothing to say"),
        pytest.param("ann", {"text": "长" * 4001, "client_id": "x"}, 422, "invalid_fields", id="too long"),
        pytest.param(
            "ann", {"text": "好", "client_id": ""}, 422, "invalid_fields", id="it could not be said once only"
        ),
        pytest.param("ann", {"text": "好", "client_id": "x"}, 409, "customer_waits", id="a person is looked for"),
    ],
)
async def test_replies_that_are_refused(console: Console, who: str, body: Json, status: int, code: str) -> None:
    conversation = await conversation_id(console)
    await console.tickets.desk.wants_human(conversation)
    ticket = await console.tickets.make(conversation, customer="v1")
    got, problem = await console.call(who, "POST", f"/tickets/{ticket.id}/replies", body)
    assert (got, problem["code"]) == (status, code)
    assert not [item for item in console.tickets.desk.bus.commands() if isinstance(item.kind, k.Reply)]
