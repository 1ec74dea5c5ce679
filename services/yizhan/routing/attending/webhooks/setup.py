"""Setting up where a system is told: its address, and the secret that its posts are signed with."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http.outbound import AddressRefused, Reach, check_outbound
from yizhan.core.runtime.settings import RoutingSettings
from yizhan.core.security.keys import Keyring
from yizhan.core.security.sealing import Sealer
from yizhan.core.security.webhook_signing import new_webhook_secret
from yizhan.core.store.database import Database, Transaction
from yizhan.routing import store
from yizhan.routing.attending.registry import SystemRefused
from yizhan.routing.store import systems, webhooks
from yizhan.routing.store.webhooks import Webhook

_REACHES: Final = {"public": Reach.PUBLIC, "private": Reach.PRIVATE, "loopback": Reach.LOOPBACK}


def webhook_sealer(keyring: Keyring) -> Sealer:
    return Sealer(keyring, "webhook-secret")


def reach_of(settings: RoutingSettings) -> Reach:
    """How near an address may be that this deployment posts to."""
    return _REACHES[settings.webhook_networks]


class WebhookSetup:
    """Of one workspace. ``allowed``: how near an address may be."""

    def __init__(self, database: Database, workspace: str, clock: Clock, sealer: Sealer, allowed: Reach) -> None:
        self._database = database
        self._workspace = workspace
        self._clock = clock
        self._sealer = sealer
        self._allowed = allowed

    def check(self, url: str) -> None:
        """Raises SystemRefused (url_invalid, url_plain, url_private)."""
        try:
            check_outbound(url, self._allowed)
        except AddressRefused as refused:
            raise SystemRefused(refused.code) from refused

    async def put(self, name: str, url: str) -> str:
        """Tell a system at this address from now on, also one that was given up; its secret where that is new, else "".

        What was not told at the address before is told at this one. Raises SystemRefused.
        """
        self.check(url)
        async with self._database.begin() as tx:
            known = await self._known(tx, name)
            if known is not None:
                again = replace(known, url=url, tries=0, failing_since=None, next_try_at=None, problem="", dead=False)
                await webhooks.put_webhook(tx, again)
                return ""
            secret = new_webhook_secret()
            await webhooks.put_webhook(tx, Webhook(self._workspace, name, url, self._sealer.seal(secret)))
            return secret

    async def new_secret(self, name: str, overlap: timedelta) -> str:
        """From now on posts are signed with a new secret, and for the overlap with the one before as well.

        Raises SystemRefused.
        """
        async with self._database.begin() as tx:
            known = await self._known(tx, name)
            if known is None:
                raise SystemRefused("no_webhook", name)
            secret, until = new_webhook_secret(), self._clock() + overlap
            changed = replace(known, secret=self._sealer.seal(secret), older_secret=known.secret, older_until=until)
            await webhooks.put_webhook(tx, changed)
            return secret

    async def remove(self, name: str) -> None:
        """It is told by stream again. Raises SystemRefused."""
        async with self._database.begin() as tx:
            if await self._known(tx, name) is None:
                raise SystemRefused("no_webhook", name)
            await webhooks.remove_webhook(tx, self._workspace, name)

    async def _known(self, tx: Transaction, name: str) -> Webhook | None:
        """Under the desk's lock. Raises SystemRefused where no system has this name."""
        await store.lock_desk(tx, self._workspace)
        if await systems.load_registered(tx, self._workspace, name) is None:
            raise SystemRefused("unknown_system", name)
        return await webhooks.load_webhook(tx, self._workspace, name, lock=True)
