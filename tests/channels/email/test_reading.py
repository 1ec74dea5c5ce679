"""Mailboxes are read whole, once, and by one process, whatever lies in them and whatever happens to the server."""

import asyncio
from unittest.mock import patch

import pytest

from tests.channels.conformance.email import EmailHarness
from tests.channels.conformance.harness import ACCOUNT, Process
from tests.channels.conformance.stand import PARTITIONS, SECRET, Stand
from tests.channels.waiting import until
from tests.simulators.mail_corpus.mail import text_mail
from yizhan.channels.email import service
from yizhan.channels.email.box import Box
from yizhan.channels.email.reading import read_letter
from yizhan.channels.email.taking import Takings
from yizhan.core.messages.content import TimelineEvent
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.lifespan import Lifespan

MIB = 1 << 20


def messages(stand: Stand) -> list[Message]:
    """What customers wrote, in all cases."""
    every = (message for transcript in stand.dialogue.transcripts.values() for message in transcript.messages)
    return [message for message in every if message.author.kind is AuthorKind.CUSTOMER]


def mails_read(stand: Stand, *kinds: str) -> float:
    name = "yizhan_email_mails_total"
    metrics = stand.core.metrics.registry
    return sum(metrics.get_sample_value(name, {"kind": kind}) or 0 for kind in kinds)


async def test_a_folder_whose_numbers_were_forgotten_is_gone_through_again_and_nothing_comes_twice(
    stand: Stand, harness: EmailHarness
) -> None:
    person = await harness.person()
    for text in ("一", "二", "三"):
        await person.letter(text).push()
    await stand.hears(person, 3)
    await stand._end()
    await asyncio.to_thread(harness.dovecot.forget_numbers, harness.mailbox)
    await stand.begin()
    await person.letter("四").push()
    await stand.hears(person, 4)
    assert stand.words(person) == ["一", "二", "三", "四"]
    assert stand.dialogue.duplicates == 3, "they were read again, and known"


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_a_server_that_is_gone_while_it_is_waited_for_costs_no_mail(
    stand: Stand, harness: EmailHarness, how: str
) -> None:
    person = await harness.person()
    await person.letter("之前").push()
    await stand.hears(person, 1)
    with (
        patch("yizhan.channels.email.intake.AWAY_SECONDS", (0.1, 0.5)),
        patch("yizhan.channels.email.box.GRACE_SECONDS", 0.2),
    ):
        if how == "killed":
            await asyncio.to_thread(harness.dovecot.kill9)
            await person.letter("期间").push()
            await asyncio.to_thread(harness.dovecot.start)
        else:
            harness.dovecot.pause()
            await person.letter("期间").push()
            harness.dovecot.resume()
        await stand.hears(person, 2)
    await person.letter("之后").push()
    await stand.hears(person, 3)
    assert stand.words(person) == ["之前", "期间", "之后"]


async def test_a_process_that_dies_before_a_mail_is_marked_loses_and_doubles_nothing(
    stand: Stand, harness: EmailHarness
) -> None:
    person = await harness.person()
    reached = asyncio.Event()

    async def never(_takings: Takings, _batch: object) -> None:
        reached.set()
        await asyncio.sleep(3600)

    with patch.object(Takings, "settled", never):
        await person.letter("就一次").push()
        await stand.hears(person, 1)
        await reached.wait()
        await stand.kill()
    await stand.begin()
    await person.letter("后来").push()
    await stand.hears(person, 2)
    assert stand.words(person) == ["就一次", "后来"]


async def test_a_mail_that_cannot_be_marked_is_taken_all_the_same(stand: Stand, harness: EmailHarness) -> None:
    person = await harness.person()
    await stand.change_account(after_reading="move", move_to="No such folder")
    await until(lambda: harness_moves(stand))
    await person.letter("一").push()
    await person.letter("二").push()
    await stand.hears(person, 2)
    assert stand.words(person) == ["一", "二"]


def harness_moves(stand: Stand) -> bool:
    return "mailbox_open" in stand.logged()


async def test_two_processes_read_a_mailbox_once(stand: Stand, harness: EmailHarness) -> None:
    person = await harness.person()
    await person.letter("第0句").push()
    await stand.hears(person, 1)
    async with Lifespan() as life:
        core = stand._core(stand.core.database, stand.bus, stand.core.metrics)
        settings = harness.settings(Process(stand._home, SECRET, PARTITIONS))
        await service.start(life, settings, core)  # type: ignore[arg-type]
        for number in range(1, 20):
            await person.letter(f"第{number}句").push()
        await stand.hears(person, 20)
        assert stand.dialogue.duplicates == 0
    assert stand.words(person) == [f"第{number}句" for number in range(20)]


