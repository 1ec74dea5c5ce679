"""A client of the console's API, as an agent's screen or a business's own integration uses it.

It signs in, keeps the live feed open, follows transcripts by cursor, and asks again after a gap or a reconnect.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

Json = dict[str, Any]

COOKIE = "yizhan_session"
API = "/api/v1"
BACKOFF = 0.2
MOST_WAITS = 3
PAGE = 100


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person; serves any number of clients."""

    cookie: str
    csrf: str
    user: Json


class Refused(Exception):
    """The API said no: the status, the code of the problem, and the problem itself."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(status, problem.get("code"), problem.get("title"))
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))


class ConsoleClient:
    """One person's screen. Use ``open_console`` for one with a live feed."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, session: Session | None = None) -> None:
        self._http = http
        self.base_url = base_url
        self._session = session
        self.frames: list[Json] = []
        """Everything that came over the live feed, oldest first."""
        self.transcripts: dict[str, list[Json]] = {}
        """What the screen shows of the followed conversations."""
        self.connections = 0
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._changed = asyncio.Event()

    @property
    def session(self) -> Session:
        assert self._session is not None, "sign in first"
        return self._session

    @property
    def user_id(self) -> str:
        return str(self.session.user["id"])

    async def sign_in(self, username: str, password: str) -> Session:
        """Raises Refused: 401 ``bad_credentials``, 423 ``locked``."""
        body = {"username": username, "password": password}
        async with self._http.post(f"{self.base_url}{API}/session", json=body) as answer:
            said = await self._read(answer)
            self._session = Session(answer.cookies[COOKIE].value, said["csrf"], said["user"])
        return self._session

    async def get(self, path: str, **query: Any) -> Json:
        return await self.call("GET", path, params={name: str(value) for name, value in query.items()})

    async def post(self, path: str, **body: Any) -> Json:
        return await self.call("POST", path, json=body)

    async def call(self, method: str, path: str, **options: Any) -> Json:
        """The answer's JSON, empty for 204. Waits where it is asked to slow down. Raises Refused."""
        for _ in range(MOST_WAITS):
            async with self._http.request(
                method, f"{self.base_url}{API}{path}", headers=self._headers(), **options
            ) as answer:
                if answer.status != 429:
                    return await self._read(answer)
                await asyncio.sleep(float((await answer.json())["retry_after"]))
        raise TimeoutError(f"{method} {path} is limited")

    async def upload(self, path: str, name: str, data: bytes, **query: Any) -> Json:
        """A file in the multipart field that the API expects."""
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name)
        return await self.call("POST", path, data=form, params={name: str(value) for name, value in query.items()})

    async def appear(self, state: str) -> None:
        """Be online, away or offline."""
        await self.post("/presence", state=state)

    async def offered(self, within: float = 60.0) -> Json:
        """The first offer. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not (items := (await self.get("/offers"))["items"]):
                await self._news()
        return items[0]

    async def accept(self, offer: Json) -> str:
        """Take an offered conversation and follow it; gives its id."""
        conversation_id = str((await self.post(f"/offers/{offer['id']}/accept"))["conversation_id"])
        await self.follow(conversation_id)
        return conversation_id

    async def conversation(self, conversation_id: str) -> Json:
        shown: Json = (await self.get(f"/conversations/{conversation_id}"))["conversation"]
        return shown

    async def in_state(self, conversation_id: str, state: str, within: float = 60.0) -> Json:
        """The conversation as soon as it is in this state. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while (shown := await self.conversation(conversation_id))["state"] != state:
                await self._news()
        return shown

    async def say(self, conversation_id: str, text: str, *, client_id: str = "") -> str:
        """Gives the client id; the message is durable then, and shown when it comes back."""
        return await self.send(conversation_id, {"type": "text", "text": text}, client_id=client_id)

    async def send(self, conversation_id: str, content: Json, *, client_id: str = "") -> str:
        shown = await self.in_state(conversation_id, "assigned")
        client_id = client_id or str(uuid.uuid4())
        await self.post(
            f"/conversations/{conversation_id}/messages", client_id=client_id, epoch=shown["epoch"], content=content
        )
        return client_id

    async def act(self, conversation_id: str, action: str) -> None:
        """``close`` or ``return``."""
        shown = await self.in_state(conversation_id, "assigned")
        await self.post(f"/conversations/{conversation_id}/{action}", epoch=shown["epoch"])

    async def leave(self) -> None:
        """Be offline with nothing in hand: close every conversation that is still open here."""
        await self.appear("offline")
        for shown in (await self.get("/conversations", box="mine"))["items"]:
            try:
                await self.post(f"/conversations/{shown['id']}/close", epoch=shown["epoch"])
            except Refused as refused:
                if refused.status != 409:  # it is closed already
                    raise

    async def follow(self, conversation_id: str) -> None:
        """Show a conversation's transcript and keep it up to date."""
        self.transcripts.setdefault(conversation_id, [])
        await self._watch()
        await self._catch_up(conversation_id)

    def texts(self, conversation_id: str, author: str | None = None) -> list[str]:
        """The words of a followed transcript, of one kind of author or of all."""
        shown = [m for m in self.transcripts[conversation_id] if author in (None, m["author"]["kind"])]
        return [message["content"].get("text", "") for message in shown]

    def last(self, conversation_id: str, text: str) -> Json:
        """The last message of a followed transcript with this text; empty while it is not there."""
        found = [item for item in self.transcripts[conversation_id] if item["content"].get("text") == text]
        return found[-1] if found else {}

    async def until(self, met: Callable[[], bool], within: float = 60.0) -> None:
        """Returns when ``met()``; looked at after every frame. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not met():
                await self._news()

    async def run(self) -> None:
        """Keep the live feed open, until cancelled. Raises Refused when signed out."""
        while True:
            try:
                async with self._http.ws_connect(
                    f"{self.base_url}{API}/live", headers=self._headers(), heartbeat=None
                ) as socket:
                    self._socket = socket
                    async for message in socket:
                        await self._take(orjson.loads(message.data))
                if socket.close_code == 4401:
                    raise Refused(401, {"code": "signed_out"})
            except aiohttp.WSServerHandshakeError as error:
                raise Refused(error.status, {"code": "handshake"}) from error
            except (aiohttp.ClientError, ConnectionError):
                pass
            finally:
                self._socket = None
            await asyncio.sleep(BACKOFF)

    async def ping(self) -> None:
        """Be heard of, as an open screen is every few seconds."""
        await self._write({"type": "ping"})

    async def _take(self, frame: Json) -> None:
        self.frames.append(frame)
        match frame["type"]:
            case "hello":
                self.connections += 1
                await self._watch()
                await self._catch_up_all()
            case "gap":
                await self._catch_up_all()
            case "message" if frame["conversation_id"] in self.transcripts:
                await self._place(frame["conversation_id"], frame["message"])
            case "receipt" if frame["conversation_id"] in self.transcripts:
                self._mark(frame)
        self._changed.set()

    def _mark(self, frame: Json) -> None:
        """What became of one message; "delivered" and "read" mean all before it, too, and are looked up when needed."""
        for message in self.transcripts[frame["conversation_id"]]:
            if message["seq"] == frame["seq"]:
                message |= {"receipt": frame["state"], "receipt_reason": frame["reason"]}

    async def _place(self, conversation_id: str, message: Json) -> None:
        shown = self.transcripts[conversation_id]
        head = shown[-1]["seq"] if shown else 0
        if message["seq"] == head + 1:
            shown.append(message)
        elif message["seq"] > head:
            await self._catch_up(conversation_id)

    async def _catch_up_all(self) -> None:
        for conversation_id in list(self.transcripts):
            await self._catch_up(conversation_id)

    async def _catch_up(self, conversation_id: str) -> None:
        shown = self.transcripts[conversation_id]
        more = True
        while more:
            head = shown[-1]["seq"] if shown else 0
            page = await self.get(f"/conversations/{conversation_id}/messages", after=head, limit=PAGE)
            shown += [message for message in page["messages"] if message["seq"] > (shown[-1]["seq"] if shown else 0)]
            more = page["more"] and bool(page["messages"])
        self._changed.set()

    async def _watch(self) -> None:
        await self._write({"type": "watch", "conversation_ids": list(self.transcripts)})

    async def _write(self, frame: Json) -> None:
        if self._socket is not None:
            await self._socket.send_str(orjson.dumps(frame).decode())

    async def _news(self) -> None:
        """Returns at the next frame, or soon after: what is waited for may not be on the live feed."""
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), 0.3)
        except TimeoutError:
            pass

    def _headers(self) -> dict[str, str]:
        if self._session is None:
            return {}
        return {"Cookie": f"{COOKIE}={self._session.cookie}", "X-CSRF-Token": self._session.csrf}

    async def _read(self, answer: aiohttp.ClientResponse) -> Json:
        body: Json = orjson.loads(await answer.read() or b"{}")
        if answer.status >= 400:
            raise Refused(answer.status, body)
        return body


@asynccontextmanager
async def open_console(http: aiohttp.ClientSession, base_url: str, session: Session) -> AsyncIterator[ConsoleClient]:
    """A signed-in screen whose live feed is kept open."""
    client = ConsoleClient(http, base_url, session)
    running = asyncio.create_task(client.run(), name="console client")
    try:
        await client.until(lambda: client.connections > 0 or running.done())
        if running.done():
            running.result()
        yield client
    finally:
        running.cancel()
        await asyncio.wait({running})
