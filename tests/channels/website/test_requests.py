"""The protocol without a socket: pages, waiting for news, event streams."""

import asyncio
from typing import Any

import orjson

from tests.channels.waiting import until
from tests.channels.website.conftest import Site
from tests.simulators.website_client import WebsiteClient
from yizhan.core.messages.address import Address
from yizhan.pb.v1.envelope_pb2 import Envelope


async def talked(site: Site, visitor: WebsiteClient) -> Address:
    await visitor.say("hi")
    await visitor.reached(2)
    return site.dialogue.address(visitor.visitor_id)


def seqs(body: Any) -> list[int]:
    return [message["seq"] for message in body["messages"]]


async def test_a_transcript_is_read_in_pages_both_ways(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        for number in range(8):
            site.dialogue.said(address, f"{number}")
        token = visitor.token
    pages = {
        "/messages?after=0&limit=3": ([1, 2, 3], True),
        "/messages?after=8&limit=3": ([9, 10], False),
        "/messages?after=10": ([], False),
        "/messages?before=11&limit=3": ([8, 9, 10], True),
        "/messages?before=3&limit=50": ([1, 2], False),
        "/messages?before=1": ([], False),
        "/messages": (list(range(1, 11)), False),
    }
    for path, (expected, more) in pages.items():
        status, body, _ = await site.request("GET", path, token)
        assert status == 200
        assert (seqs(body), body["more"], body["head"]) == (expected, more, 10), path
        assert body["state"] == "bot"


async def test_a_visitor_without_a_conversation_has_an_empty_transcript(site: Site) -> None:
    status, body, _ = await site.request("GET", "/messages", await site.token())
    assert (status, body["messages"], body["head"], body["more"]) == (200, [], 0, False)


async def test_a_transcript_that_cannot_be_read_is_503(site: Site) -> None:
    token = await site.token()
    site.dialogue.away = True
    for path in ("/messages?after=0", "/messages?before=5", "/messages?after=0&wait=5"):
        status, problem, _ = await site.request("GET", path, token)
        assert (status, problem["code"]) == (503, "unavailable")


async def test_waiting_ends_when_there_is_news(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        waiting = asyncio.create_task(site.request("GET", "/messages?after=2&wait=20", visitor.token))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await site.dialogue.say(address, "news")
        async with asyncio.timeout(15):
            status, body, _ = await waiting
    assert (status, seqs(body)) == (200, [3])


async def test_waiting_does_not_miss_what_came_before_it_began(site: Site) -> None:
    async with site.client() as visitor:
        await talked(site, visitor)
        async with asyncio.timeout(15):
            _, body, _ = await site.request("GET", "/messages?after=0&wait=20", visitor.token)
    assert seqs(body) == [1, 2]


async def test_waiting_for_nothing_ends_empty(site: Site) -> None:
    token = await site.token()
    began = asyncio.get_running_loop().time()
    status, body, _ = await site.request("GET", "/messages?after=0&wait=1", token)
    assert (status, body["messages"]) == (200, [])
    assert 0.9 < asyncio.get_running_loop().time() - began < 15.0


async def test_waiting_also_ends_when_a_human_takes_over(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        waiting = asyncio.create_task(site.request("GET", "/messages?after=2&wait=20", visitor.token))
        await asyncio.sleep(0.2)
        await site.hint_state(address, "assigned", "王芳")
        async with asyncio.timeout(15):
            status, body, _ = await waiting
    assert (status, body["messages"]) == (200, [])


async def events(site: Site, path: str, count: int, **headers: str) -> list[dict[str, Any]]:
    """The first events of a stream: id, event, data."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(30), site.http.get(f"{site.url}/website/demo{path}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        current: dict[str, Any] = {}
        async for raw in answer.content:
            line = raw.decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                current[name] = value
            elif "data" in current:
                found.append({**current, "data": orjson.loads(current["data"])})
                current = {}
                if len(found) == count:
                    return found
    return found


async def test_a_stream_carries_the_frames_of_the_socket(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        authorization = f"Bearer {visitor.token}"
        reading = asyncio.create_task(events(site, "/events?after=1", 3, Authorization=authorization))
        await asyncio.sleep(0.2)
        await site.dialogue.say(address, "live")
        ready, second, third = await reading
    assert (ready["event"], ready["data"]["head"], ready["data"]["state"]) == ("ready", 2, "bot")
    assert (second["id"], second["event"], second["data"]["message"]["seq"]) == ("2", "message", 2)
    assert (third["id"], third["data"]["message"]["content"]["text"]) == ("3", "live")


async def test_a_stream_goes_on_after_the_last_event_that_the_browser_saw(site: Site) -> None:
    async with site.client() as visitor:
        await talked(site, visitor)
        headers = {"Authorization": f"Bearer {visitor.token}", "Last-Event-ID": "1"}
        _, message = await events(site, "/events?after=0", 2, **headers)
    assert message["id"] == "2"


async def test_a_ticket_opens_a_stream_where_headers_cannot_be_set(site: Site) -> None:
    async with site.client() as visitor:
        await talked(site, visitor)
        status, body, _ = await site.request("POST", "/ticket", visitor.token)
        assert status == 200
        for name in ("ticket", "token"):
            ready, *_ = await events(site, f"/events?after=0&{name}={body['ticket']}", 3)
            assert ready["data"]["head"] == 2
        status, problem, _ = await site.request("GET", f"/events?after=0&ticket={visitor.token}")
    assert (status, problem["code"]) == (401, "token_invalid")


async def test_a_plain_request_for_the_socket_is_told_so(site: Site) -> None:
    status, problem, _ = await site.request("GET", "/ws")
    assert (status, problem["code"]) == (400, "http_400")


async def test_typing_is_shown_to_agents(site: Site) -> None:
    seen: list[Envelope] = []

    async def note(envelopes: Any) -> None:
        seen.extend(envelopes)

    consoles = await site.bus.listen(["console"], note)
    async with site.client() as visitor:
        await visitor.write({"type": "typing"})
        status, _, _ = await site.request("POST", "/typing", visitor.token)
        assert status == 204
        await until(lambda: bool(seen))
    await consoles.stop()
    hint = seen[0].live
    assert hint.address.customer == visitor.visitor_id
    assert hint.typing.author.id == visitor.visitor_id
    assert len(seen) == 1
