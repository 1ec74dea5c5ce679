"""What the business says: it reaches the customer, once, whole, in order, and what became of it is told."""

import asyncio
from itertools import pairwise

import aiohttp

from tests.channels.conformance.cases import every_channel
from tests.channels.conformance.harness import Degrades, LinksFiles
from tests.channels.conformance.pictures import png
from tests.channels.conformance.stand import Stand
from yizhan.core.messages.content import Choice, File, Image, Menu, MenuOption

MENU = Menu("fruit:1", "您要哪一种？", (MenuOption("a", "红苹果"), MenuOption("b", "香蕉"), MenuOption("c", "梨")))


@every_channel()
async def test_an_answer_reaches_the_customer_and_is_told_to_have(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("在吗")
    await stand.hears(person, 1)
    (message,) = await stand.say(person, "在的，您好 <b>&\"'😀 𠮷\n第二行")
    await stand.seen(person, 1)
    receipt = await stand.reached(message)
    assert stand.texts(person) == ["在的，您好 <b>&\"'😀 𠮷\n第二行"]
    assert (receipt.address, receipt.reason) == (person.address, "")


@every_channel()
async def test_several_messages_reach_each_customer_in_order_and_all_are_told_of(stand: Stand) -> None:
    people = [await stand.harness.person() for _ in range(3)]
    for person in people:
        await person.says("在吗")
    wanted = [f"第{number}条" for number in range(5)]
    said = await asyncio.gather(*(stand.say(person, *wanted) for person in people))
    for person, messages in zip(people, said, strict=True):
        await stand.seen(person, 5)
        for message in messages:
            await stand.reached(message)
        assert stand.texts(person) == wanted


@every_channel()
async def test_a_message_that_dialogue_hands_over_twice_is_seen_once(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("在吗")
    messages = await stand.say(person, "只有一条")
    await stand.seen(person, 1)
    await stand.dialogue.show(messages)
    await stand.say(person, "下一条")
    await stand.seen(person, 2)
    assert stand.texts(person) == ["只有一条", "下一条"]


@every_channel()
async def test_a_text_that_is_too_long_arrives_whole_and_in_order(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("请详细说")
    text = "".join(f"第{number}项说明文字，请您仔细阅读。" for number in range(1200 if _whole(stand) else 130))
    stand.dialogue.hints = False
    (message,) = await stand.say(person, text)
    await stand.reached(message)
    try:
        async with asyncio.timeout(20):
            while "".join(stand.texts(person)) != text:
                await asyncio.sleep(0.02)
    except TimeoutError:
        lengths = [len(part) for part in stand.texts(person)]
        raise AssertionError(f"of {len(text)} characters these arrived: {lengths}") from None
    assert all(stand.harness.fits(shown) for shown in person.screen())


def _whole(stand: Stand) -> bool:
    """Whether pieces cost nothing, so that a text can be longer than any channel takes at once."""
    return stand.harness.channel == "website"


@every_channel()
async def test_a_picture_reaches_the_customer_as_it_is(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("有图吗")
    picture = png(99)
    media = await stand.core.media.put(picture, "苹果.png")
    first, second = await stand.say(person, Image(media), "如图")
    await stand.reached(first)
    await stand.reached(second)
    screen = await stand.seen(person, 2)
    assert [shown.picture for shown in screen] == [True, False]
    assert await person.picture(0) == picture


@every_channel(Degrades)
async def test_content_that_the_platform_cannot_show_becomes_words(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("怎么样了")
    content, wanted = stand.hook(Degrades).unshowable()
    (message,) = await stand.say(person, content)
    await stand.reached(message)
    (shown,) = await stand.seen(person, 1)
    assert [word for word in wanted if word not in shown.text] == []


@every_channel(LinksFiles)
async def test_a_file_that_the_platform_does_not_take_can_be_fetched(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("合同呢")
    document = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
    media = await stand.core.media.put(document, "合同.pdf")
    (message,) = await stand.say(person, File(media))
    await stand.reached(message)
    (shown,) = await stand.seen(person, 1)
    assert "合同.pdf" in shown.text
    async with aiohttp.ClientSession() as http, http.get(stand.hook(LinksFiles).address_in(shown)) as answer:
        assert (answer.status, await answer.read()) == (200, document)


@every_channel()
async def test_the_answer_to_a_menu_comes_back_as_a_choice(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("买水果")
    (message,) = await stand.say(person, MENU)
    await stand.reached(message)
    (shown,) = await stand.seen(person, 1)
    assert shown.text.startswith("您要哪一种？")
    whole = "\n".join([shown.text, *shown.options])
    places = [whole.find(option.label) for option in MENU.options]
    assert min(places) >= 0
    assert all(one < other for one, other in pairwise(places))
    await person.chooses("香蕉", 2)
    heard = await stand.hears(person, 2)
    assert heard[1].content == Choice("fruit:1", "b", "香蕉")
