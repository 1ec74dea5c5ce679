"""A platform and the other side of its webhooks."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.wechat import SimKf, SimOfficial, WechatPlatform, open_platform
from tests.unit.simulators.shop import KF, OFFICIAL, Shop, open_shop


class StoodClock:
    """Stands, so that windows close only when the test moves the platform on."""

    def __init__(self) -> None:
        self.at = 1_790_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
async def platform() -> AsyncIterator[WechatPlatform]:
    async with open_platform(clock=StoodClock(), push_deadline=30.0) as opened:
        yield opened


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


@pytest.fixture
def official(platform: WechatPlatform, shop: Shop) -> SimOfficial:
    return platform.official(**OFFICIAL, webhook=shop.url)


@pytest.fixture
def kf(platform: WechatPlatform, shop: Shop) -> SimKf:
    return platform.kf(**KF, webhook=shop.url, open_kfids=("wk1", "wk2"))
