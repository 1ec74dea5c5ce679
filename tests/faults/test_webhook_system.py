"""A business's own agent system that is told by webhook and killed while customers talk to it: every word is answered once, and in order."""

import asyncio
import re
import sys

import pytest

from tests.faults.own_systems import (
    AGENT,
    GREETING,
    Sample,
    answered,
    answers,
    asked_to_rate,
    greeted,
    online,
    register,
    shown,
    talk,
)
from tests.faults.traffic import customers
from tests.services.deployment import SECRET, embedded
from tests.services.process import free_port

CUSTOMERS = 3
WORDS = 4

pytestmark = pytest.mark.timeout(300)


async def test_told_by_webhook_it_loses_nothing_and_says_nothing_twice_when_either_side_is_killed() -> None:
    port, grpc_port = free_port(), free_port()
    deployment = await asyncio.to_thread(
        embedded, YIZHAN_SECRET=SECRET, YIZHAN_GRPC_PORT=str(grpc_port), YIZHAN_WEBHOOK_NETWORKS="loopback"
    )
    with deployment:
        await register(grpc_port)
        url = f"http://127.0.0.1:{port}/yizhan"
        made = deployment.yizhan("system", "add", "sample", "--agent", AGENT, "--webhook", url)
        given = {"SYSTEM_TOKEN": _word(made, "yzs_"), "WEBHOOK_SECRET": _word(made, "whsec_")}
        listening = ("--gateway", deployment.website, "--port", str(port))
        command = (sys.executable, "-m", "examples.webhook_system", "--agent", AGENT, *listening)
        sample = Sample(deployment, command, given)
        try:
            async with customers(deployment.website, CUSTOMERS) as everybody:
                await online(grpc_port)
                for customer in everybody:
                    await customer.client.say("转人工")
                await shown(everybody, greeted)
                async with asyncio.TaskGroup() as group:
                    for number, customer in enumerate(everybody):
                        group.create_task(talk(customer, number, WORDS))
                    await asyncio.sleep(0.5)
                    await asyncio.to_thread(sample.kill_and_start)
                    await asyncio.sleep(0.5)
                    await asyncio.to_thread(deployment.kill, "yizhan")
                    await asyncio.to_thread(deployment.start, "yizhan")
                await shown(everybody, answered)
                for customer in everybody:
                    assert answers(customer) == customer.sent
                    assert customer.client.texts("agent").count(GREETING) == 1
                    await customer.client.say("再见")
                await shown(everybody, asked_to_rate)
        except BaseException:
            print(sample.process.log.read_text("utf-8", "replace")[-3000:])
            print(deployment.log("yizhan")[-3000:])
            raise
        finally:
            sample.process.kill()


def _word(text: str, prefix: str) -> str:
    found = re.search(rf"{prefix}[A-Za-z0-9+/=_-]+", text)
    assert found, text
    return found[0]
