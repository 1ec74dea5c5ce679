"""Every address of the website channel."""

from aiohttp import web

from yizhan.channels.website.assets import DEMO_CSP, asset_routes
from yizhan.channels.website.gateway import Gateway
from yizhan.channels.website.messages import MessageHandlers
from yizhan.channels.website.session import SessionHandlers
from yizhan.channels.website.socket import SocketHandler
from yizhan.channels.website.stream import StreamHandler
from yizhan.channels.website.upload import UploadHandler
from yizhan.core.runtime.http import owned
from yizhan.core.store.media import MediaStore

BASE = "/website/{account}"


def website_routes(gateway: Gateway, media: MediaStore) -> list[web.AbstractRouteDef]:
    """What clients of the protocol call, the widget's script and the demo page."""
    session = SessionHandlers(gateway)
    messages = MessageHandlers(gateway)
    requests = [
        web.post(f"{BASE}/session", session.begin),
        web.post(f"{BASE}/ticket", session.ticket),
        web.post(f"{BASE}/messages", messages.send),
        web.get(f"{BASE}/messages", messages.list),
        web.post(f"{BASE}/receipts", messages.receipts),
        web.post(f"{BASE}/typing", messages.typing),
        web.get(f"{BASE}/events", StreamHandler(gateway).handle),
        web.post(f"{BASE}/media", UploadHandler(gateway, media).handle),
    ]
    # The socket checks the origin itself: a browser can see a close code, but not why a handshake was refused.
    socket = web.get(f"{BASE}/ws", SocketHandler(gateway).handle)
    return [
        *owned("website", [*gateway.cors().routes(requests), socket]),
        *owned("website", asset_routes(), csp=DEMO_CSP),
    ]
