"""What customers write: taken once, in order, whatever the platform does to its pushes."""

import asyncio

from tests.channels.conformance.cases import every_channel
from tests.channels.conformance.harness import Acknowledges
from tests.channels.conformance.pictures import png
from tests.channels.conformance.stand import Stand
from tests.channels.waiting import until
from yizhan.core.messages.content import Image

A_MOMENT = 0.5
"""A platform's patience, where a case wants it to end."""


@every_channel()
async def test_a_message_arrives(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("请问几点开门？👋 𠮷")
    (message,) = await stand.hears(person, 1)
    assert stand.words(person) == ["请问几点开门？👋 𠮷"]
    assert message.address == person.address


@every_channel()
async def test_a_push_that_is_repeated_is_one_message(stand: Stand) -> None:
    person = await stand.harness.person()
    letter = person.letter("只说一次")
    answers = [await letter.push() for _ in range(3)]
    assert [told.taken for told in answers] == [True] * 3
    await person.says("下一句")
    await stand.hears(person, 2)
    assert stand.words(person) == ["只说一次", "下一句"]


@every_channel()
async def test_pushes_of_one_message_at_the_same_moment_are_one_message(stand: Stand) -> None:
    person = await stand.harness.person()
    letter = person.letter("同时到达")
    await letter.write()
    answers = await asyncio.gather(*(letter.push() for _ in range(4)))
    assert [told.taken for told in answers] == [True] * 4
    await person.says("下一句")
    await stand.hears(person, 2)
    assert stand.words(person) == ["同时到达", "下一句"]


@every_channel()
async def test_a_push_that_is_repeated_to_the_next_life_is_one_message(stand: Stand) -> None:
    person = await stand.harness.person()
    letter = person.letter("重启之前")
    await stand.deliver(letter)
    await stand.hears(person, 1)
    await stand.restart()
    assert (await letter.push()).taken
    await person.says("重启之后")
    await stand.hears(person, 2)
    assert stand.words(person) == ["重启之前", "重启之后"]


@every_channel()
async def test_pushes_in_the_wrong_order_all_arrive_once(stand: Stand) -> None:
    person = await stand.harness.person()
    first, second = person.letter("先写的"), person.letter("后写的")
    await first.write()
    await second.write()
    for letter in (second, first, second):
        assert (await letter.push()).taken
    await person.says("最后")
    await stand.hears(person, 3)
    assert sorted(stand.words(person)) == sorted(["先写的", "后写的", "最后"])
    assert stand.words(person)[-1] == "最后"


@every_channel()
async def test_a_push_that_comes_again_because_our_answer_was_slow_is_one_message(stand: Stand) -> None:
    person = await stand.harness.person()
    letter = person.letter("回答太慢")
    stand.bus.hold()
    await letter.push(within=A_MOMENT)
    again = asyncio.create_task(letter.push())
    await asyncio.sleep(A_MOMENT)
    stand.bus.release()
    await again
    await stand.deliver(letter)
    await person.says("下一句")
    await stand.hears(person, 2)
    assert stand.words(person) == ["回答太慢", "下一句"]


@every_channel(Acknowledges)
async def test_a_push_is_not_acknowledged_while_the_broker_is_away(stand: Stand) -> None:
    person = await stand.harness.person()
    stand.bus.away = True
    for letter in (person.letter("一"), person.letter("二")):
        told = await letter.push()
        assert not stand.hook(Acknowledges).acknowledges(told)
        assert told.status >= 500, "to be tried again, which no 4xx says"
    assert stand.written(person) == []
    assert stand.accepted() == 0


@every_channel()
async def test_what_was_pushed_while_the_broker_was_away_arrives_once_when_it_is_back(stand: Stand) -> None:
    person = await stand.harness.person()
    letters = [person.letter(f"第{number}句") for number in range(3)]
    stand.bus.away = True
    for letter in letters:
        await letter.push()
    assert stand.written(person) == []
    stand.bus.away = False
    for letter in letters:
        await stand.deliver(letter)
    await stand.hears(person, 3)
    await person.says("好了")
    await stand.hears(person, 4)
    assert stand.words(person) == ["第0句", "第1句", "第2句", "好了"]


@every_channel()
async def test_nothing_is_lost_when_the_service_ends_while_the_broker_is_away(stand: Stand) -> None:
    person = await stand.harness.person()
    letter = person.letter("别丢了")
    stand.bus.away = True
    await letter.push()
    await stand.kill()
    await stand.begin()
    await stand.deliver(letter)
    await stand.hears(person, 1)
    await person.says("还在")
    await stand.hears(person, 2)
    assert stand.words(person) == ["别丢了", "还在"]


@every_channel()
async def test_what_one_customer_writes_keeps_its_order(stand: Stand) -> None:
    person, other = await stand.harness.person(), await stand.harness.person()
    for number in range(4):
        await asyncio.gather(person.says(f"甲{number}"), other.says(f"乙{number}"))
    await stand.hears(person, 4)
    await stand.hears(other, 4)
    assert stand.words(person) == [f"甲{number}" for number in range(4)]
    assert stand.words(other) == [f"乙{number}" for number in range(4)]


@every_channel()
async def test_a_picture_arrives_as_it_is(stand: Stand) -> None:
    person = await stand.harness.person()
    picture = png(7)
    await person.shows(picture)
    await until(lambda: any(isinstance(message.content, Image) for message in stand.written(person)))
    (media,) = [message.content.media for message in stand.written(person) if isinstance(message.content, Image)]
    assert media.mime_type == "image/png"
    kept = b"".join([bytes(piece) async for piece in await stand.core.media.get(media.media_id)])
    assert kept == picture


@every_channel()
async def test_every_message_that_is_counted_as_accepted_is_on_the_bus(stand: Stand) -> None:
    people = [await stand.harness.person() for _ in range(5)]
    letters = [person.letter(f"第{number}个问题") for person in people for number in range(3)]

    async def all_of(number: int) -> None:
        for letter in letters[number * 3 : number * 3 + 3]:
            await stand.deliver(letter)
            await letter.push()

    await asyncio.gather(*(all_of(number) for number in range(5)))
    for person in people:
        await stand.hears(person, 3)
    assert stand.accepted() == stand.on_the_bus() == 15