async def test_a_mail_that_breaks_the_reading_of_it_is_told_and_holds_up_nobody(
    stand: Stand, harness: EmailHarness
) -> None:
    person = await harness.person()

    def read(raw: bytes, at: object) -> object:
        if b"poison" in raw:
            raise RecursionError
        return read_letter(raw, now())

    stand_log = stand.logged
    with patch("yizhan.channels.email.service.read_letter", read):
        await stand.restart()
        await harness.arrives(text_mail("poison", "poison"))
        await person.letter("后面的").push()
        await stand.hears(person, 1)
    assert mails_read(stand, "unreadable") == 1
    texts = [getattr(message.content, "text", "") for message in messages(stand)]
    assert any("无法处理" in text for text in texts)
    assert "mail_not_understood" in stand_log()
    stand._log.truncate(0)  # the traceback is wanted here


async def test_a_mail_of_somebody_else_never_enters_a_case(stand: Stand, harness: EmailHarness) -> None:
    amy, eve = await harness.person(), await harness.person()
    await amy.letter("我的订单 42").push()
    await stand.hears(amy, 1)
    (answer,) = await stand.say(amy, "订单 42 寄往南京东路")
    await stand.reached(answer)
    (posted,) = harness.smtp.to(amy.customer)
    reply_to = posted.mail["Reply-To"].addresses[0].addr_spec
    forged = eve.mail("把地址发给我", first=True)
    named = f"In-Reply-To: {posted.header('Message-ID')}\r\nDelivered-To: {reply_to}\r\n".encode()
    await harness.arrives(named + forged)
    await until(lambda: len(messages(stand)) == 2)
    await amy.letter("谢谢").push()
    await stand.hears(amy, 2)
    assert stand.words(amy) == ["我的订单 42", "谢谢"]
    (others,) = [one for address, one in stand.dialogue.transcripts.items() if address.customer == eve.customer]
    event, said = others.messages
    assert isinstance(event.content, TimelineEvent)
    assert (event.content.code, event.author.kind) == ("mail_linked", AuthorKind.AGENT)
    assert said.address.thread != amy.address.thread
    assert [amy.customer in event.content.text, "南京" in event.content.text] == [True, False]


async def test_an_answer_to_the_token_belongs_to_its_case_without_references(
    stand: Stand, harness: EmailHarness
) -> None:
    amy = await harness.person()
    await amy.letter("在吗").push()
    await stand.hears(amy, 1)
    (answer,) = await stand.say(amy, "在的")
    await stand.reached(answer)
    (posted,) = harness.smtp.to(amy.customer)
    reply_to = posted.mail["Reply-To"].addresses[0].addr_spec
    amy.root = "<another-beginning@customers.example>"
    raw = amy.mail("没有引用的回信", first=True).replace(b"To: support@shop.example", f"To: {reply_to}".encode())
    amy.root = str(posted.mail["In-Reply-To"])
    await harness.arrives(raw)
    await stand.hears(amy, 2)
    assert stand.words(amy) == ["在吗", "没有引用的回信"]


async def test_a_mail_that_is_too_large_is_told_and_its_sender_hears_of_it_once(
    stand: Stand, harness: EmailHarness
) -> None:
    harness.limits["email_largest_mib"] = 1
    await stand.restart()
    person = await harness.person()
    for number in range(2):
        person.written += 1
        await harness.arrives(person.mail(f"{number}", first=number == 0, picture=b"\x89PNG" + b"x" * (2 * MIB)))
    await person.letter("小的").push()
    await stand.hears(person, 3)
    assert [("邮件过大" in word) for word in stand.words(person)] == [True, True, False]
    await until(lambda: len(harness.smtp.to(person.customer)) == 1)
    (notice,) = harness.smtp.to(person.customer)
    assert (notice.sender, notice.header("Auto-Submitted")) == ("", "auto-replied")


async def test_what_is_read_is_marked(stand: Stand, harness: EmailHarness) -> None:
    person = await harness.person()
    marked = asyncio.Event()
    mark = Box.mark

    async def noted(box: Box, uids: list[int]) -> None:
        await mark(box, uids)
        marked.set()

    with patch.object(Box, "mark", noted):
        await person.letter("看过了").push()
        await stand.hears(person, 1)
        await asyncio.wait_for(marked.wait(), 20)
    assert (
        stand.core.metrics.registry.get_sample_value(
            "yizhan_email_mailbox_state", {"account": ACCOUNT, "state": "reading"}
        )
        == 1
    )
