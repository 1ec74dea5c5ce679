"""Every address of the app channel."""

from aiohttp import web

from yizhan.channels.app.conversation import ConversationHandlers
from yizhan.channels.app.facts import BASE, CHANNEL, HEADERS
from yizhan.channels.app.version import negotiated
from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.routes import request_routes, socket_route
from yizhan.core.runtime.http import owned
from yizhan.core.store.media import MediaStore


def app_routes(gateway: Gateway, conversation: ConversationHandlers, media: MediaStore) -> list[web.AbstractRouteDef]:
    """What apps call."""
    requests = [
        web.get(f"{BASE}/conversation", conversation.show),
        *request_routes(BASE, gateway, media),
    ]
    within_origins = gateway.cors(headers=HEADERS).routes(negotiated(requests))
    return list(owned(CHANNEL, [*within_origins, socket_route(BASE, gateway)]))
