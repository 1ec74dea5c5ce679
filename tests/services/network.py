"""Tests reach this machine only: a connection elsewhere is an error, not a flaky test."""

import ipaddress
import os
import socket
import sys
from urllib.parse import urlsplit

from tests.services import postgres, rabbitmq

_SERVERS = (rabbitmq.VARIABLE, rabbitmq.MANAGEMENT_VARIABLE, postgres.VARIABLE)


class OutsideWorld(RuntimeError):
    """A test tried to reach another machine."""


def allow_only_loopback() -> None:
    """Refuse, for the rest of this process, connections and name look-ups beyond this machine.

    Servers that the environment names for tests are reachable. Child processes are not covered.
    """
    named = (urlsplit(os.environ.get(variable, "")).hostname for variable in _SERVERS)
    allowed = {"localhost", "", *(host for host in named if host)}
    for host in tuple(allowed - {"localhost", ""}):
        allowed.update(str(found[4][0]) for found in socket.getaddrinfo(host, None))

    def check(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and not _near(address[0], allowed):
                raise OutsideWorld(f"a test connects to {address[0]}: only this machine is allowed")
        elif event == "socket.getaddrinfo" and not _near(arguments[0], allowed):
            raise OutsideWorld(f"a test looks up {arguments[0]!r}: only this machine is allowed")

    sys.addaudithook(check)


def _near(host: object, allowed: set[str]) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in allowed:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
