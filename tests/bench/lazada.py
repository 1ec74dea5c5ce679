"""``make bench-lazada``: 200 signed pushes a second at the product, and the same at a bare aiohttp webhook in the same run.

The product runs as services apart on RabbitMQ (publisher confirms) and PostgreSQL, both of which write to disk as in
production. What was acknowledged is counted against what the service says it made durable. Prints a table and writes
``build/bench-lazada.json``; ends with an error where a push was lost, or acknowledged too late for the platform.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench.machine import ROOT, commit, machine
from tests.bench.usage import Usage, sampled
from tests.services.deployment import Deployment, apart, ready
from tests.services.postgres import PostgresServer
from tests.services.process import Process, free_port, private_folder
from tests.services.rabbitmq import RabbitServer
from tests.simulators.ecommerce.courier import Envelope
from tests.simulators.ecommerce.lazada import APP_KEY, SimLazada

ACCOUNT = "bench"
SECRET = "lazada-app-secret-of-the-bench-only"
PLATFORM_MS = 500.0
"""What Lazada waits for an answer."""
WARM_UP_SECONDS = 5.0
COUNTED_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """``per_second`` pushes, sent on time whether earlier ones are answered or not, by so many buyers in turn."""

    per_second: float
    seconds: float
    buyers: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """From the platform's request to the end of our answer. ``late``: after the platform gave up."""

    pushes: int
    taken: int
    late: int
    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float


class Unclean(Exception):
    """Something was lost, refused or acknowledged too late; the text says what."""


def pushes_of(load: Load, platform: SimLazada, seconds: float) -> Sequence[Envelope]:
    """Different messages, signed beforehand so that signing costs no time while it is measured."""
    numbers = range(round(load.per_second * seconds))
    return [
        platform.seal(
            platform.written(f"{10**9 + number % load.buyers}", {"txt": f"请问第 {number} 单什么时候发货？"})
        )()
        for number in numbers
    ]


async def pushed(url: str, pushes: Sequence[Envelope], per_second: float) -> Acknowledged:
    """Send them at their times."""
    took: list[float] = []
    statuses: list[int] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as http:

        async def one(envelope: Envelope) -> None:
            began = time.perf_counter()
            async with http.post(url, data=envelope.body, headers=envelope.headers) as answer:
                await answer.read()
                statuses.append(answer.status)
            took.append((time.perf_counter() - began) * 1000)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number, envelope in enumerate(pushes):
                await asyncio.sleep(began + number / per_second - time.perf_counter())
                group.create_task(one(envelope))
        seconds = time.perf_counter() - began
    cuts = statistics.quantiles(took, n=100)
    taken = sum(status == 200 for status in statuses)
    late = sum(one > PLATFORM_MS for one in took)
    return Acknowledged(
        len(pushes),
        taken,
        late,
        round(len(took) / seconds, 1),
        *(round(value, 2) for value in (cuts[49], cuts[98], max(took))),
    )


async def measured(
    what: str, url: str, pids: Mapping[str, int], load: Load
) -> tuple[Acknowledged, dict[str, Usage], int]:
    """A warm-up, and then the load; with how many pushes were made in all."""
    platform = SimLazada(app_secret=SECRET)
    warm = pushes_of(load, platform, WARM_UP_SECONDS)
    await pushed(url, warm, load.per_second)
    pushes = pushes_of(load, platform, load.seconds)
    found, use = await sampled(pids, pushed(url, pushes, load.per_second))
    print(
        f"{what:<24} {found.per_second:7.1f} pushes/s   p50 {found.p50_ms:7.2f} ms   p99 {found.p99_ms:7.2f} ms"
        f"   max {found.max_ms:7.2f} ms   taken {found.taken}/{found.pushes}   after {PLATFORM_MS:.0f} ms {found.late}"
    )
    print("    " + "   ".join(f"{name} {item.cpu_percent:.0f} % {item.rss_mib:.0f} MiB" for name, item in use.items()))
    return found, use, len(warm) + len(pushes)


async def measure_bare(load: Load) -> Acknowledged:
    async with _bare() as (pid, url):
        found, _, _ = await measured("bare aiohttp webhook", url, {"webhook": pid}, load)
    return found


