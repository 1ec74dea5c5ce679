"""Reading takes any bytes, and how long it takes does not run away."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies as st

from tests.simulators.mail_corpus import corpus
from yizhan.channels.email.letter import Letter
from yizhan.channels.email.reading import limits, read_letter
from yizhan.channels.email.reading.wildness import too_wild

RECEIVED = datetime(2026, 11, 23, 2, tzinfo=UTC)
_PIECES = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b"\x00", b": ", b";", b'"', b"<", b">", b"=?utf-8?B?", b"?=", b"--b", b"--b--", b"\xff\xfe", b"\xb6\xa9",
        b"From: a@b.example\r\n", b"Subject: x", b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: text/html\r\n",
        b"Content-Type: message/delivery-status\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Message-ID: <", b"<div>", b"</div>",
        b"<blockquote>", b"> quoted\n", b"wrote:\n", "写道：\n".encode(), b"-- \n", b"filename*0*=", b"%E8", b"charset=utf-16",
    ]
)  # fmt: skip


def _sound(letter: Letter) -> None:
    """What holds for every letter."""
    assert letter.message_id.startswith("<")
    assert letter.message_id.endswith(">")
    assert len(letter.text) <= limits.TEXT_CHARACTERS
    assert len(letter.full_text) <= limits.FULL_TEXT_CHARACTERS
    assert len(letter.subject) <= limits.SUBJECT_CHARACTERS
    assert not set(letter.in_reply_to) & set(letter.references)
    assert "\n" not in letter.subject
    for words in (letter.text, letter.full_text, letter.subject, letter.sender.name, letter.html):
        assert "\x00" not in words
        words.encode()  # no half characters
    for box in (letter.sender, *letter.to, *letter.cc, *letter.reply_to):
        assert box.address == box.address.lower()
    for file in letter.attachments:
        assert file.name
        assert not set(file.name) & set('/\\\x00\n\u202e<>:"|?*')
    assert letter.sent_at is None or letter.sent_at.tzinfo is not None
    assert letter.text or not letter.full_text


@given(st.lists(_PIECES | st.binary(max_size=20), max_size=60).map(b"".join))
def test_any_bytes_are_a_letter(raw: bytes) -> None:
    _sound(read_letter(raw, RECEIVED))


@given(st.data())
@settings(max_examples=60)
def test_a_damaged_mail_of_the_corpus_is_a_letter(data: st.DataObject) -> None:
    small = [mail for mail in corpus() if len(mail.raw) < 20_000]
    raw = bytearray(data.draw(st.sampled_from(small)).raw)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        match data.draw(st.sampled_from(["cut", "drop", "change", "insert"])):
            case "cut":
                del raw[at:]
            case "drop":
                del raw[at : at + data.draw(st.integers(1, 40))]
            case "change" if raw:
                raw[at % len(raw)] = data.draw(st.integers(0, 255))
            case _:
                raw[at:at] = data.draw(_PIECES)
    _sound(read_letter(bytes(raw), RECEIVED))


def test_what_holds_for_every_mail_of_the_corpus() -> None:
    for mail in corpus():
        _sound(read_letter(mail.raw, RECEIVED))


def test_the_same_bytes_are_the_same_letter() -> None:
    for mail in random.Random(6).sample(corpus(), 60):
        assert read_letter(mail.raw, RECEIVED) == read_letter(mail.raw, RECEIVED)


def test_mails_without_an_id_get_one_by_what_they_say() -> None:
    first, again, other = (
        read_letter(f"From: a@b.example\r\nSubject: x\r\n\r\n{text}".encode(), RECEIVED)
        for text in ("one", "one", "two")
    )
    assert first.message_id == again.message_id
    assert first.message_id != other.message_id


@pytest.mark.parametrize(
    ("page", "wild"),
    [
        ("<div>" * 2000, True),
        ("<b><div></b>" * 2000, True),
        ("<div><object></div>" * 2000, True),
        ('<div x="</div>">' * 2000, True),
        ("<div><!--</div>-->" * 2000, True),
        ("<div><title></div></title>" * 2000, True),
        ("<svg><title><div></title></svg>" * 2000, True),
        ("<title><!--</title>" + "<div>" * 2000, True),
        ("<p " + " ".join(f"a{number}" for number in range(30_000)) + ">", True),
        ("".join(f"<font size={number}><p>" for number in range(2000)), True),
        ("<div>" * 20, False),
        ("<p>word" * 5000, False),
        ("<div><p>word</p></div>" * 5000, False),
        ("<table><tr><td><b>a</b><td><a href='https://x.example/?a=1'>b</a></table>" * 2000, False),
        ("<!-- a --><ul><li>one<li>two</ul>" * 2000, False),
    ],
    ids=lambda value: str(value)[:30],
)
def test_pages_that_would_take_long_are_known_before_they_are_parsed(page: str, wild: bool) -> None:
    assert too_wild(page) is wild
