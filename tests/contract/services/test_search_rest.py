"""Searching over the console's REST: who may, what is refused, and what the answer holds."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.test_writer import Desk, said, told
from yizhan.console import store as people
from yizhan.console.access import COOKIE, Access, key_of
from yizhan.console.api.search import SearchApi as SearchPages
from yizhan.console.peers import peers
from yizhan.core.messages import command as k, content as c
from yizhan.core.runtime.grpc import channel, server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.dialogue.search.indexing import Indexing
from yizhan.dialogue.search.search_api import SearchApi
from yizhan.pb.v1.search_pb2_grpc import add_SearchServiceServicer_to_server

ROLES = {"ann": ("agent",), "sue": ("supervisor",), "eve": ("editor",)}
YEAR = timedelta(days=365)


@dataclass
class Console:
    http: ClientSession
    base: str

    async def search(self, who: str, query: str) -> tuple[int, dict[str, Any]]:
        address = f"{self.base}/api/v1/search/messages?{query}"
        async with self.http.get(address, cookies={COOKIE: who}) as response:
            return response.status, await response.json()


@pytest.fixture
async def console(database: Database, bus: RecordingBus, clock: SteppedClock) -> AsyncIterator[Console]:
    desk = Desk.on(database, bus, clock)
    await desk.take(said("v:1", "我的包裹裡沒有發票"))
    await desk.take(told("v:1", k.Note("sue", "Sue", c.Text("悄悄看发票"), "n-1", "bob"), 0))
    indexing = Indexing(database, YEAR, clock, Metrics("test"))
    await indexing.catch_up()
    async with database.begin() as tx:
        for name, roles in ROLES.items():
            await people.insert_user(
                tx, people.User(name, "shop", name, name, "", roles, "zh-CN", 5, True, 0, None, NOON)
            )
            await people.insert_session(tx, people.Session(key_of(name), name, name, NOON, NOON + YEAR))
    api = SearchApi(database, lambda: indexing.complete, YEAR)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            server(
                [lambda built: add_SearchServiceServicer_to_server(api, built)],
                "127.0.0.1",
                0,
                ("secret",),
                health=Health("dialogue"),
                metrics=Metrics("dialogue"),
                grace=0.1,
            )
        )
        peer = await stack.enter_async_context(channel(f"127.0.0.1:{port}", "secret"))
        app = make_app("console", metrics=Metrics("console"))
        access = Access(database, lasts=timedelta(hours=1), clock=clock)
        app.add_routes(SearchPages(access, peers(peer, peer, peer)).routes())
        site = TestServer(app)
        await site.start_server()
        stack.push_async_callback(site.close)
        http = await stack.enter_async_context(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        yield Console(http, str(site.make_url("")).rstrip("/"))


async def test_what_an_agent_finds(console: Console) -> None:
    status, shown = await console.search("ann", "q=发票&by=customer&by=note&from=2026-11-22T04:00:00Z")
    assert status == 200
    [one] = shown["items"]
    assert one | {"conversation_id": "…"} == {
        "conversation_id": "…",
        "seq": 1,
        "note": None,
        "session": 1,
        "by": "customer",
        "author": {"id": "v:1", "name": ""},
        "at": "2026-11-22T04:00:00.000Z",
        "channel": "website",
        "customer_name": "",
        "excerpt": "我的包裹裡沒有發票",
        "hits": [[7, 9]],
    }
    assert (shown["next"], shown["complete"], shown["days"]) == (None, True, 365)


async def test_whispers_are_found_by_supervisors_and_editors_search_nothing(console: Console) -> None:
    assert [one["by"] for one in (await console.search("sue", "q=发票"))[1]["items"]] == ["note", "customer"]
    assert (await console.search("eve", "q=发票"))[0] == 403
    assert (await console.search("nobody", "q=发票"))[0] == 401


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        pytest.param("", 422, "query_empty", id="nothing to look for"),
        pytest.param("q=发票&by=king", 400, "unknown_speaker", id="a speaker that is none"),
        pytest.param("q=发票&from=yesterday", 400, "bad_time", id="a time that is none"),
        pytest.param("q=发票&to=2026-11-22T04:00:00", 400, "bad_time", id="a time without a zone"),
        pytest.param("q=发票&limit=x", 400, "bad_number", id="a number that is none"),
        pytest.param("q=发票&cursor=x", 422, "bad_page_token", id="a cursor that is none"),
    ],
)
async def test_what_is_refused(console: Console, query: str, status: int, code: str) -> None:
    refused, problem = await console.search("ann", query)
    assert (refused, problem["code"]) == (status, code)
