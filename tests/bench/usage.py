"""CPU and memory of processes and their children while something runs, from ``/proc``."""

import asyncio
import os
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.services.process import descendants

T = TypeVar("T")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """``cpu_percent`` of one core over the time measured; ``rss_mib`` at its end."""

    cpu_percent: float
    rss_mib: float


async def sampled(pids: Mapping[str, int], work: Awaitable[T]) -> tuple[T, dict[str, Usage]]:
    """Run ``work`` and say what these processes (with everything they started) and this one used meanwhile."""
    watched = {**pids, "(load generator)": os.getpid()}
    own = {"(load generator)"}
    before = {name: _ticks(pid, tree=name not in own) for name, pid in watched.items()}
    began = time.perf_counter()
    result = await work
    took = time.perf_counter() - began
    await asyncio.sleep(0)
    return result, {
        name: Usage(
            round((_ticks(pid, tree=name not in own) - before[name]) / TICKS / took * 100, 1),
            round(_resident(pid, tree=name not in own) / 2**20, 1),
        )
        for name, pid in watched.items()
    }


def _tree(pid: int, tree: bool) -> list[int]:
    return [pid, *(descendants(pid) if tree else [])]


def _ticks(pid: int, *, tree: bool) -> int:
    total = 0
    for one in _tree(pid, tree):
        try:
            fields = Path("/proc", str(one), "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # Those of children that have ended meanwhile, too: a database server has one for each connection.
        total += sum(int(fields[place]) for place in (11, 12, 13, 14))
    return total


def _resident(pid: int, *, tree: bool) -> int:
    total = 0
    for one in _tree(pid, tree):
        try:
            total += int(Path("/proc", str(one), "statm").read_text().split()[1]) * PAGE
        except OSError:
            continue
    return total
