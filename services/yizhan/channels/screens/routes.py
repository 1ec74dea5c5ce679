"""The addresses that every channel of customers' own screens has."""

from aiohttp import web

from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.messages import MessageHandlers
from yizhan.channels.screens.socket import SocketHandler
from yizhan.channels.screens.stream import StreamHandler
from yizhan.channels.screens.upload import UploadHandler
from yizhan.core.store.media import MediaStore


def request_routes(base: str, gateway: Gateway, media: MediaStore) -> list[web.RouteDef]:
    """Plain requests and the stream of events, below ``base``."""
    messages = MessageHandlers(gateway)
    return [
        web.post(f"{base}/messages", messages.send),
        web.get(f"{base}/messages", messages.list),
        web.post(f"{base}/receipts", messages.receipts),
        web.post(f"{base}/typing", messages.typing),
        web.get(f"{base}/events", StreamHandler(gateway).handle),
        web.post(f"{base}/media", UploadHandler(gateway, media).handle),
    ]


def socket_route(base: str, gateway: Gateway) -> web.RouteDef:
    """The socket checks the origin itself: a browser can see a close code, but not why a handshake was refused."""
    return web.get(f"{base}/ws", SocketHandler(gateway).handle)
