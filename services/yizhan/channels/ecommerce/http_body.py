"""Bodies of answers, read piece by piece and unpacked within a limit: a small answer must not become a large one."""

import zlib
from collections.abc import AsyncIterator

import aiohttp

PIECE = 1 << 16
PLAIN = {"Accept-Encoding": "identity"}
"""Asks for a body as it is; some servers pack it nevertheless."""

_PACKED = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class BodyUnreadable(Exception):
    """It is packed in a way that nobody asked for, or broken."""


async def pieces(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The body, unpacked, in pieces of bounded length. The request was made with ``auto_decompress=False``.

    Raises BodyUnreadable, and aiohttp's errors.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        async for piece in response.content.iter_chunked(PIECE):
            yield piece
        return
    if encoding not in _PACKED:
        raise BodyUnreadable(encoding)
    unpack = zlib.decompressobj(_PACKED[encoding])
    async for packed in response.content.iter_chunked(PIECE):
        rest = packed
        while rest:
            try:
                piece = unpack.decompress(rest, PIECE)
            except zlib.error as error:
                raise BodyUnreadable(encoding) from error
            rest = unpack.unconsumed_tail
            if piece:
                yield piece
    if not unpack.eof:
        raise BodyUnreadable(encoding)
