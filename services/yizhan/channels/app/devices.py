"""A customer's devices: where they are told of messages while the app is closed."""

import re
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.protocol import Strict
from yizhan.channels.store import devices
from yizhan.channels.store.devices import DeviceRow
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http import FieldProblem, invalid_fields, not_found, read_json
from yizhan.core.store.database import Database

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_APNS = re.compile(r"[0-9A-Fa-f]{64,200}")

Line = Annotated[str, StringConstraints(max_length=64, pattern=r"^[\x20-\x7e]*$")]


class DeviceBody(Strict):
    """``token`` is what the push service gave the app on this device; ``environment`` counts for APNs."""

    platform: Literal["apns", "fcm", "hook"]
    token: str = Field(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")
    app_version: Line = ""
    locale: str = Field("", max_length=35, pattern=r"^[A-Za-z0-9-]*$")
    environment: Literal["production", "sandbox"] = "production"


class DeviceHandlers:
    """``PUT`` and ``DELETE /app/v1/{account}/devices/{device}``. A device is its customer's: nobody else's can be named."""

    def __init__(self, gateway: Gateway, database: Database, clock: Clock) -> None:
        self._gateway = gateway
        self._database = database
        self._clock = clock

    async def put(self, request: web.Request) -> web.StreamResponse:
        visitor = await self._gateway.bearer(request)
        body = await read_json(request, DeviceBody)
        if body.platform == "apns" and not _APNS.fullmatch(body.token):
            raise invalid_fields([FieldProblem("token", "must be the device token of APNs in hexadecimal")])
        row = DeviceRow(
            address_key=visitor.address.key(),
            device=_device(request),
            account=visitor.address.account,
            platform=body.platform,
            token=body.token,
            environment=body.environment,
            app_version=body.app_version,
            locale=body.locale or visitor.locale,
            put_at=self._clock(),
        )
        async with self._database.begin() as tx:
            await devices.put(tx, row)
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """As when the user signs out: this device is told nothing any more."""
        visitor = await self._gateway.bearer(request)
        async with self._database.begin() as tx:
            if not await devices.remove(tx, visitor.address.key(), _device(request)):
                raise not_found("unknown_device", "There is no such device")
        return web.Response(status=204)


def _device(request: web.Request) -> str:
    device = request.match_info["device"]
    if not _ID.fullmatch(device):
        raise not_found("unknown_device", "There is no such device")
    return device
