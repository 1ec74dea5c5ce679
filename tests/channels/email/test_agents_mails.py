"""What an agent writes as a mail: with their subject and all its files at once, in the case's thread."""

from tests.channels.conformance.email import EmailHarness
from tests.channels.conformance.stand import Stand
from tests.channels.waiting import until
from yizhan.core.messages.content import Mail, Media, Text
from yizhan.core.messages.message import Author, AuthorKind
from yizhan.core.messages.receipt import ReceiptState

AGENT = Author(AuthorKind.AGENT, "a1", "小雅")


async def test_one_mail_with_its_subject_and_files(stand: Stand, harness: EmailHarness) -> None:
    person = await harness.person()
    await person.says("发票在哪里")
    (asked,) = await stand.hears(person, 1)
    assert isinstance(asked.content, Text)
    assert asked.content.mail is not None
    assert asked.content.mail.answers_to == person.customer, "agents see whom they write to"
    files = [await stand.core.media.put(data, name) for data, name in ((b"one", "发票.txt"), (b"two", "b.txt"))]
    gone = Media("f" * 64, "text/plain", "gone.txt", 3)
    told = Mail("发票：订单 42\r\nBcc: x@evil.example", attachments=tuple(files))
    (sent,) = await stand.say(person, Text("请看附件", mail=told))
    await stand.told(sent, ReceiptState.ACCEPTED)
    await until(lambda: len(harness.smtp.to(person.customer)) == 1)
    (posted,) = harness.smtp.to(person.customer)
    assert posted.header("Subject") == "发票：订单 42 Bcc: x@evil.example"
    assert posted.recipients == (person.customer,)
    assert posted.files() == [("发票.txt", b"one"), ("b.txt", b"two")]
    assert posted.text == "请看附件"
    assert posted.header("In-Reply-To") == person.root
    (plain,) = await stand.say(person, Text("补充一句", mail=Mail(attachments=())))
    await stand.told(plain, ReceiptState.ACCEPTED)
    second = harness.smtp.to(person.customer)[1]
    assert second.header("Subject") == "Re: 关于订单", "without a subject it is the case's"
    (lost,) = await stand.say(person, Text("附件没了", mail=Mail(attachments=(gone,))))
    assert (await stand.told(lost, ReceiptState.FAILED)).reason == "bad_content"