async def measure_product(load: Load) -> tuple[Acknowledged, dict[str, Usage]]:
    """Raises Unclean."""
    with RabbitServer.private(durable=True) as rabbit, PostgresServer.private(durable=True) as postgres:
        vhost, database = rabbit.new_vhost(), postgres.new_database()
        deployment = await asyncio.to_thread(lambda: apart(vhost, database, YIZHAN_LOG_LEVEL="warning"))
        with deployment:
            await asyncio.to_thread(connect, deployment)
            pids = {name: process.pid for name, process in deployment.processes.items()}
            pids |= {"rabbitmq": rabbit.node.pid, "postgresql": postgres.cluster.pid}
            url = f"{deployment.ecommerce}/ecommerce/lazada/{ACCOUNT}"
            found, use, made = await measured("yizhan, acknowledged", url, pids, load)
            durable = await _durable(deployment, made)
    if durable != made or found.taken != found.pushes:
        raise Unclean(f"{made} pushed, {durable} durable; {found.taken} of {found.pushes} acknowledged")
    if found.p99_ms >= PLATFORM_MS:
        raise Unclean(f"p99 {found.p99_ms} ms: the platform waits {PLATFORM_MS:.0f} ms")
    return found, use


def connect(deployment: Deployment) -> None:
    """Add the shop by the command line."""
    given = {"platform": "lazada", "country": "sg", "app_key": APP_KEY, "app_secret": SECRET}
    settings = [part for name, value in given.items() for part in ("--set", f"{name}={value}")]
    deployment.yizhan("account", "add", "ecommerce", ACCOUNT, *settings)
    time.sleep(4.0)  # the running service reads its accounts every three seconds


async def _durable(deployment: Deployment, wanted: int) -> int:
    """What the service counted, once it has counted all or its time is over."""
    deadline = time.monotonic() + COUNTED_WITHIN
    while (counted := await asyncio.to_thread(_accepted, deployment)) != wanted and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    return counted


def _accepted(deployment: Deployment) -> int:
    with urllib.request.urlopen(f"{deployment.ecommerce}/metrics", timeout=5.0) as answer:
        lines = answer.read().decode().splitlines()
    name = 'yizhan_accepted_messages_total{channel="ecommerce"}'
    return sum(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith(name))


@asynccontextmanager
async def _bare() -> AsyncIterator[tuple[int, str]]:
    """A running bare webhook: its process, and its address."""
    port, folder = free_port(), private_folder("bare-webhook", None)
    script = Path(__file__).with_name("bare_webhook.py")
    process = Process(
        [sys.executable, "-P", str(script), str(port), APP_KEY, SECRET],
        environment={"PYTHONUNBUFFERED": "1"},
        folder=folder,
        log=folder / "bare-webhook.log",
        account=None,
    )
    try:
        await asyncio.to_thread(process.wait_until, partial(ready, f"http://127.0.0.1:{port}"), within=20.0)
        yield process.pid, f"http://127.0.0.1:{port}/push"
    finally:
        await asyncio.to_thread(process.kill)


async def run(load: Load) -> dict[str, Any]:
    bare = await measure_bare(load)
    ours, use = await measure_product(load)
    ratio = {"p50": round(ours.p50_ms / bare.p50_ms, 2), "p99": round(ours.p99_ms / bare.p99_ms, 2)}
    print(f"yizhan / bare webhook    p50 {ratio['p50']:.2f}   p99 {ratio['p99']:.2f}")
    return {
        "machine": machine(),
        "commit": commit(),
        "load": asdict(load),
        "bare": asdict(bare),
        "yizhan": asdict(ours),
        "ratio": ratio,
        "rss_mib": {name: item.rss_mib for name, item in use.items()},
        "cpu_percent": {name: item.cpu_percent for name, item in use.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-second", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--buyers", type=int, default=1000)
    given = parser.parse_args()
    try:
        result = asyncio.run(run(Load(given.per_second, given.seconds, given.buyers)))
    except Unclean as error:
        sys.exit(f"Not clean: {error}")
    target = ROOT / "build" / "bench-lazada.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(f"written to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
