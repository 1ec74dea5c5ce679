"""What only Lazada does, at the running channel: half a second for a push, messages taken back, messages kept from buyers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.conformance.lazada import CALM_SECONDS, LazadaHarness
from tests.channels.conformance.pictures import png
from tests.channels.conformance.stand import Place, Stand, open_stand
from tests.channels.waiting import until
from tests.services.schemas import sqlite_file
from yizhan.core.messages.content import Content, Image, TimelineEvent
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import ReceiptState


@pytest.fixture
async def stand(home: Path) -> AsyncIterator[Stand]:
    sqlite_file(home)
    async with open_stand(LazadaHarness(), Place("embedded://"), home) as opened:
        yield opened


@pytest.fixture
def shop(stand: Stand) -> LazadaHarness:
    assert isinstance(stand.harness, LazadaHarness)
    return stand.harness


def timeline(stand: Stand) -> list[Content]:
    return [message.content for transcript in stand.dialogue.transcripts.values() for message in transcript.messages]


async def test_a_slow_picture_is_not_waited_for_and_comes_all_the_same_once(stand: Stand, shop: LazadaHarness) -> None:
    """The platform is told in time that it has to come again; what it then repeats is known."""
    await stand.change_account(answer_seconds=0.2)
    await stand.restart()
    person = await shop.person()
    shop.site.files_ready.clear()
    data = shop.site.written(person.buyer, {"imgUrl": shop.site.serve_file(png(1)), "width": 1, "height": 1}, 3)
    behind = person.letter("图在上面")
    for seal in (shop.site.seal(data), shop.site.seal(behind.data)):
        assert (await shop.pushed(seal)).status == 503
    assert stand.written(person) == []
    shop.site.files_ready.set()
    picture, text = await stand.hears(person, 2)
    assert isinstance(picture.content, Image)
    assert getattr(text.content, "text", "") == "图在上面"
    await stand.change_account(answer_seconds=CALM_SECONDS)
    await stand.restart()
    assert (await shop.pushed(shop.site.seal(data))).taken
    assert (await behind.push()).taken
    await person.says("收到了吗")
    assert len(await stand.hears(person, 3)) == 3


async def test_a_message_taken_back_is_told_though_it_has_the_same_id(stand: Stand, shop: LazadaHarness) -> None:
    person = await shop.person()
    letter = person.letter("说错了")
    await stand.deliver(letter)
    await stand.hears(person, 1)
    for _ in range(2):
        assert (await shop.pushed(shop.site.seal(letter.data | {"status": 1}))).taken
    await until(lambda: any(isinstance(content, TimelineEvent) for content in timeline(stand)))
    await person.says("这才对")
    await stand.hears(person, 2)
    events = [content.code for content in timeline(stand) if isinstance(content, TimelineEvent)]
    assert events == ["recalled_by_customer"]
    assert stand.words(person) == ["说错了", "这才对"]


async def test_what_the_platform_keeps_from_the_buyer_has_failed_with_its_reason(
    stand: Stand, shop: LazadaHarness
) -> None:
    person = await shop.person()
    await person.says("电话多少")
    (message,) = await stand.say(person, "请打 555 1234")
    await stand.reached(message)
    await until(lambda: len(shop.site.echoed) == 1)
    blocked = shop.site.echo_of(person.buyer, 0, process_msg="contains a phone number")
    assert (await shop.pushed(shop.site.seal(blocked))).taken
    told = await stand.told(message, ReceiptState.FAILED)
    assert (told.reason, told.detail) == ("risky_content", "contains a phone number")


async def test_our_own_messages_that_come_back_are_not_said_again(stand: Stand, shop: LazadaHarness) -> None:
    person = await shop.person()
    await person.says("在吗")
    messages: list[Message] = await stand.say(person, "在的", "请讲")
    for message in messages:
        await stand.reached(message)
    await until(lambda: len(shop.site.echoed) == 2)
    console = shop.site.echo_of(person.buyer, 0, message_id="written-in-the-console")
    await asyncio.sleep(0)
    assert (await shop.pushed(shop.site.seal(console))).taken
    await until(lambda: len(timeline(stand)) == 4)
    assert [attempt.status for attempt in shop.site.echoed if attempt.status not in (200, 503)] == []
