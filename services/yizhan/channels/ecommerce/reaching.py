"""Which addresses the channel may call: those of the platforms on the internet, and of a simulator on this machine.

What a platform, a push or an account's settings name is called; without this they could have the process call what only
it reaches.
"""

import socket
from collections.abc import Callable

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from yizhan.core.runtime.http.outbound import AddressRefused, BoundedResolver, Reach, check_outbound

Inside = Callable[[], frozenset[URL]]
"""The origins on this machine that some account's settings name as its platform's."""


class Reaching:
    """``networks``: how near an address may be that is not in ``inside``."""

    def __init__(self, inside: Inside, networks: Reach = Reach.PUBLIC) -> None:
        self._inside = inside
        self._networks = networks

    def checked(self, url: URL) -> URL:
        """The address, if it may be called. Raises AddressRefused."""
        if self.is_inside(url):
            return url
        return check_outbound(str(url), self._networks)

    def is_inside(self, url: URL) -> bool:
        """Whether it is the simulator of some account."""
        try:
            return url.origin() in self._inside()
        except ValueError as error:
            raise AddressRefused("url_invalid") from error


class Names(AbstractResolver):
    """Looks names up, none of which leads nearer than allowed; this machine's own name is checked before each call."""

    def __init__(self, networks: Reach = Reach.PUBLIC) -> None:
        self._own = ThreadedResolver()
        self._bounded = BoundedResolver(networks)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError where nothing is left."""
        names = self._own if host == "localhost" else self._bounded
        return await names.resolve(host, port, family)

    async def close(self) -> None:
        await self._own.close()
        await self._bounded.close()
