"""A restart loses nothing: answers are given, receipts and totals are told, clients come back at once."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.channels.website.conftest import Site, open_site
from tests.simulators.website_client import WebsiteClient
from yizhan.core.messages.receipt import ReceiptState


async def test_everyone_is_told_to_come_back(home: Path) -> None:
    async with open_site(home) as site:
        token = await site.token()
        sockets = []
        for _ in range(3):
            socket = await site.http.ws_connect(f"{site.url}/website/demo/ws")
            await socket.send_json({"type": "hello", "token": token, "after": 0})
            assert (await socket.receive_json())["type"] == "ready"
            sockets.append(socket)
        waiting = asyncio.create_task(site.request("GET", "/messages?after=0&wait=25", token))
        stream = await site.http.get(f"{site.url}/website/demo/events", headers={"Authorization": f"Bearer {token}"})
        await asyncio.sleep(0.1)
        began = asyncio.get_running_loop().time()
        stopping = asyncio.create_task(site.life.__aexit__(None, None, None))
        for socket in sockets:
            async for _ in socket:
                pass
        assert [socket.close_code for socket in sockets] == [1012] * 3
        status, body, _ = await waiting
        assert (status, body["messages"]) == (200, [])
        await stream.read()
        await stopping
        assert asyncio.get_running_loop().time() - began < 15.0  # not the 25 s that the poll may take


async def test_what_was_sent_before_is_answered_and_counted(home: Path) -> None:
    async with open_site(home) as site:
        async with site.client(acknowledge=False) as visitor:
            await visitor.say("hi")
            await visitor.reached(2)
            ids = [await visitor.say(f"{number}") for number in range(10)]
            await visitor.write({"type": "read", "seq": 2})
            await asyncio.sleep(0.02)
            await site.life.__aexit__(None, None, None)
            answered = [client_id for client_id in ids if visitor.answers.get(client_id, {}).get("type") == "accepted"]
        assert answered == ids
        assert any(receipt.state is ReceiptState.READ for receipt in site.dialogue.receipts)
        totals = [
            item.envelope.event.channel_accepted
            for item in site.bus.published
            if item.envelope.event.HasField("channel_accepted")
        ]
        assert totals[-1].accepted_total == 11
        assert (totals[-1].channel, totals[-1].producer) == ("website", "website-test-1")


async def test_while_stopping_nobody_is_let_in(home: Path) -> None:
    async with open_site(home) as site:
        token = await site.token()
        site.life.request_stop("test")
        status, problem, _ = await site.request("GET", "/events", token)
        assert (status, problem["code"]) == (503, "unavailable")
        body = {"client_id": "late", "content": {"type": "text", "text": "x"}}
        status, problem, _ = await site.request("POST", "/messages", token, json=body)
        assert (status, problem["code"]) == (503, "unavailable")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await site.http.ws_connect(f"{site.url}/website/demo/ws")
        assert refused.value.status == 503


async def test_a_message_survives_the_restart_of_the_gateway(home: Path) -> None:
    """The client's outbox meets a new process with the same home: one message, one answer."""
    async with open_site(home) as site, aiohttp.ClientSession() as http:
        visitor = WebsiteClient(http, site.url, "demo")
        await visitor.begin()
        await site.life.__aexit__(None, None, None)
        client_id = await visitor.say("while you were away")
    async with open_site(home) as again:
        async with again.client(session={"token": visitor.token}) as back:
            await back.send({"type": "text", "text": "while you were away"}, client_id)
            await back.reached(2)
        assert back.visitor_id == visitor.visitor_id


async def test_frames_sent_while_stopping_are_refused_for_now(site: Site) -> None:
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        token = visitor.token
    publish = site.bus.publish

    async def slow(publications: object) -> None:
        await asyncio.sleep(0.5)
        await publish(publications)  # type: ignore[arg-type]

    site.bus.publish = slow  # type: ignore[method-assign]
    async with site.http.ws_connect(f"{site.url}/website/demo/ws") as socket:
        await socket.send_json({"type": "hello", "token": token, "after": 2})
        assert (await socket.receive_json())["type"] == "ready"
        send = {"type": "send", "content": {"type": "text", "text": "x"}}
        await socket.send_json({**send, "client_id": "before"})
        await asyncio.sleep(0.1)
        site.life.request_stop("test")
        await socket.send_json({**send, "client_id": "after"})
        frames = [message.json() async for message in socket]
        assert socket.close_code == 1012
    answers = {frame["client_id"]: frame["type"] for frame in frames if "client_id" in frame}
    assert answers == {"before": "accepted", "after": "refused"}
