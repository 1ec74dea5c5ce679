"""A visitor talks: accepted once it is durable, answered in order, one message however often it is sent."""

import asyncio
from typing import Any

import pytest

from tests.channels.website.conftest import Site
from tests.simulators.dialogue import BOT
from yizhan.core.messages.content import Menu, MenuOption, Text


async def test_a_message_is_accepted_and_comes_back_with_its_answer(site: Site) -> None:
    async with site.client() as visitor:
        client_id = await visitor.say("你好")
        accepted = await visitor.answered(client_id)
        await visitor.reached(2)
    own, answer = visitor.messages
    assert accepted["type"] == "accepted"
    assert own["id"] == accepted["message_id"]
    assert own["client_id"] == client_id
    assert own["author"] == {"kind": "customer", "name": ""}
    assert own["content"] == {"type": "text", "text": "你好"}
    assert own["session"] == 1
    assert answer["author"] == {"kind": "bot", "name": "小驿"}
    assert answer["content"]["text"] == "echo 你好"
    assert "client_id" not in answer


async def test_what_is_accepted_is_on_the_bus_with_its_keys(site: Site) -> None:
    async with site.client(session={"locale": "en"}) as visitor:
        client_id = await visitor.say("hello")
        accepted = await visitor.answered(client_id)
    message = site.dialogue.of(visitor.visitor_id).messages[0]
    assert message.id == accepted["message_id"]
    assert message.external_id == client_id
    assert message.dedupe_key == f"{visitor.visitor_id}:{client_id}"
    assert message.address.account == "demo"
    assert message.address.workspace == "default"
    assert message.locale == "en"
    envelope = next(item.envelope for item in site.bus.published if item.envelope.WhichOneof("payload") == "message")
    assert envelope.producer == "website-test-1"


async def test_a_hundred_messages_sent_without_waiting_keep_their_order(site: Site) -> None:
    site.dialogue.echo = False
    async with site.client() as visitor:
        ids = [await visitor.say(f"{number}") for number in range(100)]
        await visitor.reached(100)
        await visitor.until(lambda: len(visitor.answers) == 100)
    assert visitor.texts() == [f"{number}" for number in range(100)]
    assert [message["client_id"] for message in visitor.messages] == ids
    accepted = [frame["client_id"] for frame in visitor.frames if frame["type"] == "accepted"]
    assert accepted == ids


async def test_sends_do_not_wait_for_each_other(site: Site) -> None:
    """While the first is on its way to the bus the others gather, or go beside it; twenty in a row would be twenty turns."""
    publish = site.bus.publish
    first = asyncio.Event()
    turns = under_way = 0

    async def slowly(publications: Any) -> None:
        nonlocal turns, under_way
        turns += not under_way
        under_way += 1
        await first.wait()
        await publish(publications)
        under_way -= 1

    site.bus.publish = slowly  # type: ignore[method-assign]
    async with site.client() as visitor:
        for number in range(20):
            await visitor.say(f"{number}")
        await asyncio.sleep(0.3)
        first.set()
        await visitor.until(lambda: len(visitor.answers) == 20)
    assert turns <= 5


async def test_answers_come_in_the_order_of_sending_also_where_some_are_refused(site: Site) -> None:
    async with site.client() as visitor:
        ids = [await visitor.send({"type": "text", "text": text}) for text in ("one", "", "two", "x" * 4001, "three")]
        await visitor.until(lambda: len(visitor.answers) == 5)
        answers = [frame for frame in visitor.frames if frame["type"] in {"accepted", "refused"}]
    assert [frame["client_id"] for frame in answers] == ids
    assert [frame["type"] for frame in answers] == ["accepted", "refused", "accepted", "refused", "accepted"]


async def test_the_same_client_id_again_is_the_same_message(site: Site) -> None:
    async with site.client() as visitor:
        client_id = await visitor.say("einmal")
        first = await visitor.answered(client_id)
        visitor.answers.clear()
        await visitor.write({"type": "send", "client_id": client_id, "content": {"type": "text", "text": "einmal"}})
        again = await visitor.answered(client_id)
        await visitor.reached(2)
        await visitor.say("danach")
        await visitor.reached(4)
    assert again == first
    assert visitor.texts("customer") == ["einmal", "danach"]


async def test_a_replay_while_the_first_is_still_on_its_way_gets_the_same_answer(site: Site) -> None:
    publish = site.bus.publish
    gate = asyncio.Event()

    async def held(publications: Any) -> None:
        await gate.wait()
        await publish(publications)

    async with site.client() as one, site.client(session={"token": one.token}) as two:
        site.bus.publish = held  # type: ignore[method-assign]
        frame = {"type": "send", "client_id": "same", "content": {"type": "text", "text": "hi"}}
        await one.write(frame)
        await two.write(frame)
        await asyncio.sleep(0.1)
        assert not one.answers
        gate.set()
        first, second = await one.answered("same"), await two.answered("same")
        await one.reached(2)
    assert first == second
    assert one.texts("customer") == ["hi"]
    assert site.dialogue.duplicates == 0


