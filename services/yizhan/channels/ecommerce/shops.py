"""The shops of this deployment, each with the platform that it is on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from yarl import URL

from yizhan.channels.accounts import Account, AccountBook
from yizhan.channels.contract import Refusal, Refused
from yizhan.channels.ecommerce.opened import Opened
from yizhan.channels.ecommerce.platform import Platform, PlatformKind, ShopSettings
from yizhan.channels.ecommerce.settings import EcommerceAccountSettings


@dataclass(frozen=True, slots=True)
class Shop:
    """One account with its platform. ``account.settings`` are of the platform's own model."""

    account: Account[Any]
    kind: PlatformKind
    platform: Platform[Any]

    @property
    def settings(self) -> ShopSettings:
        return cast(ShopSettings, self.account.settings)


class Shops:
    """Looks accounts up; what there is no platform for is not there."""

    def __init__(self, accounts: AccountBook[EcommerceAccountSettings], opened: Opened) -> None:
        self._accounts = accounts
        self._opened = opened

    def get(self, account: str) -> Shop | None:
        """The shop, if it exists, is enabled and its settings can be read."""
        found = self._accounts.get(account)
        return None if found is None else self._shop(found)

    def at(self, platform: str, account: str) -> Shop | None:
        """The shop, if it is on that platform."""
        shop = self.get(account)
        return shop if shop is not None and shop.kind.key == platform else None

    def all(self) -> Sequence[Shop]:
        return [self._shop(account) for account in self._accounts.all()]

    def wanted(self, account: str) -> Shop:
        """Raises Refused: it is gone or disabled."""
        shop = self.get(account)
        if shop is None:
            raise Refused("", "the account is gone or disabled", Refusal.ACCOUNT)
        return shop

    def inside(self) -> frozenset[URL]:
        """Where on this very machine some account's settings say that its platform answers: for trying things out."""
        return frozenset(origin for account in self._accounts.all() for origin in account.settings.root.inside())

    def _shop(self, account: Account[EcommerceAccountSettings]) -> Shop:
        own = account.settings.root
        kind, platform = self._opened.of(own.platform)
        return Shop(replace(cast(Account[Any], account), settings=own), kind, platform)
