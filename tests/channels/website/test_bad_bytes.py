"""A message that was cut in the middle of an emoji arrives, with a mark where the half was."""

import json
from typing import Any

import aiohttp

from tests.channels.waiting import until
from tests.channels.website.conftest import Site
from tests.channels.website.test_bad_input import hello
from yizhan.core.messages.command import Visit
from yizhan.core.messages.content import plain_text

HALF = '{"client_id": "c-1", "content": {"type": "text", "text": "什么时候发货\\ud83d"}}'
MARKED = "什么时候发货\ufffd"


def said(site: Site) -> list[str]:
    return [
        plain_text(message.content)
        for transcript in site.dialogue.transcripts.values()
        for message in transcript.messages
        if message.author.kind.name == "CUSTOMER"
    ]


async def test_a_message_that_is_posted(site: Site) -> None:
    token = await site.token()
    headers = {"Content-Type": "application/json"}
    status, body, _ = await site.request("POST", "/messages", token, data=HALF.encode(), headers=headers)
    assert status in (200, 202), body
    await _heard(site)


async def test_a_message_over_the_socket(site: Site) -> None:
    async with site.http.ws_connect(f"{site.url}/website/demo/ws") as socket:
        await socket.send_str(await hello(site))
        await socket.send_str('{"type": "send", ' + HALF[1:])
        kinds: list[Any] = []
        while "message" not in kinds and "sent" not in kinds:
            frame = await socket.receive(timeout=30)
            assert frame.type is aiohttp.WSMsgType.TEXT, kinds
            kinds.append(json.loads(frame.data)["type"])
    await _heard(site)


async def test_a_page_whose_title_was_cut(site: Site) -> None:
    body = '{"page": {"title": "台灯\\ud83d", "url": "https://shop.example/1"}}'
    headers = {"Content-Type": "application/json"}
    status, answer, _ = await site.request("POST", "/session", data=body.encode(), headers=headers)
    assert status == 200, answer
    token = answer["token"]
    sent = {"client_id": "c-2", "content": {"type": "text", "text": "在吗"}}
    assert (await site.request("POST", "/messages", token, json=sent))[0] in (200, 202)
    await until(lambda: any(isinstance(one.kind, Visit) for one in site.dialogue.commands))
    assert [one.kind.page_title for one in site.dialogue.commands if isinstance(one.kind, Visit)] == ["台灯\ufffd"]


async def _heard(site: Site) -> None:
    await until(lambda: said(site) == [MARKED])
