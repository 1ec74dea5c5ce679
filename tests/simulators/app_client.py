"""A client of the app protocol: the website's, with the business's own token and a conversation that has cursors."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import aiohttp
import orjson

from tests.simulators.website_client import Json, WebsiteClient, kept_connected


class AppClient(WebsiteClient):
    """One device. ``renew`` gives a token that is good now. Use ``open_app``."""

    base: ClassVar[str] = "/app/v1"

    def __init__(
        self, http: aiohttp.ClientSession, base_url: str, account: str, renew: Callable[[], str], **options: Any
    ) -> None:
        super().__init__(http, base_url, account, **options)
        self._renew = renew
        self._counted = self._counted_to = 0

    async def begin(self, **_: Any) -> Json:
        """A token from the business's own server."""
        self.token = self._renew()
        payload = self.token.split(".")[1]
        user = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
        self.visitor_id = f"u:{user}"
        return {}

    async def conversation(self) -> Json:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self._http.get(f"{self.root}/conversation", headers=headers) as answer:
            answer.raise_for_status()
            shown: Json = await answer.json()
            return shown

    def unread(self) -> int:
        """As a device counts: what it was told as of a head, and what came from others after that."""
        after = [item for item in self.messages if item["seq"] > self._counted_to]
        return self._counted + sum(item["author"]["kind"] != "customer" for item in after)

    async def renew(self, token: str = "") -> None:
        """A new token for the connection that is there."""
        self.token = token or self._renew()
        await self.write({"type": "auth", "token": self.token})

    def _hello(self) -> Json:
        return {**super()._hello(), "version": 1}

    async def _take(self, frame: Json) -> None:
        if "unread" in frame:
            self._counted, self._counted_to = frame["unread"], frame["head"]
        await super()._take(frame)


@asynccontextmanager
async def open_app(
    http: aiohttp.ClientSession, base_url: str, account: str, renew: Callable[[], str], **options: Any
) -> AsyncIterator[AppClient]:
    """A device that is being kept connected."""
    client = AppClient(http, base_url, account, renew, **options)
    await client.begin()
    async with kept_connected(client):
        yield client
