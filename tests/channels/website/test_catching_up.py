"""A screen that missed something shows everything in the end: once, in order, without a reload."""

import asyncio

from tests.channels.website.conftest import Site
from tests.simulators.website_client import WebsiteClient
from yizhan.channels.screens import catchup
from yizhan.core.messages.address import Address


async def talked(site: Site, visitor: WebsiteClient) -> Address:
    """The visitor's address once there is a conversation of two messages."""
    await visitor.say("hi")
    await visitor.reached(2)
    return site.dialogue.address(visitor.visitor_id)


def shown(visitor: WebsiteClient) -> list[int]:
    return [message["seq"] for message in visitor.messages]


async def test_a_long_transcript_comes_whole(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        for number in range(998):
            site.dialogue.said(address, f"{number}")
        async with site.client(session={"token": visitor.token}) as second:
            assert second.ready["head"] == 1000
            await second.reached(1000, 20.0)
            assert shown(second) == list(range(1, 1001))


async def test_a_client_gets_only_what_is_after_its_cursor(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        visitor.cut()
        for number in range(5):
            site.dialogue.said(address, f"missed {number}")
        await visitor.reached(7)
    assert shown(visitor) == list(range(1, 8))


async def test_messages_without_hints_still_arrive_by_the_outbound_queue(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        site.dialogue.hints = False
        await site.dialogue.say(address, "only by queue")
        await visitor.reached(3)


async def test_a_lost_hint_is_made_up_for_when_the_next_one_comes(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        site.dialogue.outbound = False
        site.dialogue.said(address, "lost")
        site.dialogue.said(address, "lost too")
        await site.dialogue.say(address, "the next one")
        await visitor.reached(5)
    assert shown(visitor) == [1, 2, 3, 4, 5]


async def test_hints_out_of_order_are_put_in_order_without_asking(site: Site) -> None:
    site.dialogue.outbound = False
    async with site.client() as visitor:
        address = await talked(site, visitor)
        asked = site.dialogue.asked
        messages = [site.dialogue.said(address, f"{number}") for number in range(10)]
        await site.dialogue.hint(list(reversed(messages)))
        await visitor.reached(12)
        await asyncio.sleep(2 * catchup.GAP_SECONDS)
    assert shown(visitor) == list(range(1, 13))
    assert site.dialogue.asked == asked


async def test_hints_that_come_twice_are_shown_once(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        message = await site.dialogue.say(address, "again and again")
        for _ in range(5):
            await site.dialogue.hint([message])
        await site.dialogue.say(address, "last")
        await visitor.reached(4)
    assert shown(visitor) == [1, 2, 3, 4]


async def test_everyone_who_is_behind_catches_up_when_hints_were_lost(site: Site) -> None:
    async with site.client() as one, site.client() as two:
        addresses = [await talked(site, visitor) for visitor in (one, two)]
        for address in addresses:
            site.dialogue.said(address, "while the line was down")
        gap = site.bus.listened["website"]
        assert gap is not None
        await gap()
        await one.reached(3)
        await two.reached(3)


async def test_without_dialogue_one_gets_in_and_sends_and_the_rest_follows(site: Site) -> None:
    site.dialogue.hints = site.dialogue.outbound = False
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.answered(next(iter(visitor.outbox)))
        token, cursor = visitor.token, visitor.cursor
    site.dialogue.away = True
    async with site.client(session={"token": token}) as visitor:
        assert visitor.ready["head"] == cursor == 0
        assert "state" not in visitor.ready
        accepted = await visitor.answered(await visitor.say("anybody there?"))
        assert accepted["type"] == "accepted"
        await asyncio.sleep(0.3)
        assert visitor.messages == []
        site.dialogue.away = False
        await visitor.reached(4, 15.0)
        assert [frame["state"] for frame in visitor.frames if frame["type"] == "state"] == ["bot"]
    assert visitor.texts("customer") == ["hi", "anybody there?"]


async def test_while_dialogue_is_away_one_client_asks_for_all(site: Site) -> None:
    site.dialogue.away = True
    async with site.client() as one, site.client(), site.client(), site.client(), site.client():
        asked = site.dialogue.asked
        await one.say("hello?")
        await asyncio.sleep(1.0)
        assert site.dialogue.asked - asked <= 5
        site.dialogue.away = False
        await one.reached(2, 15.0)


async def test_a_resync_starts_again_from_where_the_client_says(site: Site) -> None:
    async with site.client() as visitor:
        await talked(site, visitor)
        again: list[int] = []
        visitor._resyncing = True
        take = visitor._take_message

        async def noted(message: dict[str, int]) -> None:
            again.append(message["seq"])
            await take(message)

        visitor._take_message = noted  # type: ignore[method-assign]
        await visitor.write({"type": "resync", "after": 0})
        await visitor.until(lambda: len(again) == 2)
        await asyncio.sleep(0.1)
        assert again == [1, 2]
        await visitor.say("goes on")
        await visitor.reached(4)


async def test_a_cursor_beyond_the_transcript_goes_back_to_its_end(site: Site) -> None:
    async with site.client() as visitor:
        await talked(site, visitor)
        async with site.http.ws_connect(f"{site.url}/website/demo/ws") as socket:
            await socket.send_json({"type": "hello", "token": visitor.token, "after": 99})
            assert (await socket.receive_json())["head"] == 2
            await visitor.say("more")
            await visitor.reached(4)
            seqs = [(await socket.receive_json())["message"]["seq"] for _ in range(2)]
    assert seqs == [3, 4]


async def test_a_hint_for_what_the_transcript_never_gets_is_given_up(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        ghost = site.dialogue.said(address, "undone")
        later = site.dialogue.said(address, "undone too")
        site.dialogue.transcripts[address].messages = site.dialogue.transcripts[address].messages[:2]
        assert ghost.seq < later.seq
        await site.dialogue.hint([later])
        await asyncio.sleep(0.2)
        await site.dialogue.say(address, "real")
        await visitor.reached(3)


async def test_service_states_and_typing_are_shown_live(site: Site) -> None:
    async with site.client() as visitor:
        address = await talked(site, visitor)
        await site.hint_state(address, "assigned", "王芳")
        await site.hint_typing(address, "王芳")
        await visitor.until(lambda: visitor.frames[-1]["type"] == "typing")
        await site.hint_state(address, "assigned", "王芳")
        await site.hint_state(address, "bot", "")
        await visitor.until(lambda: visitor.frames[-1]["type"] == "state")
    frames = [frame for frame in visitor.frames if frame["type"] in {"state", "typing"}]
    assert frames == [
        {"type": "state", "state": "assigned", "agent": {"name": "王芳"}},
        {"type": "typing", "author": {"kind": "agent", "name": "王芳"}},
        {"type": "state", "state": "bot", "agent": None},
    ]
