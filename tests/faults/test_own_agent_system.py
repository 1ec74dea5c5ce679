"""A business's own agent system that is killed while customers talk to it: every word is answered once, and in order."""

import asyncio
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

CUSTOMERS = 6
WORDS = 12

pytestmark = pytest.mark.timeout(300)


async def test_killed_and_resumed_it_loses_nothing_and_says_nothing_twice() -> None:
    port = free_port()
    deployment = await asyncio.to_thread(
        embedded, YIZHAN_SECRET=SECRET, YIZHAN_GRPC_PORT=str(port), YIZHAN_WEBSITE_SENDS_PER_MINUTE="6000"
    )
    with deployment:
        await register(port)
        shown_token = deployment.yizhan("system", "add", "sample", "--agent", AGENT).split()[-1]
        command = (
            sys.executable,
            "-m",
            "examples.own_agent_system",
            "--agent",
            AGENT,
            "--routing",
            f"127.0.0.1:{port}",
        )
        sample = Sample(deployment, command, {"YIZHAN_TOKEN": shown_token})
        try:
            async with customers(deployment.website, CUSTOMERS) as everybody:
                await online(port)
                for customer in everybody:
                    await customer.client.say("转人工")
                await shown(everybody, greeted)
                async with asyncio.TaskGroup() as group:
                    for number, customer in enumerate(everybody):
                        group.create_task(talk(customer, number, WORDS))
                    for _ in range(3):
                        await asyncio.sleep(0.8)
                        await asyncio.to_thread(sample.kill_and_start)
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