async def test_a_client_id_of_one_visitor_is_nothing_to_another(site: Site) -> None:
    async with site.client() as one, site.client() as two:
        await one.send({"type": "text", "text": "mine"}, "same")
        await two.send({"type": "text", "text": "yours"}, "same")
        await one.reached(2)
        await two.reached(2)
    assert one.texts() == ["mine", "echo mine"]
    assert two.texts() == ["yours", "echo yours"]


async def test_two_tabs_show_the_same_transcript(site: Site) -> None:
    async with site.client() as one, site.client(session={"token": one.token}) as two:
        assert one.visitor_id == two.visitor_id
        await one.say("from the first tab")
        await two.say("from the second tab")
        await one.reached(4)
        await two.reached(4)
    assert one.messages == two.messages
    assert sorted(one.texts("customer")) == ["from the first tab", "from the second tab"]


async def test_what_was_written_while_away_goes_out_once_and_in_order(site: Site) -> None:
    async with site.client() as visitor:
        await visitor.say("before")
        await visitor.reached(2)
        visitor.cut()
        for number in range(5):
            await visitor.say(f"away {number}")
        await visitor.reached(12, 10.0)
    assert visitor.connections == 2
    assert visitor.texts("customer") == ["before", *(f"away {number}" for number in range(5))]


async def test_cutting_the_line_again_and_again_loses_and_doubles_nothing(site: Site) -> None:
    async with site.client() as visitor:
        for number in range(30):
            await visitor.say(f"{number}")
            if number % 5 == 2:
                await asyncio.sleep(0.02)
                visitor.cut()
        await visitor.reached(60, 30.0)
    assert visitor.texts("customer") == [f"{number}" for number in range(30)]
    assert len(site.dialogue.of(visitor.visitor_id).messages) == 60


SCRIPT = "<script>alert('x')</script> & \"quotes\" \\ </textarea> 你好 👋🏽 ￼"


async def test_markup_is_only_text(site: Site) -> None:
    async with site.client() as visitor:
        await visitor.say(SCRIPT)
        await visitor.reached(2)
    stored = site.dialogue.of(visitor.visitor_id).messages[0].content
    assert stored == Text(SCRIPT)
    assert visitor.texts()[0] == SCRIPT


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        pytest.param("a\u0000b\u0007c\u001b[31m", "abc[31m", id="control characters go"),
        pytest.param("eins\r\nzwei\rdrei\u2028vier", "eins\nzwei\ndrei\nvier", id="line ends become one kind"),
        pytest.param("  \n tab\there \n", "tab\there", id="blanks around go, a tab inside stays"),
        pytest.param("x" * 4000, "x" * 4000, id="as long as it may be"),
        pytest.param("👋" * 4000, "👋" * 4000, id="length counts characters, not bytes"),
    ],
)
async def test_text_is_cleaned_and_otherwise_kept(site: Site, sent: str, stored: str) -> None:
    async with site.client() as visitor:
        await visitor.say(sent)
        await visitor.reached(1)
    assert site.dialogue.of(visitor.visitor_id).messages[0].content == Text(stored)


async def test_a_choice_answers_a_menu(site: Site) -> None:
    menu = Menu("rating:1", "How was it?", (MenuOption("1", "bad"), MenuOption("5", "good")))
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await site.dialogue.say(site.dialogue.address(visitor.visitor_id), menu)
        await visitor.reached(3)
        await visitor.send({"type": "choice", "menu_id": "rating:1", "option_id": "5", "label": "good"})
        await visitor.reached(4)
    assert visitor.messages[2]["content"] == {
        "type": "menu",
        "menu_id": "rating:1",
        "prompt": "How was it?",
        "options": [{"id": "1", "label": "bad"}, {"id": "5", "label": "good"}],
    }
    assert visitor.messages[3]["content"] == {
        "type": "choice",
        "menu_id": "rating:1",
        "option_id": "5",
        "label": "good",
    }


async def test_a_message_by_request_is_the_same_as_by_socket(site: Site) -> None:
    async with site.client() as visitor:
        body = {"client_id": "r-1", "content": {"type": "text", "text": "by request"}}
        status, answer, _ = await site.request("POST", "/messages", visitor.token, json=body)
        assert status == 202
        again = await site.request("POST", "/messages", visitor.token, json=body)
        assert again[:2] == (202, answer)
        await visitor.send(body["content"], "r-1")  # type: ignore[arg-type]
        accepted = await visitor.answered("r-1")
        await visitor.reached(2)
    assert accepted["message_id"] == answer["message_id"] == visitor.messages[0]["id"]
    assert visitor.texts() == ["by request", "echo by request"]


async def test_what_others_say_reaches_only_their_customer(site: Site) -> None:
    async with site.client() as one, site.client() as two:
        await one.say("one")
        await two.say("two")
        await one.reached(2)
        await two.reached(2)
        await site.dialogue.say(site.dialogue.address(one.visitor_id), "only for one", BOT)
        await one.reached(3)
        await asyncio.sleep(0.1)
    assert two.cursor == 2
