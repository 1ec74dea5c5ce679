"""Channels of customers' own screens: the platform is the customer's own browser or app."""

import io
import uuid
from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import aiohttp
import orjson

from tests.channels.conformance.harness import (
    ACCOUNT,
    AsksToRetry,
    ClosesWindow,
    CountsMessages,
    Degrades,
    ExpiresTokens,
    LinksFiles,
    LosesAnswers,
    Refuses,
    Shown,
    Told,
)
from tests.channels.conformance.stand import SECRET
from tests.channels.waiting import until
from tests.simulators.website_client import WebsiteClient
from yizhan.core.messages.address import Address

NO_PROVIDER = (
    "no provider stands in between: what is in the transcript reaches the screen, or is fetched when it comes back"
)


@dataclass
class ScreenHarness:
    """What the two have in common."""

    channel: ClassVar[str]
    base: ClassVar[str]
    """What an account's address begins with."""

    inapplicable: ClassVar[Mapping[type, str]] = {
        Degrades: "our own client shows every kind of content",
        LinksFiles: "our own client shows files with a button to save them",
        AsksToRetry: NO_PROVIDER,
        ExpiresTokens: NO_PROVIDER,
        ClosesWindow: "a customer can be written to at any time",
        CountsMessages: "a customer can be written to as often as one likes",
        Refuses: NO_PROVIDER,
        LosesAnswers: NO_PROVIDER,
    }

    idempotent: ClassVar[bool] = True

    told: list[Told] = field(default_factory=list)
    people: list["Visitor"] = field(default_factory=list)
    url: str = ""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as self._stack:
            self.http = await self._stack.enter_async_context(aiohttp.ClientSession())
            await self._set_up(self._stack)
            yield

    async def _set_up(self, stack: AsyncExitStack) -> None:
        """What the channel needs besides."""

    @abstractmethod
    async def _client(self, stack: AsyncExitStack) -> WebsiteClient:
        """Another customer's, connected."""

    def reached_at(self, url: str) -> None:
        self.url = url

    async def person(self) -> "Visitor":
        visitor = Visitor(self, await self._client(self._stack))
        self.people.append(visitor)
        return visitor

    async def garbage(self) -> Sequence[Told]:
        visitor = await self.person()
        token = visitor.client.token
        bodies = (
            b"",
            b"\xff\xfe\x00",
            b"{",
            b"[]",
            b'{"client_id": "x"}',
            b'{"client_id": "x", "content": {"type": "?"}}',
        )
        return [await self.post(token, body) for body in bodies]

    def secrets(self) -> Sequence[str]:
        return (SECRET, *(visitor.client.token for visitor in self.people if visitor.client.token))

    def is_turned_away(self, told: Told) -> bool:
        return told.refused

    def fits(self, shown: Shown) -> bool:
        return len(shown.text) <= 1_000_000

    def breaches(self) -> Sequence[str]:
        return [breach for visitor in self.people for breach in visitor.client.breaches]

    def acknowledges(self, told: Told) -> bool:
        return told.taken

    async def post(self, token: str, body: bytes, within: float = 20.0, account: str = ACCOUNT) -> Told:
        """One request that sends a message."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        limit = aiohttp.ClientTimeout(total=within)
        url = f"{self.url}{self.base}/{account}/messages"
        try:
            async with self.http.post(url, data=body, headers=headers, timeout=limit) as answer:
                told = Told(answer.status, await answer.text(), answer.status == 202)
        except (aiohttp.ClientError, TimeoutError, OSError):
            told = Told(0, "", False)
        self.told.append(told)
        return told


@dataclass
class Visitor:
    harness: ScreenHarness
    client: WebsiteClient

    @property
    def address(self) -> Address:
        return Address("default", self.harness.channel, ACCOUNT, self.client.visitor_id)

    def letter(self, text: str) -> "Request":
        return Request(self, text)

    async def says(self, text: str) -> None:
        await self._sends({"type": "text", "text": text})

    async def shows(self, picture: bytes) -> None:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", io.BytesIO(picture), filename="picture.png", content_type="image/png")
        url = f"{self.client.root}/media"
        headers = {"Authorization": f"Bearer {self.client.token}"}
        async with self.harness.http.post(url, data=form, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            media = (await answer.json())["media"]
        await self._sends({"type": "image", "media": {"id": media["id"]}})

    async def chooses(self, label: str, number: int) -> None:
        menu = next(message["content"] for message in reversed(self._said()) if message["content"]["type"] == "menu")
        option = next(option for option in menu["options"] if option["label"] == label)
        await self._sends(
            {"type": "choice", "menu_id": menu["menu_id"], "option_id": option["id"], "label": option["label"]}
        )

    def screen(self) -> list[Shown]:
        return [self._shown(message["content"]) for message in self._said()]

    async def picture(self, number: int) -> bytes:
        async with self.harness.http.get(self._said()[number]["content"]["media"]["url"]) as answer:
            assert answer.status == 200
            return await answer.read()

    async def _sends(self, content: dict[str, Any]) -> None:
        client_id = await self.client.send(content)
        await until(lambda: client_id in self.client.answers)
        assert self.client.answers[client_id]["type"] == "accepted", self.client.answers[client_id]

    def _said(self) -> list[dict[str, Any]]:
        return [message for message in self.client.messages if message["author"]["kind"] != "customer"]

    def _shown(self, content: dict[str, Any]) -> Shown:
        if content["type"] == "menu":
            return Shown(content["prompt"], tuple(option["label"] for option in content["options"]))
        return Shown(content.get("text", ""), picture=content["type"] == "image")


class Request:
    """A message by a plain request, as an app sends it that keeps no socket."""

    def __init__(self, visitor: Visitor, text: str) -> None:
        self.text = text
        self._visitor = visitor
        self._body = orjson.dumps({"client_id": str(uuid.uuid4()), "content": {"type": "text", "text": text}})

    async def write(self) -> None:
        """A browser has no log that could be asked."""

    async def push(self, within: float = 20.0) -> Told:
        return await self._visitor.harness.post(self._visitor.client.token, self._body, within)

    async def forged(self) -> Told:
        token = self._visitor.client.token
        head, _, signature = token.rpartition(".")
        return await self._visitor.harness.post(f"{head}.{signature[::-1]}", self._body)

    async def misdirected(self) -> Told:
        return await self._visitor.harness.post(self._visitor.client.token, self._body, account="nobody")
