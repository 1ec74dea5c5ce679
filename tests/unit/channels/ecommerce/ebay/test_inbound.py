"""What notifications mean: messages of each kind, what has to be read again, and who left the platform."""

from typing import Any

import pytest

from tests.unit.channels.ecommerce.ebay.seller import (
    BUYER,
    SELLER_ID,
    call,
    knowing,
    notification,
    received,
    settings,
    written,
)
from tests.unit.channels.ecommerce.shop_tools import Remembered, json_answer
from yizhan.channels.contract import CallRefused, Fact, InboundMessage, NotAccepted, RetryLater, SendError
from yizhan.channels.ecommerce import attached
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, File, Image, Media, Text
from yizhan.core.messages.message import AuthorKind, Message

URL = "https://i.ebayimg.com/a.jpg?set_id=1"
PICTURE = Media("f" * 64, "image/jpeg", "a.jpg")
PAPER = Media("e" * 64, "application/pdf", "a.pdf")


async def facts(data: dict[str, Any], remembered: Remembered | None = None, topic: str = "NEW_MESSAGE") -> list[Fact]:
    push = await received(remembered or knowing(), call(notification(data, topic)))
    return [*push.facts, *(await push.finish() if push.finish else ())]


async def brought(data: dict[str, Any], remembered: Remembered | None = None) -> list[Message]:
    return [fact.message for fact in await facts(data, remembered) if isinstance(fact, InboundMessage)]


@pytest.mark.parametrize("topic", ["NEW_MESSAGE", "BUYER_QUESTION"])
async def test_what_a_buyer_writes(topic: str) -> None:
    (fact,) = await facts(written(), topic=topic)
    assert isinstance(fact, InboundMessage)
    message = fact.message
    assert (message.content, message.author.kind) == (Text("几点开门？👋"), AuthorKind.CUSTOMER)
    assert message.address == Address("default", "ecommerce", "shop", BUYER, "c1")
    assert (message.external_id, message.dedupe_key, message.customer_name) == ("m1", "m:m1", BUYER)
    assert message.sent_at is not None
    assert message.sent_at.isoformat() == "2026-11-20T10:12:13+00:00"


@pytest.mark.parametrize("name", ["tea-house", SELLER_ID, SELLER_ID.lower()])
async def test_the_seller_is_known_by_name_and_by_the_id_that_stands_for_it(name: str) -> None:
    (message,) = await brought(written(recipientUserName=name))
    assert message.author.kind is AuthorKind.CUSTOMER
    (own,) = await brought(written(senderUserName=name, recipientUserName=BUYER))
    assert (own.author.kind, own.author.id, own.address.customer) == (AuthorKind.AGENT, "", BUYER)


async def test_our_own_message_that_comes_back_is_nothing_new() -> None:
    remembered = knowing()
    remembered.sent["m1"] = "our-id"
    assert await facts(written(senderUserName=SELLER_ID, recipientUserName=BUYER), remembered) == []


@pytest.mark.parametrize(
    ("stored", "contents"),
    [
        pytest.param(PICTURE, [Text("看"), Image(PICTURE)], id="a picture"),
        pytest.param(PAPER, [Text("看"), File(PAPER)], id="a paper"),
        pytest.param(None, [Text("看"), Text("[收到文件，但未能取回]")], id="it is gone"),
        pytest.param(RetryLater(0.0), [Text("看"), Text("[收到文件，但未能取回]")], id="it cannot be had"),
    ],
)
async def test_files_are_messages_behind_the_words(
    stored: Any, contents: list[Content], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached, "FETCH_PAUSES", (0.0,))
    remembered = knowing()
    remembered.files[URL] = stored
    media = [{"mediaName": "a", "mediaType": "IMAGE", "mediaUrl": URL}]
    messages = await brought(written(messageBody="看", messageMedia=media), remembered)
    assert [message.content for message in messages] == contents
    assert [message.dedupe_key for message in messages] == ["m:m1", "m:m1:1"]
    assert remembered.fetched[0] == (URL, settings().file_hosts)


@pytest.mark.parametrize("absent", ["messageBody", "senderUserName", "recipientUserName"])
async def test_what_a_push_leaves_out_is_read_in_the_conversation(absent: str) -> None:
    remembered = knowing()
    told = {"messageId": "m1", "messageBody": "全文", "senderUsername": BUYER, "recipientUsername": "tea-house"}
    other = {**told, "messageId": "m0", "messageBody": "以前"}
    remembered.answers["conversation"] = [json_answer({"messages": [told, other]})]
    (message,) = await brought(written(**{absent: None}), remembered)
    assert message.content == Text("全文")
    (request,) = remembered.asked("conversation")
    assert (request.url.path, request.url.query["conversation_type"]) == (
        "/commerce/message/v1/conversation/c1",
        "FROM_MEMBERS",
    )


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(json_answer({"messages": []}), id="it is not there yet"),
        pytest.param(json_answer([]), id="another form"),
        pytest.param(json_answer({}, 401), id="the token is over"),
        pytest.param(json_answer({}, 403), id="the app may not"),
        pytest.param(RetryLater(), id="nobody answers"),
    ],
)
async def test_what_cannot_be_read_now_shall_come_again(answer: Any) -> None:
    remembered = knowing()
    remembered.answers["conversation"] = [answer]
    with pytest.raises((NotAccepted, SendError)):
        await facts(written(messageBody=None), remembered)


@pytest.mark.parametrize(
    ("data", "topic"),
    [
        pytest.param(written(conversationType="FROM_EBAY"), "NEW_MESSAGE", id="the platform's letter"),
        pytest.param({"orderId": "1"}, "ITEM_MARKED_SHIPPED", id="another topic"),
    ],
)
async def test_what_is_no_buyers_message_is_taken_and_says_nothing(data: dict[str, Any], topic: str) -> None:
    assert await facts(data, topic=topic) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"\xff", 400, id="no text"),
        pytest.param(b"[]", 400, id="no object"),
        pytest.param(b"[" * 100_000, 400, id="too deep"),
        pytest.param(notification([]), 400, id="no data"),
        pytest.param(notification(written(messageId="")), 400, id="no id"),
        pytest.param(notification(written(conversationId=None)), 400, id="no conversation"),
        pytest.param(notification({}, "MARKETPLACE_ACCOUNT_DELETION"), 400, id="nobody left"),
        pytest.param(notification(written(recipientUserName="Other-Shop")), 403, id="another seller's"),
    ],
)
async def test_what_cannot_be_read_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(CallRefused) as caught:
        await received(knowing(), call(body))
    assert caught.value.status == status


async def test_who_left_the_platform_is_noted_by_name_and_by_id() -> None:
    remembered = knowing()
    data = {"username": BUYER, "userId": "ma8vp1jySJC", "eiasToken": "t"}
    assert await facts(data, remembered, "MARKETPLACE_ACCOUNT_DELETION") == []
    assert remembered.left == [([BUYER, "ma8vp1jySJC"], "n1")]
