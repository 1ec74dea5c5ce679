"""A stored file's name is plain and says what the file is."""

import pytest

from yizhan.core.store.media_kinds import EXTENSIONS
from yizhan.core.store.media_names import MOST_CHARACTERS, plain_name


@pytest.mark.parametrize(
    ("declared", "mime_type", "name"),
    [
        ("photo.jpg", "image/jpeg", "photo.jpg"),
        ("photo.JPEG", "image/jpeg", "photo.jpeg"),
        ("订单 截图.png", "image/png", "订单 截图.png"),
        ("photo.png", "image/jpeg", "photo.jpg"),
        ("photo", "image/png", "photo.png"),
        ("", "image/png", "image.png"),
        (".png", "image/png", "image.png"),
        ("...", "application/pdf", "application.pdf"),
        ("setup.exe", "text/plain", "setup.txt"),
        ("evil.sh", "text/plain", "evil.txt"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("..\\..\\windows\\a.txt", "text/plain", "a.txt"),
        ("/abs/olute.csv", "text/csv", "olute.csv"),
        ("photo\u202egpj.exe", "image/png", "photogpj.png"),
        ("a\r\nSet-Cookie: x.png", "image/png", "aSet-Cookie x.png"),
        ('a"b<c>d|e?f*g:h.png', "image/png", "abcdefgh.png"),
        ("a\0b.png", "image/png", "ab.png"),
        ("cafe\u0301.png", "image/png", "café.png"),
        ("\ud800.png", "image/png", "image.png"),
        ("archive.tar.zip", "application/zip", "archive.tar.zip"),
        ("trailing. ", "image/png", "trailing.png"),
    ],
)
def test_names(declared: str, mime_type: str, name: str) -> None:
    assert plain_name(declared, mime_type) == name


def test_a_long_name_keeps_its_ending() -> None:
    name = plain_name("长" * 500 + ".png", "image/png")
    assert len(name) == MOST_CHARACTERS
    assert name.endswith("长.png")


@pytest.mark.parametrize("mime_type", EXTENSIONS)
def test_every_kind_has_a_name(mime_type: str) -> None:
    assert plain_name("x", mime_type) == f"x{EXTENSIONS[mime_type][0]}"
