"""``make bench-wechat``: a thousand followers of a 公众号 against the product, and the same load against a WeRoBot echo.

Prints a table and writes ``build/bench-wechat.json``. Every message is compared afterwards: pushed, stored, answered, shown.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench import wechat_books
from tests.bench.machine import ROOT, commit, machine
from tests.bench.usage import Usage, sampled
from tests.bench.wechat_followers import Load, Traffic
from tests.bench.wechat_platform import Credentials, Platform, platform_apart
from tests.services.deployment import SECRET, Deployment, apart, embedded
from tests.services.postgres import PostgresServer
from tests.services.process import Process, free_port, private_folder
from tests.services.rabbitmq import RabbitServer
from tests.simulators.wechat.passive import Mode
from yizhan.core.security.keys import Keyring

WEROBOT = ROOT / "build" / "werobot" / "bin" / "python"
WARM_UP_MESSAGES = 1000
STEADY_SECONDS = 20.0
SETTLE_SECONDS = 3.0
"""Between two measurements: receipts and figures of the one are no part of the other."""

Found = dict[str, Any]


class Unclean(Exception):
    """Something was lost, repeated, reordered or left unanswered; the text says what."""


async def measure_werobot(platform: Platform, load: Load, followers: int, per_second: float) -> Found:
    """The echo at saturation, and at ``per_second``."""
    account = _credentials("werobot", "plain")
    await platform.open(account, followers)
    async with _werobot(account.token) as (pid, webhook):
        await platform.verify(account.name, webhook)
        return await _measured("WeRoBot echo, plain", platform, account, {"werobot": pid}, load, per_second)


async def measure_apart(platform: Platform, load: Load, followers: int, modes: Sequence[Mode]) -> Found:
    """Every service in a process of its own."""
    with RabbitServer.private(durable=True) as rabbit, PostgresServer.private(durable=True) as postgres:
        vhost, database = rabbit.new_vhost(), postgres.new_database()
        deployment = await asyncio.to_thread(lambda: apart(vhost, database, **_settings(platform)))
        servers = {"rabbitmq": rabbit.node.pid, "postgresql": postgres.cluster.pid}
        with deployment:
            address = deployment.environment["YIZHAN_DIALOGUE_ADDRESS"]
            return await _measure_product("apart", platform, deployment, servers, load, followers, modes, address)


async def measure_embedded(platform: Platform, load: Load, followers: int, modes: Sequence[Mode]) -> Found:
    """Everything in one process."""
    port = free_port()
    settings = _settings(platform) | {"YIZHAN_SECRET": SECRET, "YIZHAN_GRPC_PORT": str(port)}
    deployment = await asyncio.to_thread(lambda: embedded(None, **settings))
    with deployment:
        address = f"127.0.0.1:{port}"
        return await _measure_product("embedded", platform, deployment, {}, load, followers, modes, address)


async def _measure_product(
    kind: str,
    platform: Platform,
    deployment: Deployment,
    servers: Mapping[str, int],
    load: Load,
    followers: int,
    modes: Sequence[Mode],
    grpc_address: str,
) -> Found:
    pids = {name: process.pid for name, process in deployment.processes.items()} | dict(servers)
    token = Keyring.parse(SECRET).internal_tokens[0]
    metrics = deployment.address("metrics" if "metrics" in deployment.ports else "yizhan")
    found: Found = {}
    answered = 0
    for mode in modes:
        account = _credentials(f"{kind}-{mode}", mode)
        await platform.open(account, followers)
        await asyncio.to_thread(connect, deployment, account)
        await platform.verify(account.name, f"{deployment.wechat}/wechat/{account.name}")
        measured = await _measured(f"{kind}, {mode}", platform, account, pids, load)
        phones = await platform.phones(account.name)
        verdict = await wechat_books.judge(phones, account.name, grpc_address, token)
        answered += verdict.written
        balance = await wechat_books.balanced(metrics, answered)
        print(f"    {verdict}\n    {balance}")
        found[mode] = measured | {"verdict": asdict(verdict), "balance": asdict(balance)}
        books = await platform.books()
        if not verdict.clean or not balance.even(answered) or books.violations or books.notices:
            raise Unclean(f"{verdict}\n{balance}\nnotices={books.notices} violations={books.violations[:5]}")
    return found


async def _measured(
    what: str, platform: Platform, account: Credentials, pids: Mapping[str, int], load: Load, per_second: float = 0.0
) -> Found:
    """A warm-up, saturation with what processes used, and half of that rate (or ``per_second``)."""
    watched = {**pids, "(platform)": platform.pid}
    await platform.run(account.name, _scaled(load, min(WARM_UP_MESSAGES, load.messages)))
    full, use = await sampled(watched, platform.run(account.name, load))
    _show(f"{what}, saturated", full, use)
    await asyncio.sleep(SETTLE_SECONDS)
    rate = per_second or full.messages / full.seconds / 2
    steady = _scaled(load, min(load.messages, round(rate * STEADY_SECONDS)), per_second=rate)
    half, half_use = await sampled(watched, platform.run(account.name, steady))
    _show(f"{what}, {rate:.0f} messages/s", half, half_use)
    return {
        "saturated": asdict(full),
        "steady": asdict(half),
        "rss_mib": {name: item.rss_mib for name, item in use.items()},
        "cpu_percent": {name: item.cpu_percent for name, item in use.items()},
        "steady_cpu_percent": {name: item.cpu_percent for name, item in half_use.items()},
    }


def connect(deployment: Deployment, account: Credentials) -> None:
    """Add the account by the command line."""
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(account.secret)
        secret.flush()
        settings = {"kind": "official", "app_id": account.app_id, "token": account.token, "aes_key": account.aes_key}
        given = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
        command = ("account", "add", "wechat", account.name, "--name", "山居生活", *given)
        deployment.yizhan(*command, "--set-file", f"secret={secret.name}")


def _credentials(name: str, mode: Mode) -> Credentials:
    number = abs(hash(name)) % 10**15
    return Credentials(name, mode, app_id=f"wx{number:016d}", secret=f"{number:032d}")


def _settings(platform: Platform) -> dict[str, Any]:
    return {"YIZHAN_WECHAT_API_URL": platform.api_url, "YIZHAN_LOG_LEVEL": "warning"}


def _scaled(load: Load, messages: int, per_second: float = 0.0) -> Load:
    return Load(messages, load.in_flight, per_second, load.duplicates, load.swapped, load.seed + 1)


@asynccontextmanager
async def _werobot(token: str) -> AsyncIterator[tuple[int, str]]:
    """A running echo: its process, and its address."""
    port, folder = free_port(), private_folder("werobot", None)
    script = Path(__file__).with_name("werobot_echo.py")
    process = Process(
        [str(WEROBOT), "-P", str(script), str(port), token],
        environment={"PYTHONUNBUFFERED": "1"},
        folder=folder,
        log=folder / "werobot.log",
        account=None,
    )
    try:
        yield process.pid, f"http://127.0.0.1:{port}/"
    finally:
        await asyncio.to_thread(process.kill)


def _show(what: str, found: Traffic, use: Mapping[str, Usage]) -> None:
    print(
        f"{what:<33} {found.per_second:7.0f} pushes/s   p50 {found.p50_ms:6.1f} ms   p99 {found.p99_ms:6.1f} ms"
        f"   retried {found.retried}"
    )
    print("    " + "   ".join(f"{name} {item.cpu_percent:.0f} % {item.rss_mib:.0f} MiB" for name, item in use.items()))


async def run(load: Load, followers: int, only: str, modes: Sequence[Mode]) -> Found:
    result: Found = {"machine": machine(), "commit": commit(), "followers": followers, "load": asdict(load)}
    async with platform_apart() as platform:
        rate = 0.0
        if only in ("all", "apart"):
            result["apart"] = await measure_apart(platform, load, followers, modes)
            rate = result["apart"][modes[0]]["steady"]["messages"] / result["apart"][modes[0]]["steady"]["seconds"]
        if only in ("all", "werobot"):
            result["werobot"] = await measure_werobot(platform, load, followers, rate)
        if only in ("all", "embedded"):
            result["embedded"] = await measure_embedded(platform, load, followers, modes)
    if "plain" in result.get("apart", {}) and "werobot" in result:
        result["ratio"] = _ratio(result["apart"]["plain"], result["werobot"])
    return result


def _ratio(ours: Found, theirs: Found) -> dict[str, float]:
    """Ours by theirs. ``steady``: both at the same rate."""
    return {
        "per_second": round(ours["saturated"]["per_second"] / theirs["saturated"]["per_second"], 3),
        "saturated_p99": round(ours["saturated"]["p99_ms"] / theirs["saturated"]["p99_ms"], 2),
        "steady_p99": round(ours["steady"]["p99_ms"] / theirs["steady"]["p99_ms"], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000, help="different messages; duplicates come on top")
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--in-flight", type=int, default=100, help="pushes under way at the same time")
    parser.add_argument("--only", choices=("all", "apart", "embedded", "werobot"), default="all")
    parser.add_argument("--modes", choices=("plain", "safe"), nargs="+", default=("plain", "safe"))
    given = parser.parse_args()
    load = Load(given.messages, given.in_flight)
    try:
        result = asyncio.run(run(load, given.followers, given.only, tuple(given.modes)))
    except Unclean as error:
        sys.exit(f"Not clean:\n{error}")
    target = ROOT / "build" / "bench-wechat.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    if "ratio" in result:
        print("product (apart, plain) / WeRoBot: " + "   ".join(f"{k} {v:.2f}" for k, v in result["ratio"].items()))
    print(f"written to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
