"""Runs a build in a process of its own, and takes what it made. See ``knowledge.building``."""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yizhan
from yizhan.dialogue.knowledge import building
from yizhan.dialogue.knowledge.building import Order
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.report import ReleaseReport, report_from
from yizhan.dialogue.knowledge.stored import packed_documents, packed_entries

BUILD_SECONDS = 1800.0
"""How long a build may take: tens of thousands of entries take minutes."""

PROGRAM = (sys.executable, "-m", "yizhan.dialogue.knowledge.building")

_SOURCE = str(Path(yizhan.__path__[0]).parent)
_PLACE = re.compile(r'^  File "[^"\n]*?([^"/\n]+)", line (\d+)', re.MULTILINE)
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""The customers' answers need the processors too, and a sum is the same wherever it is taken."""


class BuildFailed(Exception):
    """No release came of it; nothing else changed. ``reason`` is ``crashed``, ``killed``, ``timeout`` or ``unreadable``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made. ``entries`` and ``documents`` are the contents as bytes, as they are kept."""

    entries: bytes
    documents: bytes
    index: bytes
    report: ReleaseReport
    report_data: bytes


class Builder:
    """``program`` is what is run with the folder as its last argument."""

    def __init__(self, *, seconds: float = BUILD_SECONDS, program: Sequence[str] = PROGRAM) -> None:
        self._seconds = seconds
        self._program = tuple(program)

    async def build(self, contents: Contents, order: Order, vectors: bytes = b"") -> Built:
        """``vectors``: see ``building.build``. Raises BuildFailed, and OSError when there is no room for the files."""
        with TemporaryDirectory(prefix="yizhan-build-") as name:
            folder = Path(name)
            entries, documents = await asyncio.to_thread(_laid_out, folder, contents, order, vectors)
            await self._run(folder)
            return await asyncio.to_thread(_taken, folder, entries, documents)

    async def _run(self, folder: Path) -> None:
        with (folder / "errors").open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *self._program,
                str(folder),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=errors,
                env=_environment(),
            )
        try:
            async with asyncio.timeout(self._seconds):
                code = await process.wait()
        except TimeoutError as error:
            raise BuildFailed("timeout", f"not done after {self._seconds:.0f} s") from error
        finally:
            await _ended(process)
        if code < 0:
            raise BuildFailed("killed", f"signal {-code}")
        if code > 0:
            raise BuildFailed("crashed", f"exit code {code}: {_last_line(folder / 'errors')}")


def _environment() -> dict[str, str]:
    """This process's, with the same code to be found."""
    paths = [_SOURCE, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Nothing of it is left, also when this task is cancelled."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())
    if process.stdin is not None:
        process.stdin.close()


def _laid_out(folder: Path, contents: Contents, order: Order, vectors: bytes) -> tuple[bytes, bytes]:
    entries, documents = packed_entries(contents.entries), packed_documents(contents.documents)
    (folder / building.ENTRIES).write_bytes(entries)
    (folder / building.DOCUMENTS).write_bytes(documents)
    if vectors:
        (folder / building.VECTORS).write_bytes(vectors)
    (folder / building.ORDER).write_bytes(building.order_bytes(order))
    return entries, documents


def _taken(folder: Path, entries: bytes, documents: bytes) -> Built:
    try:
        index = (folder / building.INDEX).read_bytes()
        data = (folder / building.REPORT).read_bytes()
        return Built(entries, documents, index, report_from(data), data)
    except (OSError, ValueError) as error:
        raise BuildFailed("unreadable", type(error).__name__) from error


def _last_line(errors: Path) -> str:
    """The error that ended it, and where, without its message: that may quote what customers are told."""
    text = errors.read_text("utf-8", "replace").strip()
    name = text.rpartition("\n")[2].partition(":")[0][:100]
    places = _PLACE.findall(text)
    return f"{name} at {places[-1][0]}:{places[-1][1]}" if places else name
