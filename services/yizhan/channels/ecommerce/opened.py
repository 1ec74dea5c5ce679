"""Every platform of the registry, opened with its tools."""

from collections.abc import Callable, Sequence
from typing import Any

from yizhan.channels.ecommerce.platform import Platform, PlatformKind, Tools


class Opened:
    """Platforms by their keys. ``open_all`` comes once, before anybody asks."""

    def __init__(self, kinds: Sequence[PlatformKind]) -> None:
        self._kinds = {kind.key: kind for kind in kinds}
        self._platforms: dict[str, Platform[Any]] = {}

    def open_all(self, tools: Callable[[PlatformKind], Tools]) -> None:
        self._platforms = {key: kind.open(tools(kind)) for key, kind in self._kinds.items()}

    def of(self, key: str) -> tuple[PlatformKind, Platform[Any]]:
        return self._kinds[key], self._platforms[key]
