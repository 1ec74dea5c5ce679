"""An agent on the console, as the web app keeps its screen: told by the live feed, asking again only after a gap or a return.

Nothing is polled. What the feed fails to tell, and what is not asked for after a return, this agent never sees.
"""

import asyncio
import random
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import aiohttp
import orjson

from tests.faults.agents import Away, Gone, Held
from tests.simulators.console_client import API, COOKIE, ConsoleClient, Json, Refused

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.6, 5.0
"""Seconds, as in the web app's ``connection.ts``."""
CALL_SECONDS = 15.0
LOOK_AGAIN_SECONDS = 2.0
NOT_MINE = frozenset({"not_yours", "stale_epoch", "offer_gone"})


@dataclass(slots=True, eq=False)
class OverConsole:
    """``run`` keeps the screen; the worker sees what is on it. ``returns``: how often the line was up."""

    http: aiohttp.ClientSession
    api: ConsoleClient
    random: random.Random
    returns: int = 0
    _offers: list[str] = field(default_factory=list)
    _held: dict[str, int] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    """Offers that frames told of while the list was on its way: they know better."""
    _doubtful: set[str] = field(default_factory=set)
    """Conversations of which the gateway said that this screen's picture is old."""
    _online: bool = False
    _socket: aiohttp.ClientWebSocketResponse | None = None

    async def run(self) -> None:
        """Until cancelled: comes back whenever the line is lost."""
        attempt = 0
        headers = {"Cookie": f"{COOKIE}={self.api.session.cookie}"}
        while True:
            try:
                async with self.http.ws_connect(f"{self.api.base_url}{API}/live", headers=headers) as socket:
                    attempt = 0
                    await self._read(socket)
            except (aiohttp.ClientError, ConnectionError, TimeoutError):
                pass  # it was killed, or is not up yet
            attempt += 1
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
            await asyncio.sleep(longest / 2 * (1 + self.random.random()))

    async def beat(self) -> None:
        if not self._online:
            await self._asked(self.api.appear("online"))
            self._online = True
        if self._socket is not None:
            try:
                await self._socket.send_str('{"type":"ping"}')
            except ConnectionError as error:
                raise Away from error

    async def offers(self) -> Sequence[str]:
        return list(self._offers)

    async def held(self) -> Sequence[Held]:
        for conversation_id in list(self._doubtful):
            await self._look_again(conversation_id)
        return [Held(conversation_id, epoch) for conversation_id, epoch in self._held.items()]

    async def accept(self, offer_id: str) -> None:
        try:
            taken = await self._asked(self.api.post(f"/offers/{offer_id}/accept"))
        except Gone:
            self._drop(offer_id)
            raise
        self._drop(offer_id)
        self._owns(taken["conversation_id"], taken["epoch"])

    async def say(self, held: Held, client_id: str, text: str) -> None:
        content = {"type": "text", "text": text}
        await self._of(held, "messages", client_id=client_id, epoch=held.epoch, content=content)

    async def close(self, held: Held) -> None:
        await self._of(held, "close", epoch=held.epoch)

    async def _of(self, held: Held, action: str, **body: object) -> None:
        try:
            await self._asked(self.api.post(f"/conversations/{held.conversation_id}/{action}", **body))
        except Gone:
            self._doubtful.add(held.conversation_id)
            raise

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        looking: asyncio.Task[None] | None = None
        self._socket = socket
        try:
            async for message in socket:
                frame: Json = orjson.loads(message.data)
                if frame["type"] in ("hello", "gap"):
                    self.returns += frame["type"] == "hello"
                    if looking is not None:
                        looking.cancel()
                    looking = asyncio.create_task(self._look())
                else:
                    self._take(frame)
        finally:
            self._socket = None
            if looking is not None:
                looking.cancel()
                await asyncio.wait({looking})

    def _take(self, frame: Json) -> None:
        match frame["type"]:
            case "offer":
                offer = frame["offer"]
                self._told.add(offer["id"])
                self._drop(offer["id"])
                if offer["change"] == "made":
                    self._offers.append(offer["id"])
            case "conversation" if "state" in frame["conversation"]:
                self._stands(frame["conversation"])
            case "refused" if frame["reason"] == "stale_epoch":
                self._doubtful |= {one for one in self._held if one in frame["client_id"]}
            case "presence" if frame["agent_id"] == self.api.user_id:
                self._online = frame["state"] == "online"

    async def _look(self) -> None:
        """Everything that frames may have told while nobody listened; again until there are answers."""
        while True:
            try:
                self._told = set()
                offers = (await self._asked(self.api.get("/offers")))["items"]
                known = [one for one in self._offers if one in self._told]
                self._offers = known + [one["id"] for one in offers if one["id"] not in self._told]
                mine = (await self._asked(self.api.get("/conversations", box="mine")))["items"]
                for one in mine:
                    self._stands(one)
                self._doubtful |= self._held.keys() - {one["id"] for one in mine}
                self._online = (await self._asked(self.api.get("/presence")))["state"] == "online"
                return
            except Away:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _look_again(self, conversation_id: str) -> None:
        self._stands(await self._asked(self.api.conversation(conversation_id)))
        self._doubtful.discard(conversation_id)

    def _stands(self, conversation: Json) -> None:
        """Where a conversation stands; what is older than what this screen knows means nothing."""
        conversation_id, epoch = conversation["id"], conversation["epoch"]
        if epoch < self._held.get(conversation_id, 0):
            return
        agent = conversation["agent"] or {}
        if conversation["state"] == "assigned" and agent.get("id") == self.api.user_id:
            self._owns(conversation_id, epoch)
        else:
            self._held.pop(conversation_id, None)

    def _owns(self, conversation_id: str, epoch: int) -> None:
        self._held[conversation_id] = max(epoch, self._held.get(conversation_id, 0))

    def _drop(self, offer_id: str) -> None:
        self._offers = [one for one in self._offers if one != offer_id]

    async def _asked(self, call: Awaitable[T]) -> T:
        """Raises Away or Gone; Refused for what cannot come of a kill."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await call
        except Refused as refused:
            if refused.code in NOT_MINE:
                raise Gone(refused.code) from refused
            if refused.status >= 500:
                raise Away(refused.code) from refused
            raise
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise Away from error
