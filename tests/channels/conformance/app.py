"""The app: its platform is the business's own app, and the business's own sign-in."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.channels.conformance.harness import ACCOUNT, Process
from tests.channels.conformance.screens import ScreenHarness
from tests.channels.conformance.stand import Stand
from tests.simulators.app_client import AppClient, open_app
from tests.simulators.dialogue import FakeDialogue
from tests.simulators.issuer import Issuer, new_key, open_issuer
from yizhan.channels.app import service
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import AppSettings, CommonSettings


@dataclass
class AppHarness(ScreenHarness):
    name: ClassVar[str] = "app"
    channel: ClassVar[str] = "app"
    base: ClassVar[str] = "/app/v1"

    issuer: Issuer | None = None

    async def _set_up(self, stack: AsyncExitStack) -> None:
        self.issuer = await stack.enter_async_context(open_issuer())

    @property
    def business(self) -> Issuer:
        assert self.issuer is not None
        return self.issuer

    def account(self) -> Mapping[str, Any]:
        return self.business.account()

    def settings(self, process: Process) -> CommonSettings:
        return AppSettings(
            home=process.home,
            secret=process.secret,
            partitions=process.partitions,
            app_sends_per_minute=6000,
            app_networks="loopback",
        )

    async def start(self, life: Lifespan, settings: CommonSettings, core: Core, dialogue: FakeDialogue) -> Parts:
        assert isinstance(settings, AppSettings)
        return await service.start(life, settings, core, history=dialogue)

    async def _client(self, stack: AsyncExitStack) -> AppClient:
        user = f"user-{len(self.people)}"
        return await stack.enter_async_context(
            open_app(self.http, self.url, ACCOUNT, lambda: self.business.token(user))
        )

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """As an issuer does it: the new key is shown, then signs, then is the only one. A restart asks for the keys anew."""
        self.business.keys.insert(0, new_key("k2"))
        await stand.restart()
        yield "the new key is shown"
        self.business.keys.reverse()
        for visitor in self.people:
            await visitor.client.begin()
        yield "the new key signs"
        del self.business.keys[0]
        await stand.restart()
        yield "the old key is forgotten"
