"""The product's calls on one side, the simulated platform on the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.simulators.wechat import OfficialFollower, SimMini, SimOfficial, WechatPlatform, open_platform
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.channels.wechat.calls import Calls, Timeouts
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.metrics import Metrics

OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz1"
SECRET = "0123456789abcdef0123456789abcdef"
START = 1_790_000_000.0


@dataclass
class Api:
    platform: WechatPlatform
    official: SimOfficial
    mini: SimMini
    calls: Calls
    metrics: Metrics

    @property
    def token(self) -> str:
        """The token of the 公众号 that is valid now."""
        return self.official.tokens.stable(force=False)[0]

    @property
    def mini_token(self) -> str:
        return self.mini.tokens.stable(force=False)[0]

    @property
    def follower(self) -> OfficialFollower:
        return self.official.follower(OPENID)

    def customer_wrote(self) -> None:
        """The window is open, as after a message."""
        self.follower.acted_at = self.platform.now()
        self.follower.quota.open("message", self.platform.now())

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.platform.now(), UTC)

    def counted(self, code: str) -> float:
        """Calls that ended so."""
        labels = {"channel": "wechat", "code": code}
        return self.metrics.registry.get_sample_value("yizhan_provider_errors_total", labels) or 0.0


@asynccontextmanager
async def open_api(timeouts: Timeouts | None = None, base_url: str = "") -> AsyncIterator[Api]:
    """``base_url``: what is called instead of the platform."""
    metrics = Metrics("wechat")
    async with open_platform(clock=lambda: START) as platform, open_client() as session:
        official = platform.official(app_id="wx0000000000000001", secret=SECRET, token="AAAAA")
        mini = platform.mini(app_id="wx0000000000000002", secret=SECRET, token="AAAAA")
        errors = ProviderErrors(metrics, "wechat")
        calls = Calls(
            session,
            base_url or platform.api_url,
            lambda: datetime.fromtimestamp(platform.now(), UTC),
            errors,
            timeouts=timeouts,
        )
        yield Api(platform, official, mini, calls, metrics)
