"""How long a voice message lasts. AMR says it nowhere: its frames are counted (RFC 4867, section 5)."""

_FRAME_SECONDS = 0.02
_NARROW = (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0)
_WIDE = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0)
"""Bytes of a frame after its first, by the frame type in that."""


def amr_seconds(data: bytes) -> float:
    """Seconds of an AMR file of one channel; 0.0 for anything else."""
    for magic, sizes in ((b"#!AMR-WB\n", _WIDE), (b"#!AMR\n", _NARROW)):
        if data.startswith(magic):
            return _frames(data, len(magic), sizes) * _FRAME_SECONDS
    return 0.0


def _frames(data: bytes, at: int, sizes: tuple[int, ...]) -> int:
    count = 0
    while at < len(data):
        at += 1 + sizes[data[at] >> 3 & 15]
        count += 1
    return count
