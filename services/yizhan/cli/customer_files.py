"""Where an export goes: a new folder, or a new archive that appears under its name only when it is whole."""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from yizhan.cli.asking import FAILED, Refusal
from yizhan.privacy.exporting import Target


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, path: str, data: bytes) -> None:
        file = self._folder / path
        file.parent.mkdir(0o700, parents=True, exist_ok=True)
        with _created(file) as out:
            out.write(data)


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def write(self, path: str, data: bytes) -> None:
        self._archive.writestr(path, data, zipfile.ZIP_DEFLATED)


@contextmanager
def opened(out: Path) -> Iterator[Target]:
    """A folder, or an archive where the name ends in ``.zip``. Only this account may read it. Raises Refusal."""
    if out.exists():
        raise Refusal(f"{out} is there already: name a folder or a file that is not")
    try:
        if out.suffix.lower() == ".zip":
            yield from _archive(out)
        else:
            out.mkdir(0o700, parents=True)
            yield _Folder(out)
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}", exit_code=FAILED) from error


def _archive(out: Path) -> Iterator[Target]:
    unfinished = out.with_name(f".{out.name}.part")
    try:
        with _created(unfinished) as file, zipfile.ZipFile(file, "w") as archive:
            yield _Archive(archive)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """A new file that only this account may read. Raises Refusal."""
    try:
        with _created(path) as out:
            out.write(text.encode())
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}", exit_code=FAILED) from error


def _created(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
