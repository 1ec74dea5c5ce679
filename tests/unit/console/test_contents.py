"""What agents may send, from what their screens ask for."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from yizhan.console.contents import MOST_ATTACHED_BYTES, ContentIn, MediaIn, TextIn, content_of
from yizhan.core.messages.content import Content, File, Mail, Media, Text
from yizhan.core.runtime.http import Problem
from yizhan.core.store.media import MediaStore

READ: TypeAdapter[TextIn | MediaIn] = TypeAdapter(ContentIn)
NOWHERE = {"id": "f" * 64, "name": "x"}


@pytest.fixture
def media(home: Path) -> MediaStore:
    return MediaStore(home=home)


async def kept(media: MediaStore, data: bytes, name: str) -> Media:
    return await media.put(data, name)


async def test_a_mail_has_a_subject_and_its_files_in_order(media: MediaStore) -> None:
    first, second = await kept(media, b"one", "a.txt"), await kept(media, b"two", "b.txt")
    given = {
        "type": "text",
        "text": "您好",
        "mail": {
            "subject": " Re:\r\nBcc: x ",
            "attachments": [{"id": second.media_id, "name": "二.txt"}, {"id": first.media_id}],
        },
    }
    content = await content_of(READ.validate_python(given), media)
    assert isinstance(content, Text)
    assert content.mail is not None
    assert content.mail.subject == "Re: Bcc: x", "a line and no more"
    assert [(one.name, one.size_bytes) for one in content.mail.attachments] == [("二.txt", 3), ("a.txt", 3)]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"type": "text", "text": "长" * 4001}, "too_long"),
        ({"type": "text", "text": "  ", "mail": {}}, "text_empty"),
        ({"type": "text", "text": "x", "mail": {"attachments": [NOWHERE]}}, "media_unknown"),
        ({"type": "file", "media": NOWHERE}, "media_unknown"),
    ],
)
async def test_what_cannot_be_sent(media: MediaStore, given: dict[str, Any], problem: str) -> None:
    with pytest.raises(Problem) as refused:
        await content_of(READ.validate_python(given), media)
    assert (refused.value.status, refused.value.code) == (422, problem)


async def test_files_of_a_mail_are_weighed_together(media: MediaStore) -> None:
    half = [await kept(media, bytes([65 + n]) * (MOST_ATTACHED_BYTES // 2 + 1), f"{n}.txt") for n in range(2)]

    async def sent(*files: Media) -> Content:
        mail = {"attachments": [{"id": one.media_id} for one in files]}
        return await content_of(READ.validate_python({"type": "text", "text": "x", "mail": mail}), media)

    assert isinstance(await sent(half[0]), Text)
    with pytest.raises(Problem) as refused:
        await sent(*half)
    assert refused.value.code == "attachments_too_large"


@pytest.mark.parametrize(
    ("given", "content"),
    [
        ({"type": "text", "text": "长" * 4000}, Text("长" * 4000)),
        ({"type": "text", "text": "长" * 20_000, "mail": {}}, Text("长" * 20_000, mail=Mail())),
    ],
    ids=["talk", "a mail"],
)
async def test_words_that_are_as_long_as_they_may_be(media: MediaStore, given: Any, content: Content) -> None:
    assert await content_of(READ.validate_python(given), media) == content


@pytest.mark.parametrize(
    "given",
    [
        {"type": "text", "text": "长" * 20_001, "mail": {}},
        {"type": "text", "text": "x", "mail": {"subject": "s" * 301}},
        {"type": "text", "text": "x", "mail": {"attachments": [NOWHERE] * 21}},
        {"type": "text", "text": "x", "mail": {"to": "everybody@x.example"}},
        {"type": "text", "text": "x", "mail": {"html": "<script>"}},
    ],
    ids=["too long", "a long subject", "too many files", "somebody else", "a page"],
)
def test_what_nobody_may_ask_for(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(given)


async def test_a_file_alone(media: MediaStore) -> None:
    stored = await kept(media, b"hello", "a.txt")
    given = {"type": "file", "media": {"id": stored.media_id}}
    assert await content_of(READ.validate_python(given), media) == File(stored)
