"""What a mail is in a conversation."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.simulators.mail_corpus import corpus
from tests.unit.channels.email.test_corpus import RECEIVED
from yizhan.channels.email.becoming import MOST_FULL_TEXT_BYTES, MOST_HTML_BYTES, Kept, contents, contents_of
from yizhan.channels.email.letter import Attachment, Automatic, Letter, Mailbox
from yizhan.channels.email.reading import read_letter
from yizhan.core.messages import codec
from yizhan.core.messages.content import File, Image, Mail, Media, Text, Voice, plain_text
from yizhan.core.messages.json_form import content_json
from yizhan.core.store.media import MediaStore

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
LETTER = Letter("<a@x>", Mailbox("anna@x.example", "Anna"), "About my order", "Where is it?", "Where is it?")


def _mail(letter: Letter, *files: Kept) -> tuple[str, Mail]:
    first = contents(letter, files)[0]
    assert isinstance(first, Text)
    assert first.mail is not None
    return first.text, first.mail


@pytest.mark.parametrize(
    ("letter", "words", "holds"),
    [
        (LETTER, "Where is it?", lambda mail: mail.full_text == "" and mail.html == "" and not mail.clipped),
        (LETTER, "Where is it?", lambda mail: mail.sender == "Anna <anna@x.example>" and mail.subject == "About my order"),
        (replace(LETTER, text="", full_text=""), "About my order", lambda mail: mail.full_text == ""),
        (replace(LETTER, text="", full_text="", subject=""), "（无正文 / no text）", lambda mail: not mail.clipped),
        (replace(LETTER, text="", full_text="> old"), "> old", lambda mail: mail.full_text == ""),
        (replace(LETTER, full_text="Where is it?\n> old"), "Where is it?", lambda mail: mail.full_text.endswith("> old")),
        (replace(LETTER, automatic=Automatic.LIST), "Where is it?", lambda mail: mail.automatic == "list"),
        (replace(LETTER, suppresses_replies=True), "Where is it?", lambda mail: mail.no_automatic_answer),
        (replace(LETTER, clipped=("parts",)), "Where is it?", lambda mail: mail.clipped),
        (replace(LETTER, cc=(Mailbox("b@x.example"),)), "Where is it?", lambda mail: mail.cc == ("b@x.example",)),
        (replace(LETTER, html="<b>a</b><script>x</script>"), "Where is it?", lambda mail: mail.html == "<b>a</b>"),
        (replace(LETTER, html='<img src="https://x.example/a.png">'), "Where is it?", lambda mail: mail.remote_images == 1),
        (replace(LETTER, html="<p>长</p>" * 9000), "Where is it?", lambda mail: mail.html == "" and mail.clipped),
        (replace(LETTER, full_text="长" * 90_000), "Where is it?", lambda mail: len(mail.full_text) < 90_000 and mail.clipped),
    ],
)  # fmt: skip
def test_the_words_carry_what_the_mail_is(letter: Letter, words: str, holds: Callable[[Mail], bool]) -> None:
    said, mail = _mail(letter)
    assert said == words
    assert holds(mail)


def test_pictures_of_a_page_are_the_stored_ones() -> None:
    media = Media("ab" * 32, "image/png", "cup.png")
    letter = replace(LETTER, html='<p><img src="cid:cup@x"></p>')
    _, mail = _mail(letter, Kept(Attachment("cup.png", "image/png", PNG, "cup@x", inline=True), media))
    assert mail.html == f'<p><img src="x-media:{media.media_id}"></p>'
    shown = content_json(Text("x", mail=mail), lambda media: f"/media/{media.media_id[:2]}")
    assert shown["mail"]["html"] == '<p><img src="/media/ab"></p>'


async def test_files_follow_in_their_order_also_those_that_are_not_let_in(tmp_path: Path) -> None:
    store = MediaStore(home=tmp_path)
    files = (
        Attachment("cup.png", "image/png", PNG),
        Attachment("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22data"),
        Attachment("notes.txt", "text/plain", b"some notes"),
    )
    words, picture, refused, notes = await contents_of(store, replace(LETTER, attachments=files))
    assert isinstance(words, Text)
    assert words.mail is not None
    assert isinstance(picture, Image)
    assert isinstance(refused, Text)
    assert refused.mail is None
    assert "winmail.dat" in refused.text
    assert isinstance(notes, File)


def test_a_recording_is_a_recording() -> None:
    voice = Kept(Attachment("a.mp3", "audio/mpeg", b""), Media("ab" * 32, "audio/mpeg", "a.mp3"))
    assert isinstance(contents(LETTER, [voice])[1], Voice)


def test_every_mail_of_the_corpus_travels_and_stays_within_its_limits() -> None:
    for mail in corpus():
        first = contents(read_letter(mail.raw, RECEIVED), ())[0]
        assert isinstance(first, Text)
        assert first.text
        assert first.mail is not None
        assert len(first.mail.html.encode()) <= MOST_HTML_BYTES
        assert len(first.mail.full_text.encode()) <= MOST_FULL_TEXT_BYTES
        assert codec.content_from_proto(codec.content_to_proto(first)) == first
        assert plain_text(first) == first.text
