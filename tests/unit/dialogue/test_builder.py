"""A build in a process of its own: it ends in a release or in a named failure, whatever becomes of the process."""

import asyncio
import os
import signal
import sys
from datetime import date
from pathlib import Path
from tempfile import gettempdir

import pytest

from yizhan.dialogue.builder import Builder, BuildFailed
from yizhan.dialogue.knowledge import building
from yizhan.dialogue.knowledge.building import Order
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.stored import unpacked_documents, unpacked_entries

CONTENTS = Contents(
    (Entry("ship", "什么时候发货", ("多久发货",), "48小时内。"), Entry("back", "怎么退货", (), "在订单页。")),
    {"tests": "问题,条目编号\n多久可以发货,ship\n"},
)
ORDER = Order(date(2026, 11, 22), 0.84, 0.08)


@pytest.fixture(autouse=True)
def own_folder_for_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others may be building at the same time."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def left_behind() -> set[Path]:
    return set(Path(gettempdir()).glob("yizhan-build-*"))


async def test_a_build_gives_back_the_contents_an_index_and_a_report_and_leaves_nothing() -> None:
    before = left_behind()
    built = await Builder().build(CONTENTS, ORDER)
    assert unpacked_entries(built.entries) == CONTENTS.entries
    assert unpacked_documents(built.documents) == CONTENTS.documents
    assert [(one.text, one.outcome.value) for one in built.report.results] == [("多久可以发货", "right")]
    assert built.report.entries == 2
    assert built.report.peak_mib > 10
    assert left_behind() <= before


async def test_a_build_elsewhere_is_the_build_here() -> None:
    """What the process makes depends on nothing but the contents and the order."""
    built = await Builder().build(CONTENTS, ORDER)
    index, report = building.build(CONTENTS, ORDER)
    assert built.index == index
    assert (built.report.results, built.report.findings) == (report.results, report.findings)


@pytest.mark.parametrize(
    ("program", "reason", "detail"),
    [
        pytest.param("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed", "signal 9", id="killed"),
        pytest.param(
            "raise MemoryError('customer text')",
            "crashed",
            "exit code 1: MemoryError at <string>:1",
            id="out of memory",
        ),
        pytest.param("import time; time.sleep(600)", "timeout", "not done after 1 s", id="never done"),
        pytest.param("pass", "unreadable", "FileNotFoundError", id="ended without a report"),
        pytest.param(
            "import sys, pathlib; [pathlib.Path(sys.argv[1], name).write_bytes(b'{') for name in ('index', 'report')]",
            "unreadable",
            "ValidationError",
            id="a report that was cut off",
        ),
    ],
)
async def test_a_build_that_dies_says_how_and_leaves_nothing(program: str, reason: str, detail: str) -> None:
    before = left_behind()
    seconds = 1 if reason == "timeout" else 100
    with pytest.raises(BuildFailed) as failed:
        await Builder(seconds=seconds, program=(sys.executable, "-c", program)).build(CONTENTS, ORDER)
    assert (failed.value.reason, failed.value.detail) == (reason, detail)
    assert left_behind() <= before


async def test_a_build_killed_in_the_middle_by_somebody_else_is_named(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    program = f"import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(600)"
    building_it = asyncio.create_task(Builder(program=(sys.executable, "-c", program)).build(CONTENTS, ORDER))
    os.kill(await _pid(mark), signal.SIGKILL)
    with pytest.raises(BuildFailed, match="killed"):
        await building_it


async def test_who_gives_up_a_build_leaves_no_process(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    program = f"import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(600)"
    building_it = asyncio.create_task(Builder(program=(sys.executable, "-c", program)).build(CONTENTS, ORDER))
    pid = await _pid(mark)
    building_it.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building_it
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_build_whose_service_is_gone_ends_by_itself(tmp_path: Path) -> None:
    """The service was killed: nobody closes anything, and nobody will read what would be made."""
    program = """
import pathlib, sys, threading, time
from yizhan.dialogue.knowledge.building import _end_with_input
threading.Thread(target=_end_with_input, args=(pathlib.Path(sys.argv[1]),), daemon=True).start()
print("started", flush=True)
time.sleep(600)
"""
    files = tmp_path / "build"
    files.mkdir()
    source = str(Path(building.__file__).resolve().parents[3])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        str(files),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert await process.stdout.readline() == b"started\n"
    process.stdin.close()
    async with asyncio.timeout(60):
        assert await process.wait() == building.ABANDONED
    assert not files.exists()


async def _pid(mark: Path) -> int:
    async with asyncio.timeout(60):
        while not (mark.exists() and mark.read_text()):
            await asyncio.sleep(0.02)
    return int(mark.read_text())
