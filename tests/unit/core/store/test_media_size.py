"""Width and height as a screen shows the image."""

import struct

import pytest

from yizhan.core.store.media_size import image_size


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments)


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def frame(width: int, height: int, marker: int = 0xC0) -> bytes:
    return segment(marker, b"\x08" + struct.pack(">HH", height, width) + b"\x03" + bytes(9))


def exif(orientation: int, order: str = ">") -> bytes:
    head = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(f"{order}I", 8)
    entries = struct.pack(f"{order}H", 2) + struct.pack(f"{order}HHII", 0x010F, 2, 4, 0)
    return segment(
        0xE1, b"Exif\0\0" + head + entries + struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)
    )


def lossless(width: int, height: int) -> bytes:
    return b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)


def lossy(width: int, height: int) -> bytes:
    return b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width | 0x4000, height)


def extended(width: int, height: int) -> bytes:
    return (
        b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0"
        + bytes(4)
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )


@pytest.mark.parametrize(
    ("mime_type", "data", "size"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 4000, 3), (4000, 3)),
        ("image/gif", b"GIF89a" + struct.pack("<HH", 500, 7), (500, 7)),
        ("image/webp", lossy(640, 480), (640, 480)),
        ("image/webp", lossless(16_384, 1), (16_384, 1)),
        ("image/webp", extended(70_000, 9), (70_000, 9)),
        ("image/webp", b"RIFF\0\0\0\0WEBPnone" + bytes(20), None),
        ("image/jpeg", jpeg(frame(640, 480)), (640, 480)),
        ("image/jpeg", jpeg(segment(0xE0, b"JFIF\0" + bytes(9)), frame(640, 480, 0xC2)), (640, 480)),
        ("image/jpeg", jpeg(segment(0xC4, bytes(30)), b"\xff\xff\xff", frame(640, 480)), (640, 480)),
        ("image/jpeg", jpeg(exif(1), frame(640, 480)), (640, 480)),
        ("image/jpeg", jpeg(exif(3), frame(640, 480)), (640, 480)),
        ("image/jpeg", jpeg(exif(6), frame(640, 480)), (480, 640)),
        ("image/jpeg", jpeg(exif(8, "<"), frame(640, 480)), (480, 640)),
        ("image/jpeg", jpeg(segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"), frame(640, 480)), (640, 480)),
        ("image/jpeg", jpeg(segment(0xE0, b"JFIF\0")), None),
        ("image/jpeg", b"\xff\xd8\xff\xe0\xff\xff", None),
        ("image/jpeg", jpeg(frame(0, 480)), None),
        ("image/png", b"", None),
        ("image/tiff", bytes(100), None),
    ],
)
def test_sizes(mime_type: str, data: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(mime_type, data) == size
