"""For harnesses of platforms whose tokens come from the seller's consent: it was given before the service began."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from tests.channels.conformance.harness import ACCOUNT
from tests.simulators.dialogue import FakeDialogue
from tests.simulators.ecommerce import Site
from yizhan.channels.accounts import Account
from yizhan.channels.ecommerce import service
from yizhan.channels.ecommerce.grants import PURPOSE, Grants
from yizhan.channels.ecommerce.platform import CHANNEL, Grant
from yizhan.channels.ecommerce.platforms import platform_kind
from yizhan.channels.ecommerce.shops import Shop
from yizhan.channels.store import grants as store
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import CommonSettings, EcommerceSettings
from yizhan.core.security.sealing import Sealer


class Consenting:
    """Before ``EcommerceHarness`` among the bases of a harness. The simulator's ``tokens`` know what was given."""

    key: ClassVar[str]
    site: Site

    def grant_facts(self) -> Mapping[str, str]:
        """What the platform's own ``consented`` keeps along."""
        return {}

    async def start(
        self,
        life: Lifespan,
        settings: CommonSettings,
        core: Core,
        dialogue: FakeDialogue,
    ) -> Parts:
        assert isinstance(settings, EcommerceSettings)
        if await store.read(core.database, CHANNEL, ACCOUNT) is None:
            given = self.site.tokens.exchange(self.site.tokens.consent())
            grant = Grant(
                given.access, given.expires_in, given.refresh, given.refresh_expires_in, facts=self.grant_facts()
            )
            await _keep(core, settings, self.key, grant)
        return await service.start(life, settings, core)


async def _keep(core: Core, settings: EcommerceSettings, key: str, grant: Grant) -> None:
    kind = platform_kind(key)
    assert kind is not None
    account: Account[Any] = Account("default", CHANNEL, ACCOUNT, ACCOUNT, None, True, core.clock())
    shop = Shop(account, kind, cast(Any, None))
    along = Grants(core.database, Sealer(settings.keyring, PURPOSE), core.clock).consented(shop, grant).along
    assert along is not None
    async with core.database.begin() as tx:
        await along(tx)
