"""Which sites may embed an account's widget."""

from collections.abc import Iterable

_PORTS = {"http": ":80", "https": ":443"}


def allowed(origin: str, patterns: Iterable[str]) -> bool:
    """Whether a page of this origin (as browsers send it) may use the account.

    A pattern is ``*``, an origin, or an origin whose host begins with ``*.``: all subdomains of what follows.
    """
    scheme, host = _parts(origin)
    return any(pattern == "*" or _matches(scheme, host, pattern) for pattern in patterns)


def _matches(scheme: str, host: str, pattern: str) -> bool:
    wanted_scheme, wanted_host = _parts(pattern)
    if scheme != wanted_scheme:
        return False
    if wanted_host.startswith("*."):
        return len(host) >= len(wanted_host) and host.endswith(wanted_host[1:])
    return host == wanted_host


def _parts(origin: str) -> tuple[str, str]:
    """Scheme and host, without the port that the scheme has anyway."""
    scheme, _, host = origin.strip().lower().partition("://")
    return scheme, host.removesuffix(_PORTS[scheme]) if scheme in _PORTS else host
