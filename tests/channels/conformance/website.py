"""The website: its platform is the visitor's own browser."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.channels.conformance.harness import ACCOUNT, Process
from tests.channels.conformance.screens import ScreenHarness
from tests.channels.conformance.stand import SECRET, Stand
from tests.simulators.dialogue import FakeDialogue
from tests.simulators.website_client import WebsiteClient, open_client
from yizhan.channels.website import service
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import CommonSettings, WebsiteSettings

NEW_SECRET = "conformance-new-" + "n" * 32


@dataclass
class WebsiteHarness(ScreenHarness):
    name: ClassVar[str] = "website"
    channel: ClassVar[str] = "website"
    base: ClassVar[str] = "/website"

    def account(self) -> Mapping[str, Any]:
        return {}

    def settings(self, process: Process) -> CommonSettings:
        return WebsiteSettings(
            home=process.home, secret=process.secret, partitions=process.partitions, website_sends_per_minute=6000
        )

    async def start(self, life: Lifespan, settings: CommonSettings, core: Core, dialogue: FakeDialogue) -> Parts:
        assert isinstance(settings, WebsiteSettings)
        return await service.start(life, settings, core, history=dialogue)

    async def _client(self, stack: AsyncExitStack) -> WebsiteClient:
        return await stack.enter_async_context(open_client(self.http, self.url, ACCOUNT))

    def secrets(self) -> Sequence[str]:
        return (*super().secrets(), NEW_SECRET)

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """As the deployment's documentation says: the new key is known, then signs, then is the only one."""
        for step, secret in (
            ("the new key is known", f"{SECRET},{NEW_SECRET}"),
            ("the new key signs", f"{NEW_SECRET},{SECRET}"),
        ):
            stand.secret = secret
            await stand.restart()
            yield step
        for visitor in self.people:
            await visitor.client.begin()  # what a widget does with a token before it expires
        stand.secret = NEW_SECRET
        await stand.restart()
        yield "the old key is forgotten"
