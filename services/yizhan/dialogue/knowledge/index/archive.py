"""Arrays by name as bytes under a checksum, and back: what is damaged is refused, and nothing in it is ever run."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tokenize import TokenError
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Kind = TypeVar("Kind", bound=np.generic)

_DIGEST = 32
"""Bytes of SHA-256 before the archive: what is damaged is refused before anything reads it."""

_NO_ARCHIVE = (
    ValueError,
    TypeError,
    OSError,
    EOFError,
    KeyError,
    RuntimeError,
    MemoryError,
    zlib.error,
    struct.error,
    TokenError,
    zipfile.BadZipFile,
)
"""What reading raises where the checksum is right and yet it is no archive of arrays."""


class Unreadable(Exception):
    """The bytes are no index over these entries."""


class Parts:
    """The arrays of an archive; each is read from it when it is asked for. Everything raises Unreadable."""

    def __init__(self, file: Mapping[str, object]) -> None:
        self._file = file

    def line(self, name: str, kind: type[Kind]) -> NDArray[Kind]:
        """Numbers of this kind, one after the other; every fraction is a number that ends."""
        return self._checked(name, kind, 1)

    def table(self, name: str, kind: type[Kind]) -> NDArray[Kind]:
        """The same in rows and columns."""
        return self._checked(name, kind, 2)

    def _checked(self, name: str, kind: type[Kind], dimensions: int) -> NDArray[Kind]:
        try:
            part = self._file[name]
        except _NO_ARCHIVE as error:
            raise Unreadable(f"{name}: {type(error).__name__}") from error
        # What stands in an archive without a header of its own comes as bytes.
        if not isinstance(part, np.ndarray) or part.dtype != kind or part.ndim != dimensions:
            raise Unreadable(f"{name} is something else")
        if part.dtype.kind == "f" and not np.isfinite(part).all():
            raise Unreadable(f"{name} has no end")
        return part


def sealed(arrays: Mapping[str, Array]) -> bytes:
    """The same bytes for the same arrays in the same order."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    archive = file.getvalue()
    return hashlib.sha256(archive).digest() + archive


@contextmanager
def unsealed(data: bytes) -> Iterator[Parts]:
    """What ``sealed`` was given. Raises Unreadable."""
    if hashlib.sha256(memoryview(data)[_DIGEST:]).digest() != data[:_DIGEST]:
        raise Unreadable("damaged")
    file = io.BytesIO(data)  # shares the bytes, of which there may be a hundred megabytes
    file.seek(_DIGEST)
    try:
        archive = np.load(file, allow_pickle=False)
    except _NO_ARCHIVE as error:
        raise Unreadable(type(error).__name__) from error
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise Unreadable("an array alone")
    with archive:
        yield Parts(archive)
