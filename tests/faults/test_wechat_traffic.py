"""A crowd of followers whose pushes come twice, at once and late, and out of order: in = out, once each, in order."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.bench.wechat import connect
from tests.bench.wechat_books import balanced, judge
from tests.bench.wechat_followers import Crowd, Load, Traffic
from tests.bench.wechat_platform import Credentials
from tests.services.deployment import SECRET, Deployment, apart, embedded
from tests.services.postgres import PostgresServer
from tests.services.process import free_port
from tests.services.rabbitmq import RabbitServer
from tests.simulators.wechat import WechatPlatform, open_platform
from yizhan.core.security.keys import Keyring

FOLLOWERS = 100
LOAD = Load(messages=1000, in_flight=20, duplicates=0.2, swapped=0.1)
ACCOUNT = Credentials("shop", "safe", app_id="wx00000000000load1", secret="a-secret-of-this-test")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def platform() -> AsyncIterator[WechatPlatform]:
    async with open_platform(retry_pause=1.0) as opened:
        yield opened


async def crowd_of(platform: WechatPlatform, deployment: Deployment) -> Crowd:
    """Followers of an account that is connected."""
    official = platform.official(
        app_id=ACCOUNT.app_id,
        secret=ACCOUNT.secret,
        token=ACCOUNT.token,
        aes_key=ACCOUNT.aes_key,
        mode=ACCOUNT.mode,
        webhook=f"{deployment.wechat}/wechat/{ACCOUNT.name}",
    )
    await asyncio.to_thread(connect, deployment, ACCOUNT)
    async with asyncio.timeout(30):
        while not (await official.verify_url()).ok:
            await asyncio.sleep(0.2)
    return Crowd(official, FOLLOWERS)


async def check(platform: WechatPlatform, crowd: Crowd, traffic: Traffic, grpc: str, metrics: str) -> None:
    """Nothing was lost, repeated, reordered or left unanswered, and every book says so."""
    print(traffic)
    verdict = await judge(crowd.phones(), ACCOUNT.name, grpc, Keyring.parse(SECRET).internal_tokens[0])
    assert verdict.clean, str(verdict)
    assert verdict.written == LOAD.messages
    balance = await balanced(metrics, LOAD.messages)
    assert balance.even(LOAD.messages), str(balance)
    assert traffic.duplicates == LOAD.messages * LOAD.duplicates
    assert traffic.swapped == LOAD.messages * LOAD.swapped
    assert platform.violations == []
    assert sum(person.notices for person in crowd.account.people.values()) == 0


async def test_followers_are_answered_once_and_in_order_by_many_processes(
    platform: WechatPlatform, private_rabbit: RabbitServer, private_postgres: PostgresServer
) -> None:
    vhost, database = private_rabbit.new_vhost(), private_postgres.new_database()
    deployment = await asyncio.to_thread(apart, vhost, database, YIZHAN_WECHAT_API_URL=platform.api_url)
    with deployment:
        crowd = await crowd_of(platform, deployment)
        traffic = await crowd.run(LOAD)
        address = deployment.environment["YIZHAN_DIALOGUE_ADDRESS"]
        await check(platform, crowd, traffic, address, deployment.address("metrics"))


async def test_followers_are_answered_once_and_in_order_by_one_process(platform: WechatPlatform) -> None:
    port = free_port()
    deployment = await asyncio.to_thread(
        embedded,
        YIZHAN_SECRET=SECRET,
        YIZHAN_GRPC_PORT=str(port),
        YIZHAN_WECHAT_API_URL=platform.api_url,
    )
    with deployment:
        crowd = await crowd_of(platform, deployment)
        traffic = await crowd.run(LOAD)
        await check(platform, crowd, traffic, f"127.0.0.1:{port}", deployment.address("yizhan"))
