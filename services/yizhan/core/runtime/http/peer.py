"""Who is at the other end: behind reverse proxies, only as far as they are trusted."""

import ipaddress

from aiohttp import web

TRUSTED_PROXIES = web.RequestKey("trusted_proxies", int)


def client_ip(request: web.Request) -> str:
    """The client's address: the peer's, or what the trusted proxies in front say it was. "unknown" where there is none.

    With n trusted proxies it is the n-th entry of ``X-Forwarded-For`` from the right: the one that the outermost of
    them wrote. What a client put there itself lies further left and is never looked at.
    """
    peer = _address(request.remote or "")
    hops = request.get(TRUSTED_PROXIES, 0)
    if hops:
        entries = [entry for line in request.headers.getall("X-Forwarded-For", []) for entry in line.split(",")]
        if len(entries) >= hops:
            return _address(entries[-hops]) or peer or "unknown"
    return peer or "unknown"


def rate_key(request: web.Request) -> str:
    """What a rate limit counts by: the address, for IPv6 its /64 network, which one customer has all of."""
    address = client_ip(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def is_https(request: web.Request) -> bool:
    """Whether the client speaks TLS, to us or to a trusted proxy."""
    if request.get(TRUSTED_PROXIES, 0):
        scheme = request.headers.get("X-Forwarded-Proto", "").split(",")[-1].strip().lower()
        if scheme:
            return scheme == "https"
    return request.secure


def own_origin(request: web.Request) -> str:
    """The origin that this request was sent to: what ``Origin`` says when the page came from us."""
    return f"{'https' if is_https(request) else 'http'}://{request.host.lower()}"


def _address(text: str) -> str:
    """The bare address in ``1.2.3.4:80``, ``[::1]:80`` or ``::1``; "" when it is none. IPv4 in IPv6 becomes IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
