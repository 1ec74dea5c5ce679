"""Which files are let in, judged by their bytes alone: what the sender says a file is counts for nothing.

An own table and no library: the ones there are either name any archive a Word document or are no longer kept, and what is
needed is the opposite of a guess, a short list of kinds that are certain.
"""

import codecs
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from yizhan.core.store.media_size import image_size

_OFFICE = "application/vnd.openxmlformats-officedocument."

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jfif"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/amr": (".amr",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/mp4": (".m4a", ".mp4"),
    "audio/webm": (".webm", ".weba"),
    "video/mp4": (".mp4", ".m4v"),
    "video/webm": (".webm",),
    "application/pdf": (".pdf",),
    "text/plain": (".txt",),
    "text/csv": (".csv",),
    f"{_OFFICE}wordprocessingml.document": (".docx",),
    f"{_OFFICE}spreadsheetml.sheet": (".xlsx",),
    f"{_OFFICE}presentationml.presentation": (".pptx",),
    "application/zip": (".zip",),
}
"""Every kind that is let in, and what its file may be called; the first is the one that is given."""

MOST_PIXELS = 200_000_000
"""More than any camera makes; a picture with more is made to fill the memory of whoever opens it."""

_HEAD = 4096
_IMAGE_HEAD = 4 << 20  # cameras put previews and colour profiles before the size
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<head", b"<body", b"<iframe", b"<!--")
_MP4_BRANDS = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"avc1",
        b"mp41",
        b"mp42",
        b"dash",
        b"MSNV",
        b"M4V ",
        b"f4v ",
    }
)
_ZIP_REFUSED = ("META-INF/MANIFEST.MF", "AndroidManifest.xml", "classes.dex")
_ZIP_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is. ``width`` and ``height`` are pixels of an image, else 0."""

    mime_type: str
    width: int = 0
    height: int = 0


def recognise(file: BinaryIO, name: str) -> Kind | None:
    """What the file is, or None where it is nothing that is let in. ``name`` only tells a table from other text.

    Reads the file; call it in a thread.
    """
    file.seek(0)
    head = file.read(_HEAD)
    for check in (_image, _sound, _container, _document):
        if mime_type := check(head, file):
            return _measured(mime_type, file) if mime_type.startswith("image/") else Kind(mime_type)
    if _is_text(head, file):
        return Kind("text/csv" if name.lower().endswith(".csv") else "text/plain")
    return None


def _measured(mime_type: str, file: BinaryIO) -> Kind | None:
    file.seek(0)
    size = image_size(mime_type, file.read(_IMAGE_HEAD))
    return Kind(mime_type, *size) if size else None


def _image(head: bytes, _file: BinaryIO) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _sound(head: bytes, _file: BinaryIO) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio/amr"
    if head.startswith(b"OggS\0"):
        return None if b"\x80theora" in head[:512] else "audio/ogg"
    return "audio/mpeg" if head.startswith(b"ID3") or _is_mpeg_sound(head) else None


_BITRATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1, layer III
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5, layer III
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _is_mpeg_sound(head: bytes) -> bool:
    """A bare MP3 stream has no signature: a frame must be followed by another where its header says it ends."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    version, bitrate, rate, padding = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or bitrate in {0, 15} or rate == 3:
        return False
    kilobits = _BITRATES[3 if version == 3 else 2][bitrate]
    length = (144 if version == 3 else 72) * kilobits * 1000 // _RATES[version][rate] + padding
    return len(head) <= length or head[length : length + 2] == head[:2]


def _container(head: bytes, file: BinaryIO) -> str | None:
    if head[:4] == b"\x1a\x45\xdf\xa3" and b"\x42\x82\x84webm" in head[:64]:
        return "audio/webm" if b"A_" in head and b"V_" not in head else "video/webm"
    if head[4:8] != b"ftyp":
        return None
    if head[8:12] in {b"M4A ", b"M4B "}:
        return "audio/mp4"
    if head[8:12] not in _MP4_BRANDS:
        return None
    movie = _movie_box(file)
    return "audio/mp4" if b"soun" in movie and b"vide" not in movie else "video/mp4"


def _movie_box(file: BinaryIO) -> bytes:
    """The ``moov`` box of an MP4 (it may lie behind all the sound and pictures), at most its first megabyte."""
    at, end = 0, file.seek(0, 2)
    for _ in range(1000):
        if at >= end:
            break
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            break
        size, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        if kind == b"moov":
            file.seek(at)
            return file.read(min(size or end, 1 << 20))
        if size < 8:
            break
        at += size
    return b""


def _document(head: bytes, file: BinaryIO) -> str | None:
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    return _archive(file) if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else None


def _archive(file: BinaryIO) -> str | None:
    """An Office document or a plain ZIP; no programs, and no documents with programs in them."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError, OverflowError):
        # All that zipfile raises on bytes made to confuse it; NotImplementedError: a version that it does not know.
        return None
    if len(names) > _ZIP_ENTRIES or any(name in _ZIP_REFUSED or name.endswith("vbaProject.bin") for name in names):
        return None
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", "wordprocessingml.document"), ("xl/", "spreadsheetml.sheet")):
            if any(name.startswith(folder) for name in names):
                return _OFFICE + kind
        if any(name.startswith("ppt/") for name in names):
            return f"{_OFFICE}presentationml.presentation"
    return "application/zip"


_CONTROL = frozenset(chr(code) for code in range(32)) - set("\t\n\r\f") | {"\x7f"}


def _is_text(head: bytes, file: BinaryIO) -> bool:
    """Whether all of it is text in UTF-8 or GB 18030, and not a page that a browser would run."""
    if head.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_MARKUP):
        return False
    decodes: list[Callable[[], codecs.IncrementalDecoder]] = [
        codecs.getincrementaldecoder("utf-8-sig"),
        codecs.getincrementaldecoder("gb18030"),
    ]
    return any(_decodes(file, make()) for make in decodes)


def _decodes(file: BinaryIO, decoder: codecs.IncrementalDecoder) -> bool:
    file.seek(0)
    try:
        while part := file.read(1 << 16):
            if not _CONTROL.isdisjoint(decoder.decode(part)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
