"""The app's API as an OpenAPI document, from the models that check its requests."""

from typing import Any

from aiohttp import web

from yizhan.channels.app import answers
from yizhan.channels.app.devices import DeviceBody
from yizhan.channels.app.facts import BASE, OPENAPI
from yizhan.channels.app.protocol import AppHello
from yizhan.channels.screens import protocol
from yizhan.core.runtime.http import openapi
from yizhan.core.runtime.http.openapi import Operation

OPERATIONS = (
    Operation("get", "/conversation", "Where the conversation stands", answer=answers.ConversationShown),
    Operation(
        "post",
        "/messages",
        "Send a message; repeating a client id sends it once",
        protocol.MessageBody,
        success=202,
        refusals=(400, 413, 422, 429),
        answer=answers.MessageSent,
    ),
    Operation(
        "get",
        "/messages",
        "A page of the transcript, oldest first; with wait, held until there is news",
        query=("after", "before", "limit", "wait"),
        refusals=(400, 422, 429),
        answer=answers.MessagePage,
    ),
    Operation(
        "post",
        "/receipts",
        "The device has, or the customer has read, everything up to a message",
        protocol.ReceiptBody,
        success=204,
        refusals=(400, 422),
    ),
    Operation("post", "/typing", "The customer is typing", success=204),
    Operation("get", "/events", "The socket's frames as server-sent events", query=("after",), refusals=(422, 429)),
    Operation(
        "post",
        "/media",
        "Upload a file to send",
        file=True,
        success=201,
        refusals=(400, 413, 415, 422, 429),
        answer=answers.FileStored,
    ),
    Operation(
        "put",
        "/devices/{device}",
        "Tell this device of messages while the app is closed",
        DeviceBody,
        success=204,
        refusals=(400, 422),
    ),
    Operation("delete", "/devices/{device}", "Tell it no more", success=204),
    Operation("get", "/ws", "The socket; its frames are among the schemas", success=101),
)

API = openapi.Api(
    title="Yizhan app API",
    base=BASE,
    operations=OPERATIONS,
    security={"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    always=(401, 403, 404, 426, 503),
    besides=(
        AppHello,
        protocol.Auth,
        protocol.Send,
        protocol.Delivered,
        protocol.Read,
        protocol.TypingNow,
        protocol.Ping,
        protocol.Resync,
        protocol.TextIn,
        protocol.MediaIn,
        protocol.ChoiceIn,
    ),
)


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return openapi.document(API)


def openapi_route() -> web.RouteDef:
    """``/app/v1/openapi.json``, for everybody."""
    shown = document()

    async def show(_: web.Request) -> web.StreamResponse:
        return web.json_response(shown)

    return web.get(OPENAPI, show)
