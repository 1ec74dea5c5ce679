"""The service dies between a call and its record: the customer gets no second copy, and what is told is true."""

from tests.channels.conformance.cases import every_channel
from tests.channels.conformance.harness import LosesAnswers
from tests.channels.conformance.stand import Stand
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import ReceiptState


@every_channel()
async def test_a_message_that_was_taken_when_the_service_died_is_seen_once(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("在吗")
    await stand.hears(person, 1)
    if isinstance(stand.harness, LosesAnswers):
        stand.harness.goes_silent()  # the call hangs, its effect is there
    else:
        stand.bus.hold()  # what became of it cannot be told
    first, second = await stand.say(person, "最后一句话", "跟在后面的")
    await stand.sees(person, "最后一句话")
    await stand.kill()
    await stand.begin()
    if stand.harness.idempotent:
        await stand.reached(first)
    else:
        told = await stand.told(first, ReceiptState.UNKNOWN)
        assert told.reason == "interrupted"
    await stand.reached(second)
    (third,) = await stand.say(person, "新的一天")
    await stand.reached(third)
    await stand.sees(person, "新的一天")
    assert stand.texts(person) == ["最后一句话", "跟在后面的", "新的一天"]


@every_channel()
async def test_what_could_not_be_told_before_the_end_is_told_by_the_next_life(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("在吗")
    await stand.hears(person, 1)
    stand.bus.hold()
    (message,) = await stand.say(person, "到了没有")
    await stand.sees(person, "到了没有")
    await stand.kill()
    assert [receipt.state for receipt in stand.receipts(message)] == []
    await stand.begin()
    await stand.told(message, ReceiptState.ACCEPTED, ReceiptState.DELIVERED, ReceiptState.UNKNOWN)
    await person.says("收到")
    await stand.hears(person, 2)
    assert stand.texts(person) == ["到了没有"]


@every_channel()
async def test_what_was_handed_over_while_the_service_was_dead_is_sent_by_the_next_life(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("在吗")
    await stand.hears(person, 1)
    (before,) = await stand.say(person, "之前")
    await stand.reached(before)
    await stand.kill()
    between: list[Message] = []

    async def meanwhile() -> None:
        between.extend(await stand.say(person, "其间一", "其间二"))

    await stand.begin(meanwhile)
    for message in between:
        await stand.reached(message)
    await stand.seen(person, 3)
    assert stand.texts(person) == ["之前", "其间一", "其间二"]
