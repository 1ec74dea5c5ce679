"""What became of messages to the customer is told to dialogue, as rarely as possible and as truthfully as necessary."""

import asyncio

from tests.channels.waiting import until
from tests.channels.website.conftest import Site
from yizhan.channels.notes import WINDOW_SECONDS
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.messages.receipt import ReceiptState
from yizhan.pb.v1 import live_pb2, receipt_pb2


def told(site: Site) -> list[tuple[ReceiptState, int]]:
    return [(receipt.state, receipt.up_to_seq) for receipt in site.dialogue.receipts]


async def test_a_screen_that_has_the_answer_says_so_once(site: Site) -> None:
    """The gateway's own "accepted" is overtaken by the screen's "delivered" and is not sent."""
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await until(lambda: bool(told(site)))
        await asyncio.sleep(2 * WINDOW_SECONDS)
    assert told(site) == [(ReceiptState.DELIVERED, 2)]


async def test_many_acknowledgements_become_few_receipts(site: Site) -> None:
    async with site.client() as visitor:
        for number in range(50):
            await visitor.say(f"{number}")
        await visitor.reached(100)
        await until(lambda: (ReceiptState.DELIVERED, 100) in told(site))
    assert len(told(site)) <= 15


async def test_a_message_for_someone_who_is_not_here_is_accepted(site: Site) -> None:
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await until(lambda: (ReceiptState.DELIVERED, 2) in told(site))
    site.dialogue.receipts.clear()
    message = await site.dialogue.say(site.dialogue.address(visitor.visitor_id), "for later")
    await until(lambda: bool(site.dialogue.receipts))
    (receipt,) = site.dialogue.receipts
    assert (receipt.state, receipt.message_id, receipt.up_to_seq) == (ReceiptState.ACCEPTED, message.id, 0)


async def test_reading_is_told_and_includes_delivery(site: Site) -> None:
    async with site.client(acknowledge=False) as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await visitor.write({"type": "delivered", "seq": 2})
        await visitor.write({"type": "read", "seq": 2})
        await until(lambda: bool(told(site)))
        await asyncio.sleep(2 * WINDOW_SECONDS)
    assert told(site) == [(ReceiptState.READ, 2)]


async def test_receipts_by_request_are_durable_when_they_are_answered(site: Site) -> None:
    async with site.client(acknowledge=False) as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await until(lambda: bool(site.dialogue.receipts))
        site.dialogue.receipts.clear()
        for state in ("delivered", "read"):
            status, body, _ = await site.request("POST", "/receipts", visitor.token, json={"state": state, "seq": 2})
            assert (status, body) == (204, "")
        await until(lambda: len(told(site)) == 2)
    assert told(site) == [(ReceiptState.DELIVERED, 2), (ReceiptState.READ, 2)]


async def test_coming_back_with_a_cursor_says_that_these_messages_are_here(site: Site) -> None:
    """The screen had them, but its acknowledgement was lost with the connection."""
    async with site.client(acknowledge=False) as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await until(lambda: bool(site.dialogue.receipts))
        site.dialogue.receipts.clear()
        visitor.cut()
        await until(lambda: bool(told(site)))
    assert told(site) == [(ReceiptState.DELIVERED, 2)]


async def test_a_receipt_that_dialogue_announces_is_shown(site: Site) -> None:
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        seen = live_pb2.ReceiptSeen(seq=2, state=receipt_pb2.RECEIPT_STATE_READ)
        address = address_to_proto(site.dialogue.address(visitor.visitor_id))
        await site._hint(live_pb2.Live(address=address, receipt_seen=seen))
        await visitor.until(lambda: visitor.frames[-1]["type"] == "receipt")
    assert visitor.frames[-1] == {"type": "receipt", "seq": 2, "state": "read"}
