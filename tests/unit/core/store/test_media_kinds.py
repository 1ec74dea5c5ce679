"""Which files are let in. What the sender calls a file counts for nothing, except that a text called .csv is a table."""

import io
import struct
import zipfile

import pytest

from yizhan.core.store.media_kinds import EXTENSIONS, Kind, recognise

OFFICE = "application/vnd.openxmlformats-officedocument."


def archive(*names: str, first: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "x" * 50)
    return first + file.getvalue()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def mp4(brand: bytes, *handlers: bytes, late: bool = False) -> bytes:
    movie = box(b"moov", b"".join(box(b"hdlr", bytes(8) + handler + bytes(12)) for handler in handlers))
    media = box(b"mdat", bytes(9000) + b"vide")
    return box(b"ftyp", brand + bytes(4) + b"isom") + (media + movie if late else movie + media)


def webm(doctype: bytes, codecs: bytes) -> bytes:
    head = b"\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82" + bytes([0x80 | len(doctype)]) + doctype + b"\x42\x87\x81\x04"
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(head)]) + head + bytes(20) + codecs + bytes(50)


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x0b\x08\0\x03\0\x02\x01\x01\x11\0" + bytes(9)
FRAME = b"\xff\xfb\x90\x64" + bytes(413)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes

LET_IN = {
    "png": (PNG, Kind("image/png", 2, 3)),
    "jpeg": (JPEG, Kind("image/jpeg", 2, 3)),
    "gif": (b"GIF89a\x02\0\x03\0" + bytes(20), Kind("image/gif", 2, 3)),
    "webp": (b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x01\0\0\x02\0\0" + bytes(9), Kind("image/webp", 2, 3)),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(30), Kind("audio/wav")),
    "mp3 with a tag": (b"ID3\x04\0\0\0\0\0\0" + FRAME, Kind("audio/mpeg")),
    "mp3 without": (FRAME * 2, Kind("audio/mpeg")),
    "mp3, one frame": (FRAME, Kind("audio/mpeg")),
    "mp3 of a small recorder": ((b"\xff\xf3\x44\xc4" + bytes(92)) * 2, Kind("audio/mpeg")),
    "amr": (b"#!AMR\n\x3c" + bytes(31), Kind("audio/amr")),
    "amr wide band": (b"#!AMR-WB\n" + bytes(31), Kind("audio/amr")),
    "ogg": (b"OggS\0\x02" + bytes(22) + b"\x01\x13OpusHead" + bytes(30), Kind("audio/ogg")),
    "m4a": (mp4(b"M4A ", b"soun"), Kind("audio/mp4")),
    "a voice recorded by Safari": (mp4(b"iso5", b"soun"), Kind("audio/mp4")),
    "a voice recorded by Chrome": (webm(b"webm", b"A_OPUS"), Kind("audio/webm")),
    "mp4": (mp4(b"isom", b"vide", b"soun"), Kind("video/mp4")),
    "mp4 with its index at the end": (mp4(b"mp42", b"soun", b"vide", late=True), Kind("video/mp4")),
    "a voice with its index at the end": (mp4(b"mp42", b"soun", late=True), Kind("audio/mp4")),
    "webm": (webm(b"webm", b"V_VP9 A_OPUS"), Kind("video/webm")),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", Kind("application/pdf")),
    "docx": (archive("[Content_Types].xml", "word/document.xml"), Kind(f"{OFFICE}wordprocessingml.document")),
    "xlsx": (archive("xl/workbook.xml", "[Content_Types].xml"), Kind(f"{OFFICE}spreadsheetml.sheet")),
    "pptx": (archive("[Content_Types].xml", "ppt/presentation.xml"), Kind(f"{OFFICE}presentationml.presentation")),
    "zip": (archive("a.txt", "照片/b.jpg"), Kind("application/zip")),
    "an empty zip": (archive(), Kind("application/zip")),
    "text": ("你好，世界\n第二行\t制表".encode(), Kind("text/plain")),
    "text with a mark at its beginning": ("\ufeff你好".encode(), Kind("text/plain")),
    "text in GB 18030": ("你好，世界，这是一段文字".encode("gb18030"), Kind("text/plain")),
    "text whose characters lie across the pieces": (("中" * 100_000).encode(), Kind("text/plain")),
    "text about markup": (b"Write <svg> or <html> in a message", Kind("text/plain")),
}

KEPT_OUT = {
    "a page": b"<!DOCTYPE html><html><script>alert(1)</script>",
    "a page after spaces": b"\xef\xbb\xbf \n\t<HTML><body>",
    "a page without a head": b"<body onload=alert(1)>",
    "a script": b"<script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "svg with its declaration": b"<?xml version='1.0'?><svg/>",
    "svg after a comment": b"<!-- x --><svg/>",
    "a Windows program": b"MZ\x90\0" + bytes(60),
    "a Linux program": b"\x7fELF\x02\x01\x01" + bytes(40),
    "a Java program": archive("META-INF/MANIFEST.MF", "A.class"),
    "an Android program": archive("AndroidManifest.xml", "classes.dex"),
    "a Word document with macros": archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "a zip that unpacks itself": archive("a.txt", first=b"MZ\x90\0"),
    "a broken zip": archive("a.txt")[:40],
    "avi": b"RIFF\x24\0\0\0AVI LIST" + bytes(30),
    "quicktime": mp4(b"qt  ", b"vide"),
    "heic": mp4(b"heic", b"pict"),
    "mkv": webm(b"matroska", b"V_MPEG4"),
    "an Ogg film": b"OggS\0\x02" + bytes(22) + b"\x80theora" + bytes(30),
    "a PNG without a size": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "a JPEG that ends in its head": JPEG[:20],
    "a GIF of no width": b"GIF89a\0\0\x03\0" + bytes(20),
    "something with a frame's first bytes": b"\xff\xfb\x90\x64" + bytes(900),
    "an AAC stream": b"\xff\xf1\x50\x80" + bytes(900),
    "text with a NUL": b"hello\0world",
    "bytes": bytes(range(256)),
    "text cut in a character": "你好".encode()[:-1] + b"\xff",
    "text in UTF-16": "hello".encode("utf-16"),
}


@pytest.mark.parametrize("name", LET_IN)
def test_let_in(name: str) -> None:
    data, kind = LET_IN[name]
    for called in ("a.exe", "", "picture.png", "a.html"):
        assert recognise(io.BytesIO(data), called) == kind


@pytest.mark.parametrize("name", KEPT_OUT)
def test_kept_out(name: str) -> None:
    for called in ("a.txt", "a.csv", "a.png", "a.jpg", "a.mp3", "a.zip"):
        assert recognise(io.BytesIO(KEPT_OUT[name]), called) is None


def test_a_text_called_csv_is_a_table() -> None:
    assert recognise(io.BytesIO(b"a,b\n1,2\n"), "List.CSV") == Kind("text/csv")
    assert recognise(io.BytesIO(PNG), "list.csv") == Kind("image/png", 2, 3)


def test_every_kind_has_a_case_and_a_name() -> None:
    assert {kind.mime_type for _, kind in LET_IN.values()} | {"text/csv"} == set(EXTENSIONS)


@pytest.mark.parametrize("name", LET_IN)
def test_a_file_cut_at_any_place_is_an_answer_not_an_error(name: str) -> None:
    data, _ = LET_IN[name]
    for length in range(0, min(len(data), 400), 7):
        recognise(io.BytesIO(data[:length]), "a")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(box(b"ftyp", b"isom" + bytes(8)) + b"\0\0\0\x01mdat" + b"\xff" * 8, id="a box larger than all"),
        pytest.param(box(b"ftyp", b"isom" + bytes(8)) + bytes(8) * 5000, id="boxes of no size"),
        pytest.param(box(b"ftyp", b"isom" + bytes(8)) + box(b"free", b"") * 5000, id="thousands of boxes"),
    ],
)
def test_boxes_that_lie_about_their_size_end(data: bytes) -> None:
    assert recognise(io.BytesIO(data), "a") == Kind("video/mp4")
