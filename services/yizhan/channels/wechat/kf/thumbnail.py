"""The picture beside a link, without which the platform takes none (memory): one plain square, uploaded now and then."""

import struct
import zlib
from datetime import datetime, timedelta

from pydantic import Field

from yizhan.channels.wechat.calls import Answered, Calls, Upload
from yizhan.core.runtime.clock import Clock

PATH = "/cgi-bin/media/upload"
GOOD_FOR = timedelta(days=2, hours=12)
"""The platform keeps an upload for three days."""

_SIDE = 120
_GREEN = b"\x07\xc1\x60"


class _Uploaded(Answered):
    media_id: str = Field(min_length=1)


class Thumbnails:
    """Remembered by account, in this process."""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock
        self._known: dict[str, tuple[str, datetime]] = {}

    async def media_id(self, account: str, token: str) -> str:
        """The platform's id of the picture. Raises a SendError."""
        known = self._known.get(account)
        now = self._clock()
        if known is not None and now < known[1]:
            return known[0]
        file = Upload("link.png", "image/png", square())
        answer = await self._calls.upload(PATH, token, {"type": "image"}, file, _Uploaded)
        self._known[account] = (answer.media_id, now + GOOD_FOR)
        return answer.media_id

    def forget(self, account: str) -> None:
        """The platform does not know it any more."""
        self._known.pop(account, None)


def square() -> bytes:
    """A PNG of one colour."""
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    lines = (b"\0" + _GREEN * _SIDE) * _SIDE
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
