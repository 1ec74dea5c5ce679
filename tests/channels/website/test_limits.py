"""Nobody can take more than a share: sends, sessions, connections, floods."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.website.conftest import Site, open_site


@pytest.fixture
async def strict(home: Path) -> AsyncIterator[Site]:
    async with open_site(home, sends=5, website_sessions_per_minute=12) as opened:
        yield opened


async def test_who_sends_too_much_is_asked_to_wait(strict: Site) -> None:
    async with strict.client() as visitor:
        ids = [await visitor.say(f"{number}") for number in range(7)]
        await visitor.until(lambda: any(frame["type"] == "refused" for frame in visitor.frames))
        refused = [frame for frame in visitor.frames if frame["type"] == "refused"]
        assert [frame["client_id"] for frame in refused][:1] == ids[5:6]
        problem = refused[0]["problem"]
        assert (problem["code"], problem["retry"]) == ("rate_limited", True)
        assert 0 < problem["retry_after"] <= 13
        body = {"client_id": "more", "content": {"type": "text", "text": "x"}}
        status, problem, answer = await strict.request("POST", "/messages", visitor.token, json=body)
        assert (status, problem["code"]) == (429, "rate_limited")
        assert int(answer.headers["Retry-After"]) >= 1
        await visitor.reached(10)
        assert visitor.texts("customer") == [f"{number}" for number in range(5)]


async def test_sending_again_what_was_accepted_costs_nothing(strict: Site) -> None:
    async with strict.client() as visitor:
        client_id = await visitor.say("once")
        await visitor.answered(client_id)
        for _ in range(20):
            await visitor.write({"type": "send", "client_id": client_id, "content": {"type": "text", "text": "once"}})
        await visitor.until(lambda: sum(frame["type"] == "accepted" for frame in visitor.frames) == 21)
        assert (await visitor.answered(await visitor.say("twice")))["type"] == "accepted"


async def test_one_address_cannot_begin_sessions_without_end(strict: Site) -> None:
    statuses = [(await strict.request("POST", "/session", json={}))[0] for _ in range(15)]
    assert statuses == [200] * 12 + [429] * 3


async def test_a_visitor_has_ten_connections_at_most(site: Site) -> None:
    async with site.client() as visitor:
        sockets = []
        for _ in range(10):
            socket = await site.http.ws_connect(f"{site.url}/website/demo/ws")
            await socket.send_json({"type": "hello", "token": visitor.token, "after": 0})
            sockets.append(socket)
        kinds = [(await socket.receive_json())["type"] for socket in sockets]
        assert kinds == ["ready"] * 9 + ["error"]
        last = sockets[-1]
        async for _ in last:
            pass
        assert last.close_code == 4429
        status, problem, _ = await site.request("GET", "/events", visitor.token)
        assert (status, problem["code"]) == (429, "rate_limited")
        for socket in sockets:
            await socket.close()
        await asyncio.sleep(0.1)
        async with site.client(session={"token": visitor.token}) as again:
            assert again.visitor_id == visitor.visitor_id


async def test_a_request_that_was_given_up_frees_its_place(site: Site) -> None:
    token = await site.token()
    for _ in range(2):
        held = [asyncio.create_task(site.request("GET", "/messages?after=0&wait=25", token)) for _ in range(10)]
        await asyncio.sleep(0.3)
        status, _, _ = await site.request("GET", "/messages?after=0&wait=1", token)
        assert status == 429
        for task in held:
            task.cancel()
        await asyncio.wait(held)
        await asyncio.sleep(1.3)


async def test_a_flood_of_frames_ends_the_connection(site: Site) -> None:
    token = await site.token()
    async with site.http.ws_connect(f"{site.url}/website/demo/ws") as socket:
        await socket.send_json({"type": "hello", "token": token, "after": 0})
        for _ in range(1100):
            try:
                await socket.send_str('{"type":"ping"}')
            except ConnectionError:
                break
        async for _ in socket:
            pass
        assert socket.close_code == 4429
