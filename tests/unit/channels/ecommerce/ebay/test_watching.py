"""The look at conversations now and then: what was not pushed is brought, nothing is asked for too often."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.channels.ecommerce.ebay.seller import BUYER, settings
from tests.unit.channels.ecommerce.shop_tools import AT, Answer, Remembered, account_of, json_answer
from yizhan.channels.contract import InboundMessage, Pulled, RetryLater, TokenExpired
from yizhan.channels.ecommerce.ebay import watching
from yizhan.channels.ecommerce.ebay.platform import Ebay
from yizhan.channels.ecommerce.platform import Asked
from yizhan.core.messages.content import Text


def conversation(number: int, minutes: float) -> dict[str, Any]:
    at = (AT + timedelta(minutes=minutes)).isoformat()
    return {"conversationId": f"c{number}", "latestMessage": {"messageId": f"m{number}", "createdDate": at}}


def message(message_id: str, minutes: float, sender: str = BUYER) -> dict[str, Any]:
    at = (AT + timedelta(minutes=minutes)).isoformat()
    receiver = "tea-house" if sender == BUYER else BUYER
    body = f"text of {message_id}"
    return {
        "messageId": message_id,
        "messageBody": body,
        "senderUsername": sender,
        "recipientUsername": receiver,
        "createdDate": at,
    }


class Looking:
    """A platform that is looked at, with sleeping that takes no time."""

    def __init__(self, conversations: list[dict[str, Any]], messages: list[dict[str, Any]]) -> None:
        page = {"conversations": conversations, "total": len(conversations)}
        answers: dict[str, list[Answer]] = {
            "conversations": [json_answer(page)],
            "conversation": [json_answer({"messages": messages})],
        }
        self.remembered = Remembered(answers)
        self.platform = Ebay(self.remembered.tools())
        self.slept: list[float] = []

        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        self.platform._watch._sleep = sleep

    async def look(self, minutes: float = 0.0) -> Pulled:
        self.remembered.now += timedelta(minutes=minutes)
        return await self.platform.pull(account_of(settings()), watching.SOURCE)

    async def begun(self) -> None:
        pulled = await self.look()
        assert pulled.facts == ()
        assert pulled.commit is not None
        await pulled.commit()


def texts(pulled: Pulled) -> list[str]:
    contents = [fact.message.content for fact in pulled.facts if isinstance(fact, InboundMessage)]
    return [content.text for content in contents if isinstance(content, Text)]


async def test_it_is_looked_at_what_came_after_the_first_look() -> None:
    looking = Looking([conversation(1, 3), conversation(2, -60)], [message("new", 3), message("old", -30)])
    assert isinstance(looking.platform, Asked)
    await looking.begun()
    assert looking.remembered.requests == []
    pulled = await looking.look(minutes=6)
    assert texts(pulled) == ["text of new"]
    assert [request.url.path.rpartition("/")[2] for request in looking.remembered.asked("conversation")] == ["c1"]
    (fact,) = pulled.facts
    assert isinstance(fact, InboundMessage)
    assert (fact.message.dedupe_key, fact.message.address.thread) == ("m:new", "c1")


async def test_between_looks_nothing_is_asked() -> None:
    looking = Looking([], [])
    await looking.begun()
    assert await looking.look(minutes=4) == Pulled()
    assert looking.remembered.requests == []
    assert looking.slept == [watching.WAIT_SECONDS]


async def test_what_was_not_made_durable_is_brought_again() -> None:
    looking = Looking([conversation(1, 3)], [message("new", 3)])
    await looking.begun()
    assert texts(await looking.look(minutes=6)) == ["text of new"]
    again = await looking.look()
    assert texts(again) == ["text of new"]
    assert again.commit is not None
    await again.commit()
    assert texts(await looking.look(minutes=6)) == []


async def test_our_own_are_left_out_and_the_consoles_are_not() -> None:
    looking = Looking([conversation(1, 3)], [message("ours", 3, "Tea-House"), message("theirs", 3, "X1abcSELLER")])
    looking.remembered.sent["ours"] = "our-id"
    await looking.begun()
    assert texts(await looking.look(minutes=6)) == ["text of theirs"]


async def test_where_much_is_new_the_next_look_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_CONVERSATIONS", 2)
    looking = Looking([conversation(3, 5), conversation(1, 3), conversation(2, 4)], [])
    await looking.begun()
    pulled = await looking.look(minutes=6)
    assert [request.url.path[-2:] for request in looking.remembered.asked("conversation")] == ["c1", "c2"]
    assert pulled.commit is not None
    await pulled.commit()
    (notes,) = looking.remembered.notes.values()
    assert notes["upto"] == (AT + timedelta(minutes=4)).isoformat()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(RetryLater(3.0), RetryLater, id="nobody answers"),
        pytest.param(json_answer({}, 403), RetryLater, id="it may not be asked"),
        pytest.param(json_answer([]), RetryLater, id="another form"),
        pytest.param(json_answer({}, 401), TokenExpired, id="the token is over"),
    ],
)
async def test_what_cannot_be_looked_at_is_looked_at_later(answer: Any, error: type[Exception]) -> None:
    looking = Looking([], [])
    looking.remembered.answers["conversations"] = [answer]
    await looking.begun()
    with pytest.raises(error):
        await looking.look(minutes=6)


def test_who_wants_no_look_has_none() -> None:
    platform = Ebay(Remembered().tools())
    assert platform.sources(account_of(settings(poll_minutes=0))) == frozenset()
    assert platform.sources(account_of(settings())) == {watching.SOURCE}
