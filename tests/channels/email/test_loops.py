"""Two programs never answer each other for ever, and what mail servers say of our mails reaches the right message."""

import asyncio
from email.message import EmailMessage

import pytest

from tests.channels.conformance.email import SUPPORT, Correspondent, EmailHarness
from tests.channels.conformance.stand import Stand
from tests.channels.waiting import until
from tests.simulators.smtp_server import Posted
from yizhan.core.messages.content import TimelineEvent
from yizhan.core.messages.message import Author, AuthorKind
from yizhan.core.messages.receipt import ReceiptState

AGENT = Author(AuthorKind.AGENT, "a1", "小雅")
PER_HOUR = 4


def automatic_answer(person: Correspondent, posted: Posted, number: int, *, marked: bool) -> bytes:
    mail = EmailMessage()
    mail["From"] = person.customer
    mail["To"] = SUPPORT
    mail["Subject"] = f"Auto: {posted.header('Subject')}"
    mail["Message-ID"] = f"<auto-{number}-{person.root.strip('<>')}>"
    mail["In-Reply-To"] = posted.header("Message-ID")
    mail["References"] = f"{person.root} {posted.header('Message-ID')}"
    if marked:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(f"我不在办公室 {number}")
    return mail.as_bytes()


@pytest.mark.parametrize("marked", [True, False], ids=["a program that says so", "a program that pretends"])
async def test_two_programs_stop_answering_each_other(stand: Stand, harness: EmailHarness, marked: bool) -> None:
    harness.limits["email_answers_per_hour"] = PER_HOUR
    await stand.restart()
    stand.dialogue.echo = True
    person = await harness.person()
    await person.says("你好")
    answered = 0
    wanted = 1 if marked else PER_HOUR
    while answered < wanted:
        await until(lambda: len(harness.smtp.to(person.customer)) > answered)  # noqa: B023 - awaited at once
        posted = harness.smtp.to(person.customer)[answered]
        answered += 1
        await harness.is_read(automatic_answer(person, posted, answered, marked=marked))
    refused = "automatic_mail" if marked else "too_many_answers"
    name = "yizhan_email_not_answered_total"
    await until(lambda: bool(stand.core.metrics.registry.get_sample_value(name, {"reason": refused})))
    assert len(harness.smtp.to(person.customer)) == wanted
    assert len(stand.written(person)) == 1 + wanted, "all is kept and shown"
    assert [message.automatic for message in stand.written(person)][1:] == [marked] * wanted
    agents = stand.dialogue.said(person.address, "我是客服", AGENT)
    await stand.dialogue.show([agents])
    await stand.reached(agents)


def bounce(posted: Posted, action: str, status: str) -> bytes:
    """As Postfix words it. RFC 3464."""
    parts = (
        "Content-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n",
        (
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
            f"Final-Recipient: rfc822; {posted.recipients[0]}\r\nAction: {action}\r\nStatus: {status}\r\n"
            "Diagnostic-Code: smtp; 550 no such user\r\n"
        ),
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {posted.header('Message-ID')}\r\nTo: x\r\n",
    )
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    head = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {SUPPORT}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <dsn-{action}-{status}-{posted.header('Message-ID').strip('<>')}>\r\nAuto-Submitted: auto-replied\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    )
    return (head + body).encode()


async def test_a_mail_that_comes_back_is_told_as_failed_and_its_address_gets_no_more_from_machines(
    stand: Stand, harness: EmailHarness
) -> None:
    person = await harness.person()
    await person.says("在吗")
    (message,) = await stand.say(person, "在的")
    await stand.reached(message)
    (posted,) = harness.smtp.to(person.customer)
    await harness.is_read(bounce(posted, "delayed", "4.4.1"))
    assert ReceiptState.FAILED not in {receipt.state for receipt in stand.receipts(message)}
    await harness.is_read(bounce(posted, "failed", "5.1.1"))
    told = await stand.told(message, ReceiptState.FAILED)
    assert (told.reason, told.detail[:5]) == ("unknown_customer", "5.1.1")
    transcript = stand.dialogue.transcripts[person.address]
    events = [one.content.code for one in transcript.messages if isinstance(one.content, TimelineEvent)]
    assert events == ["mail_delayed"]
    (second,) = await stand.say(person, "再试")
    assert (await stand.told(second, ReceiptState.FAILED)).detail.startswith("address_bounces")
    await person.says("邮箱好了")
    (third,) = await stand.say(person, "好的")
    await stand.reached(third)


async def test_a_report_about_a_mail_that_nobody_knows_is_kept_for_an_agent(
    stand: Stand, harness: EmailHarness
) -> None:
    unknown = Posted(SUPPORT, ("x@y.example",), b"Message-ID: <never-sent@shop.example>\r\n\r\n")
    await harness.is_read(bounce(unknown, "failed", "5.1.1"))
    await until(lambda: len(stand.dialogue.transcripts) == 1)
    ((address, transcript),) = stand.dialogue.transcripts.items()
    assert address.customer == "mailer-daemon@mx.example"
    assert [message.automatic for message in transcript.messages] == [True] * len(transcript.messages)
    assert stand.dialogue.receipts == []


async def test_our_own_people_are_the_business(stand: Stand, harness: EmailHarness) -> None:
    """What they write from their own mail program stands in the case, and whom they bring in may write there."""
    person, colleague = await harness.person(), await harness.person()
    await person.says("请报价")
    (answer,) = await stand.say(person, "马上")
    await stand.reached(answer)
    (posted,) = harness.smtp.to(person.customer)
    own = person.mail("已请同事跟进").replace(f"Somebody <{person.customer}>".encode(), SUPPORT.encode())
    own = own.replace(f"To: {SUPPORT}".encode(), f"To: {person.customer}\nCc: {colleague.customer}".encode())
    await harness.is_read(own)
    theirs = colleague.mail("报价如下", first=True).replace(
        b"Subject:", f"In-Reply-To: {posted.header('Message-ID')}\nSubject:".encode()
    )
    await harness.is_read(theirs)
    await stand.hears(person, 2)
    said = stand.dialogue.transcripts[person.address].messages
    assert [(one.author.kind, one.author.id) for one in said if one.dedupe_key] == [
        (AuthorKind.CUSTOMER, person.customer),
        (AuthorKind.AGENT, ""),
        (AuthorKind.CUSTOMER, colleague.customer),
    ]
    (more,) = await stand.say(person, "收到")
    await stand.reached(more)
    assert harness.smtp.to(colleague.customer) == []
    await asyncio.sleep(0)
