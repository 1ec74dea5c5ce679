"""Letting in to single calls who does not know the token that services show each other."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar

Door = Callable[[str, object], Awaitable[object]]
"""Takes the token that was shown and the request (None where a stream of them comes); gives the guest.

Raises RpcProblem, which is told to whoever knocked.
"""

Doors = Mapping[str, Door]
"""By the path of a call: ``/yizhan.v1.RoutingService/Attend``. What is not named stays closed."""

_guest: ContextVar[object] = ContextVar("guest", default=None)


def let_in(guest: object) -> None:
    """The call that is being answered is this guest's."""
    _guest.set(guest)


def current_guest() -> object:
    """Who came through a door; None: another service, which knows the internal token."""
    return _guest.get()
