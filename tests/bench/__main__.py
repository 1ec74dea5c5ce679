"""``make bench``: the relay against a raw echo over the same broker in the same run, hand-offs to agents at
work against their bare steps, and the embedded product.

Prints a table and writes ``build/bench.json``. ``--seconds`` is the length of each measurement.
"""

import argparse
import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tests.bench import echo, handoff, load
from tests.bench.machine import ROOT, commit, machine
from tests.bench.usage import Usage, sampled
from tests.services.deployment import Deployment, apart, embedded
from tests.services.postgres import PostgresServer
from tests.services.rabbitmq import RabbitServer

CONVERSATIONS = 200
IN_TURN = 100
EMBEDDED_PER_SECOND = 50.0
SETTLE_SECONDS = 3.0
"""Between two measurements: receipts and figures of the one are no part of the other."""
NO_LIMITS: dict[str, Any] = {
    "YIZHAN_WEBSITE_SENDS_PER_MINUTE": "60000",
    "YIZHAN_WEBSITE_SESSIONS_PER_MINUTE": "600000",
    "YIZHAN_LOG_LEVEL": "warning",
}


async def measure_relay(rabbit: RabbitServer, postgres: PostgresServer, seconds: float) -> dict[str, Any]:
    """The echo, the relay at saturation, and the relay at half of that rate."""
    raw = await echo.measure(rabbit.new_vhost(), seconds)
    print(f"raw echo                {raw.per_second:8.0f} /s   p50 {raw.p50_ms:6.1f} ms   p99 {raw.p99_ms:6.1f} ms")
    vhost, database = rabbit.new_vhost(), postgres.new_database()
    deployment = await asyncio.to_thread(lambda: apart(vhost, database, **NO_LIMITS))
    try:
        servers = {"rabbitmq": rabbit.node.pid, "postgresql": postgres.cluster.pid}
        async with load.seats(deployment.website, CONVERSATIONS) as taken:
            await load.saturate(taken[:IN_TURN], 3.0)
            full, use = await sampled(_pids(deployment) | servers, load.saturate(taken[:IN_TURN], seconds))
            _show("relay, saturated", full)
            await asyncio.sleep(SETTLE_SECONDS)
            half = await load.at_rate(taken, full.per_second / 2, seconds)
            _show("relay, half of that", half)
            aim = 0.35 * raw.per_second
            await asyncio.sleep(SETTLE_SECONDS)
            at_aim = await load.at_rate(taken, aim / 2, seconds)
            _show("relay, 17.5 % of echo", at_aim)
    finally:
        await asyncio.to_thread(deployment.close)
    _show_usage(use)
    return {
        "relay_per_second": round(full.per_second, 1),
        "echo_per_second": round(raw.per_second, 1),
        "ratio": round(full.per_second / raw.per_second, 3),
        "p50_ms": round(half.p50_ms, 2),
        "p99_ms": round(half.p99_ms, 2),
        "echo": asdict(raw),
        "saturated": asdict(full),
        "half": asdict(half),
        "aim_half": asdict(at_aim),
        "rss_mib": {name: item.rss_mib for name, item in use.items()},
        "cpu_percent": {name: item.cpu_percent for name, item in use.items()},
    }


async def measure_embedded(seconds: float) -> dict[str, Any]:
    """The embedded product at 50 messages a second, and at saturation."""
    deployment = await asyncio.to_thread(lambda: embedded(**NO_LIMITS))
    try:
        async with load.seats(deployment.website, CONVERSATIONS) as taken:
            await load.at_rate(taken, EMBEDDED_PER_SECOND, 3.0)
            steady, use = await sampled(_pids(deployment), load.at_rate(taken, EMBEDDED_PER_SECOND, seconds))
            _show("embedded, 50/s", steady)
            await asyncio.sleep(SETTLE_SECONDS)
            full = await load.saturate(taken[:IN_TURN], seconds)
            _show("embedded, saturated", full)
    finally:
        await asyncio.to_thread(deployment.close)
    _show_usage(use)
    return {
        "steady": asdict(steady),
        "saturated": asdict(full),
        "rss_mib": {name: item.rss_mib for name, item in use.items()},
        "cpu_percent": {name: item.cpu_percent for name, item in use.items()},
    }


async def measure_handoff(rabbit: RabbitServer, postgres: PostgresServer, agents: int, count: int) -> dict[str, Any]:
    """Hand-offs to so many agents who are online, beside the bare steps of one."""
    found = await handoff.measure(rabbit, postgres, agents, count, NO_LIMITS)
    print(
        f"hand-off, {agents:>3} agents   {found.handoffs:6} of p50 {found.p50_ms:6.1f} ms   p99 {found.p99_ms:6.1f} ms"
    )
    print(f"    its bare steps               p50 {found.hops_p50_ms:6.1f} ms   p99 {found.hops_p99_ms:6.1f} ms")
    for name, rss in found.rss_mib.items():
        idle, busy, each = found.idle_percent[name], found.cpu_percent[name], found.cpu_ms[name]
        print(f"    {name:<19} {idle:6.1f} % idle  {busy:6.1f} % CPU  {each:7.1f} ms each  {rss:6.0f} MiB")
    return asdict(found)


def _pids(deployment: Deployment) -> dict[str, int]:
    return {name: process.pid for name, process in deployment.processes.items()}


def _show(what: str, found: load.Load) -> None:
    print(f"{what:<23} {found.per_second:8.0f} /s   p50 {found.p50_ms:6.1f} ms   p99 {found.p99_ms:6.1f} ms")


def _show_usage(use: Mapping[str, Usage]) -> None:
    for name, item in use.items():
        print(f"    {name:<19} {item.cpu_percent:6.0f} % CPU   {item.rss_mib:6.0f} MiB")


async def run(given: argparse.Namespace) -> dict[str, Any]:
    result: dict[str, Any] = {"machine": machine(), "commit": commit(), "seconds": given.seconds}
    only = given.only
    if only in ("all", "relay"):
        with RabbitServer.private(durable=True) as rabbit, PostgresServer.private(durable=True) as postgres:
            result |= await measure_relay(rabbit, postgres, given.seconds)
    if only in ("all", "handoff"):
        result["handoff"] = []
        for agents in given.agents:
            with RabbitServer.private(durable=True) as rabbit, PostgresServer.private(durable=True) as postgres:
                result["handoff"].append(await measure_handoff(rabbit, postgres, agents, given.handoffs))
    if only in ("all", "embedded"):
        result["embedded"] = await measure_embedded(given.seconds)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--only", choices=("all", "relay", "handoff", "embedded"), default="all")
    parser.add_argument(
        "--agents", type=int, nargs="+", default=[50, 500], help="agents online, one run of hand-offs each"
    )
    parser.add_argument("--handoffs", type=int, default=150, help="of each such run")
    given = parser.parse_args()
    result = asyncio.run(run(given))
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    if "ratio" in result:
        print(f"relay / echo = {result['ratio']:.2f}")
    print(f"written to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
