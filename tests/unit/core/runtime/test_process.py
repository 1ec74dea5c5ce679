"""How a process ends: by signals, by failures, and when nothing helps any more. Real processes, real signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HEAD = """
import asyncio, sys, time
from contextlib import asynccontextmanager
from yizhan.core.runtime import process
from yizhan.core.runtime.errors import PortTaken
from yizhan.core.runtime.process import run_process
from yizhan.core.runtime.settings import MetricsSettings

@asynccontextmanager
async def thing(name, closing=0.0):
    print("open", name, flush=True)
    yield
    await asyncio.sleep(closing)
    print("close", name, flush=True)

async def main(life):
    BODY
    print("ready", flush=True)

settings = MetricsSettings(drain_seconds=2, log_format=FORMAT)
sys.exit(run_process(settings, main))
"""


class Process:
    def __init__(self, folder: Path, body: str, format: str = "json", before: str = "") -> None:
        script = folder / "main.py"
        text = HEAD.replace("BODY", body.replace("\n", "\n    ")).replace("FORMAT", repr(format))
        script.write_text(before + text)
        self.popen = subprocess.Popen(
            [sys.executable, str(script)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, line: str) -> None:
        assert self.popen.stdout is not None
        for got in self.popen.stdout:
            if got.strip() == line:
                return
        raise AssertionError(f"ended before {line!r}: {self.popen.communicate(timeout=10)}")

    def end(self) -> tuple[int, str, str]:
        out, err = self.popen.communicate(timeout=30)
        return self.popen.returncode, out, err


Run = Callable[..., Process]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started: list[Process] = []

    def start(body: str, format: str = "json", before: str = "") -> Process:
        started.append(Process(tmp_path, body, format, before))
        return started[-1]

    yield start
    for process in started:
        process.popen.kill()
        process.popen.communicate(timeout=10)


def test_what_the_start_made_is_no_work_for_the_garbage_collector(run: Run) -> None:
    """A full collection over everything that was ever imported would stop all conversations for a moment."""
    process = run(
        """
import gc
async def tell():
    while not gc.get_freeze_count():
        await asyncio.sleep(0.01)
    print("left alone", gc.get_freeze_count() > 10_000, len(gc.get_objects()) < gc.get_freeze_count(), flush=True)
life.spawn("tell", tell())
"""
    )
    process.wait_for("left alone True True")
    process.popen.send_signal(signal.SIGTERM)
    assert process.end()[0] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_in_order(run: Run, number: signal.Signals) -> None:
    process = run("await life.enter(thing('db'))\nawait life.enter(thing('bus'))")
    process.wait_for("ready")
    process.popen.send_signal(number)
    code, out, err = process.end()
    assert (code, out.split("\n")) == (0, ["close bus", "close db", ""])
    assert number.name in err


def test_a_second_interrupt_leaves_at_once(run: Run) -> None:
    process = run("await life.enter(thing('bus', closing=1.5))")
    process.wait_for("ready")
    process.popen.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.popen.send_signal(signal.SIGINT)
    code, out, err = process.end()
    assert code == 130
    assert "close" not in out
    assert "interrupted again" in err


def test_a_second_term_does_not_cut_the_drain_short(run: Run) -> None:
    process = run("await life.enter(thing('bus', closing=0.7))")
    process.wait_for("ready")
    process.popen.terminate()
    time.sleep(0.2)
    process.popen.terminate()
    assert process.end()[:2] == (0, "close bus\n")


def test_a_signal_while_starting_gives_up_the_start_and_closes_what_is_open(run: Run) -> None:
    process = run("await life.enter(thing('db'))\nprint('starting', flush=True)\nawait asyncio.sleep(60)")
    process.wait_for("starting")
    process.popen.terminate()
    assert process.end()[:2] == (0, "close db\n")


def test_a_taken_port_is_one_plain_line(run: Run) -> None:
    process = run("await life.enter(thing('db'))\nraise PortTaken('127.0.0.1', 8080)", "console")
    code, out, err = process.end()
    assert code == 1
    assert "close db" in out
    lines = [line for line in err.splitlines() if "stopping" not in line]
    assert lines == [
        "yizhan: cannot listen on 127.0.0.1:8080: the port is taken; stop the other program or choose another port"
    ]


def test_a_mistake_while_starting_ends_with_a_traceback_without_values(run: Run) -> None:
    code, out, err = run("secret = 'local variable'\nawait life.enter(thing('db'))\nraise RuntimeError('no')").end()
    assert code == 1
    assert "close db" in out
    assert "process_failed" in err
    assert "local variable" not in err


def test_a_dead_task_ends_the_process_with_an_error(run: Run) -> None:
    body = "async def dies():\n    raise OSError('lost')\nlife.spawn('consumer', dies())\nawait life.enter(thing('db'))"
    code, out, err = run(body).end()
    assert code == 1
    assert "close db" in out
    assert "TaskDied" in err
    assert "lost" in err


def test_a_process_that_hangs_while_stopping_is_ended_by_the_watchdog(run: Run) -> None:
    process = run(
        "async def hang():\n    time.sleep(60)\nlife.on_stop('hang', hang)",
        before="import yizhan.core.runtime.process as p\np.WATCHDOG_SECONDS = -1.5\n",
    )
    process.wait_for("ready")
    process.popen.terminate()
    code, _, err = process.end()
    assert code == 70
    assert "stop_stuck" in err
    assert "in hang" in err


def test_an_exception_that_nobody_awaited_is_told(run: Run) -> None:
    body = """
async def dies():
    raise OSError("lost")
import gc
task = asyncio.create_task(dies())
await asyncio.sleep(0.01)
del task
gc.collect()
life.request_stop("done")
"""
    code, _, err = run(body).end()
    assert code == 0
    assert "loop_error" in err


def test_uvloop_is_used(run: Run) -> None:
    process = run("print(type(asyncio.get_running_loop()).__module__, flush=True)\nlife.request_stop('done')")
    assert process.end()[1].splitlines()[0] == "uvloop"
