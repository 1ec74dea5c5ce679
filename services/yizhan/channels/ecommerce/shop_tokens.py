"""Access tokens of shops, by whichever way their platform gives them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from yizhan.channels.contract import Refusal, Refused, RetryLater
from yizhan.channels.ecommerce.grants import Grants
from yizhan.channels.ecommerce.platform import CHANNEL, Consented, Keyed
from yizhan.channels.ecommerce.shops import Shops
from yizhan.channels.token_shelf import TokenShelf
from yizhan.channels.tokens import Fetched, TokenManager
from yizhan.core.runtime.core import Core
from yizhan.core.security.keys import Keyring
from yizhan.core.security.sealing import Sealer

PURPOSE = "channel-tokens"


class ShopTokens:
    """As ``platform.Tokens``; ``manager`` is what the host renews by."""

    def __init__(self, core: Core, keyring: Keyring, shops: Shops, grants: Grants) -> None:
        self._shops = shops
        self._grants = grants
        self._facts: dict[str, tuple[str, Mapping[str, str]]] = {}
        shelf = TokenShelf(core.database, CHANNEL, Sealer(keyring, PURPOSE), core.clock, core.replica)
        self.manager = TokenManager(shelf, self._fetch, core.metrics, identity=self._identity)

    async def get(self, account: str) -> str:
        return await self.manager.get(account)

    async def facts(self, account: str) -> Mapping[str, str]:
        token = await self.manager.get(account)
        known = self._facts.get(account)
        if known is not None and known[0] == token:
            return known[1]
        held = await self._grants.held(self._shops.wanted(account))
        facts = held.grant.facts if held else {}
        self._facts[account] = (token, facts)
        return facts

    async def _fetch(self, account: str, *, force: bool) -> Fetched:
        shop = self._shops.get(account)
        if shop is None:
            raise RetryLater(5.0)
        if isinstance(shop.platform, Keyed):
            return await shop.platform.token(shop.account, force=force)
        if isinstance(shop.platform, Consented):
            return await self._grants.renewed(shop, shop.platform)
        raise Refused("no_tokens", "this platform has no access tokens", Refusal.ACCOUNT)

    def _identity(self, account: str) -> str:
        """Other settings may be another app or shop: what was had for the old ones is not used for them."""
        shop = self._shops.get(account)
        return "" if shop is None else hashlib.sha256(json.dumps(_clear(shop.settings)).encode()).hexdigest()


def _clear(value: Any) -> Any:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case BaseModel():
            return {name: _clear(field) for name, field in value}
        case Mapping():
            return {str(name): _clear(field) for name, field in sorted(value.items())}
        case list() | tuple():
            return [_clear(field) for field in value]
        case set() | frozenset():
            return sorted(json.dumps(_clear(field)) for field in value)
        case _:
            return str(value)
