"""Replicas share the partitions evenly, and one that dies is replaced within ten seconds, with order kept."""

import asyncio
import re
import time
import urllib.request

import pytest

from tests.faults.traffic import ask_until, customers, judge, settle
from tests.services.deployment import SECRET, Deployment, apart, wait_for
from tests.services.postgres import PostgresServer
from tests.services.rabbitmq import RabbitServer
from yizhan.core.security.keys import Keyring

PARTITIONS = 16
BALANCED_SECONDS = 10.0

pytestmark = pytest.mark.timeout(300)


def owned(deployment: Deployment, name: str) -> int:
    """How many partitions a replica consumes, as its metrics say."""
    with urllib.request.urlopen(f"{deployment.address(name)}/metrics", timeout=5) as answer:
        shown = answer.read().decode()
    found = re.search(r"^yizhan_partitions_owned (\S+)$", shown, re.MULTILINE)
    return int(float(found[1])) if found else 0


async def test_two_replicas_share_and_one_takes_over(
    private_rabbit: RabbitServer, private_postgres: PostgresServer
) -> None:
    vhost, database = private_rabbit.new_vhost(), private_postgres.new_database()
    deployment = await asyncio.to_thread(
        lambda: apart(
            vhost,
            database,
            dialogues=2,
            YIZHAN_WEBSITE_SENDS_PER_MINUTE="6000",
            YIZHAN_WEBSITE_SESSIONS_PER_MINUTE="60000",
        )
    )
    with deployment:

        def shares() -> tuple[int, int]:
            return owned(deployment, "dialogue"), owned(deployment, "dialogue-2")

        await asyncio.to_thread(wait_for, lambda: shares() == (8, 8), 15.0, "two replicas do not share evenly")
        print(f"two replicas: {shares()}")
        async with customers(deployment.website, 60) as everybody:
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                asking = group.create_task(ask_until(everybody, stop, per_second=30.0))
                await asyncio.sleep(3.0)
                await asyncio.to_thread(deployment.kill, "dialogue-2")
                began = time.monotonic()
                await asyncio.to_thread(
                    wait_for,
                    lambda: owned(deployment, "dialogue") == PARTITIONS,
                    BALANCED_SECONDS + 10,
                    "nobody took over the partitions of the replica that died",
                )
                took = time.monotonic() - began
                print(f"one killed: all {PARTITIONS} partitions with the other after {took:.1f} s")
                await asyncio.to_thread(deployment.start, "dialogue-2")
                began = time.monotonic()
                await asyncio.to_thread(wait_for, lambda: shares() == (8, 8), 20.0, "the new replica got no share")
                print(f"back again: {shares()} {time.monotonic() - began:.1f} s after it was ready")
                await asyncio.sleep(2.0)
                stop.set()
                await asking
            await settle(everybody, within=120.0)
            address = deployment.environment["YIZHAN_DIALOGUE_ADDRESS"]
            verdict = await judge(everybody, address, Keyring.parse(SECRET).internal_tokens[0])
    print(verdict)
    assert verdict.clean, str(verdict)
    assert took <= BALANCED_SECONDS
