"""While the bus is away nothing is acknowledged and nothing is lost; when it is back everything goes on."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.channels.waiting import until
from tests.channels.website.conftest import Site
from yizhan.core.bus.interface import BusUnavailable, Publication
from yizhan.core.messages.receipt import ReceiptState


def messages_published(site: Site) -> list[str]:
    kinds = [item.envelope for item in site.bus.published]
    return [envelope.message.id for envelope in kinds if envelope.WhichOneof("payload") == "message"]


async def test_a_send_is_refused_for_now_and_nothing_is_acknowledged(site: Site) -> None:
    async with site.client() as visitor:
        site.bus.away = True
        client_id = await visitor.say("lost?")
        await visitor.until(lambda: any(frame["type"] == "refused" for frame in visitor.frames))
        refused = next(frame for frame in visitor.frames if frame["type"] == "refused")
        assert refused["client_id"] == client_id
        assert refused["problem"]["code"] == "unavailable"
        assert refused["problem"]["retry"] is True
        assert refused["problem"]["retry_after"] > 0
        assert not visitor.answers
        assert messages_published(site) == []
        site.bus.away = False
        accepted = await visitor.answered(client_id)
        await visitor.reached(2)
    assert accepted["type"] == "accepted"
    assert visitor.texts("customer") == ["lost?"]


async def test_what_waits_behind_a_refused_message_does_not_overtake_it(site: Site) -> None:
    async with site.client() as visitor:
        site.bus.away = True
        for number in range(20):
            await visitor.say(f"{number}")
        await visitor.until(lambda: sum(frame["type"] == "refused" for frame in visitor.frames) >= 20)
        site.bus.away = False
        await visitor.reached(40, 15.0)
    assert visitor.texts("customer") == [f"{number}" for number in range(20)]


async def test_a_request_is_503_and_the_same_request_later_is_one_message(site: Site) -> None:
    token = await site.token()
    body = {"client_id": "r-1", "content": {"type": "text", "text": "hi"}}
    site.bus.away = True
    status, problem, answer = await site.request("POST", "/messages", token, json=body)
    assert (status, problem["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    status, problem, _ = await site.request("POST", "/receipts", token, json={"state": "read", "seq": 1})
    assert (status, problem["code"]) == (503, "unavailable")
    site.bus.away = False
    first = await site.request("POST", "/messages", token, json=body)
    second = await site.request("POST", "/messages", token, json=body)
    assert first[0] == second[0] == 202
    assert first[1] == second[1]


@pytest.fixture
def sent(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the envelopes with messages that were sent. The first one arrives, but its confirm is lost."""
    publish = site.bus.publish
    envelopes: list[str] = []

    async def half(publications: Sequence[Publication]) -> None:
        await publish(publications)
        first = not envelopes
        envelopes.extend(item.envelope.id for item in publications if item.envelope.HasField("message"))
        if first and envelopes:
            raise BusUnavailable("no confirm")

    monkeypatch.setattr(site.bus, "publish", half)
    return envelopes


def accepted_total(site: Site) -> float:
    return site.core.metrics.registry.get_sample_value("yizhan_accepted_messages_total", {"channel": "website"}) or 0


async def test_after_a_lost_confirm_the_retry_is_the_very_same_envelope(site: Site, sent: list[str]) -> None:
    site.dialogue.hints = site.dialogue.outbound = False
    async with site.client() as visitor:
        accepted = await visitor.answered(await visitor.say("hi"))
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert site.dialogue.of(visitor.visitor_id).messages[0].id == accepted["message_id"]
    assert accepted_total(site) == 1


async def test_after_a_lost_confirm_a_message_that_shows_up_counts_as_accepted(site: Site, sent: list[str]) -> None:
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await asyncio.sleep(1.2)
    assert len(sent) == 1
    assert visitor.texts() == ["hi", "echo hi"]
    assert accepted_total(site) == 1


async def test_receipts_wait_for_the_bus(site: Site) -> None:
    async with site.client(acknowledge=False) as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await until(lambda: bool(site.dialogue.receipts))  # that the answer was handed over
        site.dialogue.receipts.clear()
        site.bus.away = True
        await visitor.write({"type": "delivered", "seq": 1})
        await asyncio.sleep(0.3)
        await visitor.write({"type": "read", "seq": 2})
        await asyncio.sleep(0.3)
        assert site.dialogue.receipts == []
        site.bus.away = False
        await until(lambda: bool(site.dialogue.receipts))
    assert [(item.state, item.up_to_seq) for item in site.dialogue.receipts] == [(ReceiptState.READ, 2)]


async def test_a_visitor_can_begin_and_read_while_the_bus_is_away(site: Site) -> None:
    site.bus.away = True
    async with site.client() as visitor:
        assert visitor.ready["head"] == 0
        site.bus.away = False
        await until(lambda: bool(site.dialogue.commands))
    assert site.dialogue.commands[0].address.customer == visitor.visitor_id
