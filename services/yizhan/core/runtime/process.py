"""Running a process: the loop, the signals, the exit code, and the watchdog that ends it when stopping hangs."""

import asyncio
import contextlib
import faulthandler
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from yizhan.core.runtime.errors import StartupError
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.logging import configure
from yizhan.core.runtime.settings import CommonSettings

log = structlog.get_logger(__name__)

Main = Callable[[Lifespan], Awaitable[None]]
"""Starts everything and returns; what it entered and spawned then runs until the process is told to stop."""

WATCHDOG_SECONDS = 10.0
"""Added to the drain budget: after that the process is ended whatever it is doing."""

START_CANCEL_SECONDS = 5.0
"""For a start step that is cancelled because the process must stop before it has started."""

EXIT_STUCK = 70
EXIT_INTERRUPTED = 130


def run_process(settings: CommonSettings, main: Main, *, mendable: tuple[type[Exception], ...] = ()) -> int:
    """Run ``main`` until a signal or a failure; returns the exit code.

    SIGTERM, SIGINT and SIGHUP stop in order; a second Ctrl-C leaves at once. ``mendable`` are further errors (besides
    StartupError) that are told in one line instead of a traceback.
    """
    configure(settings.log_level, settings.log_format)
    watchdog = Watchdog(settings.drain_seconds + WATCHDOG_SECONDS)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_run(settings, main, watchdog, (StartupError, *mendable)))
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    finally:
        watchdog.disarm()


class Watchdog:
    """Ends the process from a thread of its own when it was armed and not disarmed in time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def arm(self) -> None:
        """Start counting; once is enough."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()

    def disarm(self) -> None:
        self._done.set()

    def _watch(self) -> None:
        if self._done.wait(self._seconds):
            return
        # The logger may be what hangs, so this goes straight to standard error.
        os.write(2, f'{{"event": "stop_stuck", "level": "error", "seconds": {self._seconds:g}}}\n'.encode())
        with contextlib.suppress(OSError, ValueError):
            faulthandler.dump_traceback(file=2)
        os._exit(EXIT_STUCK)


async def _run(settings: CommonSettings, main: Main, watchdog: Watchdog, mendable: tuple[type[Exception], ...]) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_loop_error)
    life = Lifespan(drain_seconds=settings.drain_seconds)
    life.when_stopping(watchdog.arm)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, _on_signal, life, number)
    async with life:
        try:
            await _start(life, main)
            await life.stopped()
        except mendable as error:
            _tell(error, settings)
            return getattr(error, "exit_code", 1)
        except Exception:
            # The last place where it can be told; whoever started the process learns the exit code.
            log.exception("process_failed")
            return 1
    return 0


async def _start(life: Lifespan, main: Main) -> None:
    """Run the start steps; a signal or a task's death in between cancels them."""
    starting = asyncio.ensure_future(main(life))
    told = asyncio.ensure_future(life.stopped())
    try:
        await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            _leave_start_alone()
            log.info("started")
    finally:
        told.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting}, timeout=START_CANCEL_SECONDS)
            if starting.done() and not starting.cancelled() and starting.exception() is not None:
                log.warning("start_failed_while_stopping", exc_info=starting.exception())


def _leave_start_alone() -> None:
    """What the start has made stays as long as the process: the garbage collector need not look through it again.

    Modules, schemas and the knowledge are some hundred thousand objects; going through them stops everything for
    0.1 to 0.2 s, each time in the middle of somebody's message.
    """
    gc.collect()
    gc.freeze()


def _on_signal(life: Lifespan, number: signal.Signals) -> None:
    if life.stopping and number is signal.SIGINT:
        os.write(2, b"interrupted again: leaving at once\n")
        os._exit(EXIT_INTERRUPTED)
    life.request_stop(number.name)


def _tell(error: Exception, settings: CommonSettings) -> None:
    """One line for the operator: plain for people, an event for machines."""
    if settings.log_format == "console":
        sys.stderr.write(f"yizhan: {error}\n")
    else:
        log.error("start_refused", reason=str(error))


def _log_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio would print: an exception that nobody awaited."""
    log.error("loop_error", what=str(context.get("message", "")), exc_info=context.get("exception"))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
