"""Addresses that we call because somebody entered them: which of them may be called at all.

Whoever can enter an address could otherwise have this process call what only it reaches: the machine's own services, the
network behind it, a cloud's metadata. The text of an address is looked at when it is entered and before each call; what
its name leads to, while the connection is made, so that a name that means something else a moment later gains nothing.
"""

import ipaddress
import socket
from enum import IntEnum
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

LONGEST: Final = 2_000

_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses behind a translator (RFC 6052): the last four bytes are the address."""


class Reach(IntEnum):
    """How near an address may be; whatever is farther may be called as well."""

    PUBLIC = 0
    PRIVATE = 1
    LOOPBACK = 2
    NOBODY = 3
    """Link-local (a cloud's metadata), multicast, reserved: never called."""


class AddressRefused(ValueError):
    """An address that must not be called. ``code``: url_invalid, url_plain, url_private."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_outbound(value: str, allowed: Reach) -> URL:
    """The address, if it may be called with a secret: https, and plain http only to this machine. Raises AddressRefused.

    Names are not looked up: what they lead to is the connection's matter (``BoundedResolver``).
    """
    if not value.isascii() or not value.isprintable() or len(value) > LONGEST or " " in value:
        raise AddressRefused("url_invalid")
    try:
        url = URL(value)
        port = url.port
    except ValueError as error:
        raise AddressRefused("url_invalid") from error
    if url.scheme not in {"http", "https"} or not url.host or not port:
        raise AddressRefused("url_invalid")
    if url.user is not None or url.password is not None or url.raw_fragment:
        raise AddressRefused("url_invalid")
    near = nearness(url.host)
    if near is None and url.host.rstrip(".").lower() == "localhost":
        near = Reach.LOOPBACK
    if near is not None and (near > allowed or near is Reach.NOBODY):
        raise AddressRefused("url_private")
    if url.scheme == "http" and near is not Reach.LOOPBACK:
        raise AddressRefused("url_plain")
    return url


def nearness(host: str) -> Reach | None:
    """Where an address lies; None: it is a name."""
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and (inner := _wrapped(address)) is not None:
        address = inner
    if address.is_loopback:
        return Reach.LOOPBACK
    if address.is_unspecified or address.is_multicast or address.is_link_local or address.is_reserved:
        return Reach.NOBODY
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return Reach.PRIVATE if site_local or not address.is_global else Reach.PUBLIC


class BoundedResolver(AbstractResolver):
    """Looks names up as ever, but gives no address that is nearer than allowed: aiohttp connects to what it gives."""

    def __init__(self, allowed: Reach, *, names: AbstractResolver | None = None) -> None:
        self._allowed = allowed
        self._names = names or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError where nothing is left."""
        found = await self._names.resolve(host, port, family)
        kept = [one for one in found if self._may(one["host"])]
        if not kept:
            raise AddressForbidden
        return kept

    async def close(self) -> None:
        await self._names.close()

    def _may(self, host: str) -> bool:
        near = nearness(host)
        return near is not None and near <= self._allowed and near is not Reach.NOBODY


class AddressForbidden(OSError):
    """A name leads only to addresses that must not be called."""

    def __init__(self) -> None:
        super().__init__(None, "the name leads to no address that may be called")


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that is reached by way of this one."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(address.packed[-4:])
    return None
