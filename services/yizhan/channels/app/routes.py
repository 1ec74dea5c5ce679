"""Every address of the app channel."""

from aiohttp import web

from yizhan.channels.app.conversation import ConversationHandlers
from yizhan.channels.app.devices import DeviceHandlers
from yizhan.channels.app.facts import BASE, CHANNEL, HEADERS
from yizhan.channels.app.openapi import openapi_route
from yizhan.channels.app.version import negotiated
from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.routes import request_routes, socket_route
from yizhan.core.runtime.http import owned
from yizhan.core.store.media import MediaStore


def app_routes(
    gateway: Gateway, conversation: ConversationHandlers, devices: DeviceHandlers, media: MediaStore
) -> list[web.AbstractRouteDef]:
    """What apps call."""
    requests = [
        web.get(f"{BASE}/conversation", conversation.show),
        web.put(f"{BASE}/devices/{{device}}", devices.put),
        web.delete(f"{BASE}/devices/{{device}}", devices.delete),
        *request_routes(BASE, gateway, media),
    ]
    within_origins = gateway.cors(headers=HEADERS).routes(negotiated(requests))
    return list(owned(CHANNEL, [*within_origins, socket_route(BASE, gateway), openapi_route()]))
