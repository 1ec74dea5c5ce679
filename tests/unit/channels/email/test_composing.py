"""A mail as it goes out: whole, read alike by every program, and nothing in it that somebody else put there."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest

from yizhan.channels.email.composing import Attached, Draft, answer_subject, as_html, composed

DRAFT = Draft(
    sender="support@shop.example",
    sender_name="山居生活",
    recipient="amy@example.com",
    recipient_name="Amy Wang",
    reply_to="support+ytoken@shop.example",
    subject=answer_subject("关于订单 42"),
    text="您好，\n\n见 https://shop.example/o?id=1&b=2。",
    message_id="<yz.1-0.t@shop.example>",
    in_reply_to="<a@example.com>",
    references=("<r@example.com>", "<a@example.com>"),
    at=datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC),
    automatic=False,
)


def read(draft: Draft) -> EmailMessage:
    raw = composed(draft)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    return email.message_from_bytes(raw, policy=policy.default)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_it_says_who_writes_to_whom_about_what() -> None:
    mail = read(DRAFT)
    assert str(mail["From"]) == "山居生活 <support@shop.example>"
    assert str(mail["To"]) == "Amy Wang <amy@example.com>"
    assert str(mail["Reply-To"]) == "山居生活 <support+ytoken@shop.example>"
    assert str(mail["Subject"]) == "Re: 关于订单 42"
    assert str(mail["Message-ID"]) == DRAFT.message_id
    assert str(mail["In-Reply-To"]) == DRAFT.in_reply_to
    assert str(mail["References"]).split() == list(DRAFT.references)
    assert mail["Date"].datetime == DRAFT.at


def test_it_has_its_words_plainly_and_as_a_page() -> None:
    mail = read(DRAFT)
    assert mail.get_content_type() == "multipart/alternative"
    assert text_of(mail) == DRAFT.text + "\n"
    assert '<a href="https://shop.example/o?id=1&amp;b=2">' in text_of(mail, "html")


def test_what_looks_like_markup_is_words() -> None:
    page = as_html('<script>alert(1)</script>\n"\'&\n\nhttps://x/"onclick=1')
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'href="https://x/"' in page


@pytest.mark.parametrize("automatic", [True, False])
def test_programs_are_told_not_to_answer_programs(automatic: bool) -> None:
    mail = read(replace(DRAFT, automatic=automatic))
    told = (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"])
    assert told == (("auto-replied", "All") if automatic else (None, None))


EVIL = "Hi\r\nBcc: victim@example.com\r\n\r\nbody\x00\x0b\x85\u2028Bcc: second@example.com"


@pytest.mark.parametrize("field", ["sender_name", "recipient_name", "subject"])
@pytest.mark.parametrize(
    "text", [EVIL, "=?utf-8?B?DQpCY2M6IGFAYi5j?=", '" <evil@example.com>, "', "x" * 5000, "\udcff"]
)
def test_nothing_in_a_name_or_a_subject_begins_a_header(field: str, text: str) -> None:
    mail = read(replace(DRAFT, **{field: text}))  # type: ignore[arg-type]
    assert [name.lower() for name in mail].count("bcc") == 0
    assert [address.addr_spec for address in mail["To"].addresses] == ["amy@example.com"]
    assert [address.addr_spec for address in mail["From"].addresses] == ["support@shop.example"]
    assert text_of(mail) == DRAFT.text + "\n"


def test_ids_that_are_none_are_left_out() -> None:
    mail = read(
        replace(DRAFT, in_reply_to="<a@b>\r\nBcc: x@y.z", references=("<ok@a>", "no id", "<a b@c>", "<" + "x" * 900))
    )
    assert mail["In-Reply-To"] is None
    assert mail["Bcc"] is None
    assert str(mail["References"]) == "<ok@a>"


def test_long_ids_stay_as_they_are() -> None:
    ids = tuple(f"<{'x' * 120}{number}@prod.outlook.example>" for number in range(20))
    raw = composed(replace(DRAFT, references=ids))
    for one in ids:
        assert one.encode() in raw


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("发票 2026-11.pdf", "发票 2026-11.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ('a"\r\nX-Evil: 1.pdf', 'a" X-Evil: 1.pdf'),
        ("", "file"),
        ("长" * 300, "长" * 120),
    ],
)
def test_files_go_along_under_names_that_are_names(name: str, shown: str) -> None:
    data = bytes(range(256)) * 40
    mail = read(replace(DRAFT, files=(Attached(name, "application/pdf", data),)))
    (part,) = mail.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == (shown, "application/pdf")
    assert part.get_payload(decode=True) == data
    assert mail["X-Evil"] is None


@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/mixed", "not a kind", "text/plain; charset=x", ""])
def test_a_file_is_a_file_whatever_it_is_taken_for(kind: str) -> None:
    mail = read(replace(DRAFT, files=(Attached("x.bin", kind, b"From: x\r\n\r\n"),)))
    (part,) = mail.iter_attachments()
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_payload(decode=True) == b"From: x\r\n\r\n"


@pytest.mark.parametrize("text", [".", ".\n..\n.x", "\r\n.\r\n", "a\x00b\rc", "长" * 3000, "x" * 3000, "\ud800"])
def test_any_words_arrive(text: str) -> None:
    shown = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").encode("utf-8", "replace").decode()
    assert text_of(read(replace(DRAFT, text=text))) == shown + "\n"
