"""The template of a platform and the sample connector do what they say. Their types are checked with everything else's."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from examples.bridge_connector.connector import Connector as Sample, EventRefused, NotShown
from examples.platform_template.platform import KIND
from tests.unit.channels.ecommerce.bridge_world import (
    NOW,
    OTHER,
    SECRET,
    Connector,
    bridge,
    shop,
    signed,
)
from yizhan.channels.accounts import Account
from yizhan.channels.contract import (
    Call,
    CallRefused,
    InboundMessage,
    OutcomeUnknown,
    Refused,
    RetryLater,
    SendError,
    Sent,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.ecommerce.bridge.posting import posted
from yizhan.channels.ecommerce.platform import Keyed, Response, Tools
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.clock import now

BUYER = Address("default", "ecommerce", "shop", "b-1")
TEMPLATE = {"platform": "template", "shop_id": "1", "app_key": "k", "app_secret": "s3cret"}


def said() -> Message:
    return Message(new_id(), BUYER, Author(AuthorKind.BOT), Text("在的"), NOW)


class Answers(Connector):
    async def get(self, account: str) -> str:
        return "token-1"


def template(answers: Answers) -> tuple[Any, Account[Any]]:
    tools = Tools(answers, answers, answers, answers, None, lambda: NOW, new_id, "", None)  # type: ignore[arg-type]
    settings = KIND.settings.model_validate(TEMPLATE)
    return KIND.open(tools), Account("default", "ecommerce", "shop", "店", settings, True, NOW)


def push(body: bytes, secret: str = "s3cret") -> Call:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Call("shop", "POST", {}, body, headers={"x-signature": signature})


async def test_the_template_takes_a_push_that_is_proved() -> None:
    platform, account = template(Answers())
    body = json.dumps({"message_id": "m-1", "buyer_id": "b-1", "text": "在吗", "time": int(NOW.timestamp())}).encode()
    taken = await platform.receive(account, push(body))
    (fact,) = taken.facts
    assert isinstance(fact, InboundMessage)
    assert (fact.message.content, fact.message.address, taken.lane) == (Text("在吗"), BUYER, BUYER.key())
    for call, status in ((push(body, "wrong"), 401), (push(b"{"), 422), (Call("shop", "POST", {}, body), 401)):
        with pytest.raises(CallRefused) as refused:
            await platform.receive(account, call)
        assert refused.value.status == status


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"message_id":"x-1"}', Sent(("x-1",))),
        (b'{"code":"10001"}', RetryLater),
        (b'{"code":"10002"}', TokenExpired),
        (b'{"code":"10003"}', WindowClosed),
        (b'{"code":"10004"}', Refused),
        (b'{"code":"99999"}', Refused),
        (b"<html>", OutcomeUnknown),
    ],
)
async def test_the_template_says_what_became_of_a_message(body: bytes, wanted: Sent | type[SendError]) -> None:
    platform, account = template(Answers(answers=[Response(200, body)]))
    if isinstance(wanted, Sent):
        assert await platform.send(account, said(), 0) == wanted
        return
    with pytest.raises(wanted):
        await platform.send(account, said(), 0)


async def test_the_template_has_tokens() -> None:
    platform, account = template(Answers(answers=[Response(200, b'{"access_token":"t","expires_in":7200}')]))
    assert isinstance(platform, Keyed)
    assert (await platform.token(account, force=False)).token == "t"


class Shown:
    """Where the sample shows messages."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def __call__(self, message: Mapping[str, Any]) -> str:
        if message["content"]["type"] != "text":
            raise NotShown("bad_content")
        self.texts.append(message["content"]["text"])
        return f"out-{len(self.texts)}"


async def test_the_sample_shows_each_message_once_and_only_ours() -> None:
    shown = Shown()
    async with aiohttp.ClientSession() as http:
        sample = Sample(http, "http://127.0.0.1:9/", SECRET, shown)
        async with TestServer(sample.app(), host="127.0.0.1") as server:
            url = str(server.make_url("/messages"))
            account = shop(secret=OTHER, previous_secret=SECRET, callback_url=url)
            request = posted(account.settings, said(), 0, at=now(), link=lambda _media: "")
            for _ in range(2):
                async with http.post(url, data=request.body, headers=request.headers) as answer:
                    assert (answer.status, await answer.json()) == (200, {"id": "out-1"})
            old = posted(account.settings, said(), 0, at=now() - timedelta(minutes=6), link=lambda _media: "")
            for headers in (old.headers, {**request.headers, "webhook-signature": "v1,AAAA"}):
                async with http.post(url, data=old.body, headers=headers) as answer:
                    assert answer.status == 401
    assert shown.texts == ["在的"]


async def test_the_sample_sends_an_event_until_it_is_taken() -> None:
    statuses = [503, 0, 200, 401]
    heard: list[Call] = []

    async def event(request: web.Request) -> web.Response:
        status = statuses.pop(0)
        body = await request.read()
        heard.append(Call("shop", "POST", {}, body, headers={k.lower(): v for k, v in request.headers.items()}))
        if not status:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=status or 500)

    async def no_pause(_: float) -> None:
        """Nobody waits in a test."""

    app = web.Application()
    app.add_routes([web.post("/events", event)])
    async with aiohttp.ClientSession() as http, TestServer(app, host="127.0.0.1") as server:
        sample = Sample(http, str(server.make_url("/events")), SECRET, Shown(), sleep=no_pause)
        await sample.said("m-1", "b-1", "在吗")
        with pytest.raises(EventRefused):
            await sample.said("m-2", "b-1", "在吗")
    assert [call.headers["webhook-id"] for call in heard[:3]] == ["message-m-1"] * 3
    (fact,) = (await bridge(Connector()).receive(shop(), signed(heard[0].body))).facts
    assert isinstance(fact, InboundMessage)
    assert fact.message.content == Text("在吗")
