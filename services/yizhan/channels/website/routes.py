"""Every address of the website channel."""

from aiohttp import web

from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.routes import request_routes, socket_route
from yizhan.channels.website.assets import DEMO_CSP, asset_routes
from yizhan.channels.website.door import WebsiteDoor
from yizhan.channels.website.session import SessionHandlers
from yizhan.core.runtime.http import owned
from yizhan.core.store.media import MediaStore

BASE = "/website/{account}"


def website_routes(gateway: Gateway, door: WebsiteDoor, media: MediaStore) -> list[web.AbstractRouteDef]:
    """What clients of the protocol call, the widget's script and the demo page."""
    session = SessionHandlers(gateway, door)
    requests = [
        web.post(f"{BASE}/session", session.begin),
        web.post(f"{BASE}/ticket", session.ticket),
        *request_routes(BASE, gateway, media),
    ]
    return [
        *owned("website", [*gateway.cors().routes(requests), socket_route(BASE, gateway)]),
        *owned("website", asset_routes(), csp=DEMO_CSP),
    ]
