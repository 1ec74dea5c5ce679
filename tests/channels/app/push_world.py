"""An app channel with all three push services around it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.channels.app.conftest import App, Watch, open_channel
from tests.services.certificate import Identity, identity
from tests.simulators.issuer import Issuer
from tests.simulators.push.apns import ApnsServer, open_apns
from tests.simulators.push.fcm import FcmServer, open_fcm
from tests.simulators.push.hook import HookServer, open_hook
from yizhan.channels.store.pushes import PushRow, PushState
from yizhan.channels.store.tables import pushes
from yizhan.core.store.database import Database

TOKENS = {"apns": "ab" * 32, "fcm": "fcm-token-1", "hook": "jpush-1"}


@dataclass
class World:
    """``app`` is what runs now; ``start`` starts another life, or another process beside it."""

    home: Path
    issuer: Issuer
    watch: Watch
    identity: Identity
    apns: ApnsServer
    fcm: FcmServer
    hook: HookServer
    preview: str = "none"
    lives: int = 0
    bus_url: str = "embedded://"

    @asynccontextmanager
    async def start(self) -> AsyncIterator[App]:
        self.lives += 1
        push: dict[str, Any] = {
            "apns": self.apns.settings(),
            "fcm": self.fcm.settings(),
            "hook": self.hook.settings(),
            "preview": self.preview,
        }
        async with open_channel(
            self.home,
            self.issuer,
            accounts={"pushing": self.issuer.account(push=push, title="山居生活")},
            watch=self.watch,
            bus_url=self.bus_url,
            replica=f"life-{self.lives}",
            tls=ssl.create_default_context(cadata=self.identity.certificate.decode()),
            app_push_after_seconds=1,
            app_apns_url=self.apns.url,
            app_apns_sandbox_url=self.apns.url,
            app_fcm_url=self.fcm.url,
        ) as app:
            yield app


@asynccontextmanager
async def open_world(
    home: Path, issuer: Issuer, preview: str = "none", bus_url: str = "embedded://"
) -> AsyncIterator[World]:
    watch = Watch()
    own = identity("push.test")
    async with AsyncExitStack() as stack:
        yield World(
            home,
            issuer,
            watch,
            own,
            await stack.enter_async_context(open_apns(own, home, watch)),
            await stack.enter_async_context(open_fcm(watch)),
            await stack.enter_async_context(open_hook(watch)),
            preview,
            bus_url=bus_url,
        )


async def register(app: App, platform: str, device: str = "", user: str = "user-1", **others: Any) -> int:
    """The status of the answer."""
    body = {"platform": platform, "token": TOKENS[platform], **others}
    path = f"/devices/{device or platform}"
    status, _, _ = await app.request("PUT", path, app.issuer.token(user), account="pushing", json=body)
    return status


async def eventually(met: Callable[[], Awaitable[bool]], within: float = 30.0) -> None:
    """Returns when it is so. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not await met():
            await asyncio.sleep(0.02)


async def rows(database: Database) -> list[PushRow]:
    async with database.read() as tx:
        found = (await tx.execute(pushes.select().order_by(pushes.c.seq, pushes.c.device))).mappings()
        return [PushRow(**{**row, "state": PushState(row["state"])}) for row in found]
