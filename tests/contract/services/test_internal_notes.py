"""Notes of colleagues on a real database, and every way in which a customer might come upon one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.test_writer import Desk, address, said, told
from tests.simulators.website_client import open_client
from yizhan.assembly import answer_grpc, answer_http, open_core
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import Accounts
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.channels.website import service as website
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, Publication
from yizhan.core.bus.topology import CONSOLE_LIVE, Exchange
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.core.store.database import Database
from yizhan.dialogue import service as dialogue, store
from yizhan.dialogue.conversations_api import ConversationsApi
from yizhan.dialogue.store.tables import conversations
from yizhan.pb.v1 import conversations_pb2 as pb
from yizhan.pb.v1.envelope_pb2 import Envelope

SECRET = "此人要投诉到底"
NOTE = k.Note("agent-9", "小周", c.Text(SECRET), "client-1")
CONTEXT: Any = None


async def listed(database: Database, customer: str, after: int = 0, limit: int = 0) -> pb.ListNotesResponse:
    """What agents' screens are given."""
    async with database.read() as tx:
        found = await store.conversation_by_address(tx, address(customer))
    assert found is not None
    asked = pb.ListNotesRequest(workspace="shop", conversation_id=found.id, after=after, limit=limit)
    return await ConversationsApi(database).ListNotes(asked, CONTEXT)


async def test_notes_stand_between_messages_whose_sequence_has_no_gap(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = Desk.on(database, bus, clock)
    await desk.take(said("v:1", "发货"), told("v:1", NOTE, 0), told("v:1", replace(NOTE, whisper_to="agent-1"), 7))
    await desk.take(said("v:1", "发货"), told("v:1", NOTE, 0))
    assert [message.seq for message in await desk.transcript("v:1")] == [1, 2, 3, 4]
    found = await listed(database, "v:1")
    places = [(note.seq, note.number, note.whisper_to) for note in found.notes]
    assert places == [(2, 1, ""), (2, 2, "agent-1"), (4, 3, "")]
    assert {(note.text, note.author_name, note.session) for note in found.notes} == {(SECRET, "小周", 1)}


async def test_a_screen_that_was_away_catches_up_by_its_cursor(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = Desk.on(database, bus, clock)
    await desk.take(said("v:1", "发货"), *(told("v:1", NOTE, 0) for _ in range(5)))
    seen, after = [], 0
    while True:
        page = await listed(database, "v:1", after, 2)
        seen += [note.number for note in page.notes]
        after = page.notes[-1].number if page.notes else after
        if not page.more:
            break
    assert seen == [1, 2, 3, 4, 5]
    assert (await listed(database, "v:1", 5)).last_number == 5


async def test_a_note_that_is_handed_in_twice_is_written_once(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = Desk.on(database, bus, clock)
    await desk.take(said("v:1", "发货"), told("v:1", NOTE, 0, id="note-1"))
    await desk.take(told("v:1", NOTE, 0, id="note-1"))
    assert [note.id for note in (await listed(database, "v:1")).notes] == ["note-1"]


async def test_other_workspaces_do_not_see_that_a_conversation_exists(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = Desk.on(database, bus, clock)
    await desk.take(said("v:1", "发货"), told("v:1", NOTE, 0))
    asked = pb.ListNotesRequest(workspace="rival", conversation_id=(await desk.conversation("v:1")).id)
    with pytest.raises(RpcProblem) as refused:
        await ConversationsApi(database).ListNotes(asked, CONTEXT)
    assert refused.value.status is grpc.StatusCode.NOT_FOUND


async def test_text_that_a_database_does_not_take_is_no_reason_to_stop(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = Desk.on(database, bus, clock)
    strange = k.Note("a" * 90, "名" * 300, c.Text("前\x00后"), "i" * 900, "w" * 90)
    await desk.take(said("v:1", "发货"), told("v:1", strange, 0))
    (note,) = (await listed(database, "v:1")).notes
    assert (note.text, len(note.author_id), len(note.author_name)) == ("前后", 36, 100)


async def test_what_channels_may_ask_of_dialogue_never_holds_a_note(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = Desk.on(database, bus, clock)
    await desk.take(told("v:1", NOTE, 0), said("v:1", "转人工"), told("v:1", NOTE, 0), told("v:1", NOTE, 0))
    api, where = ConversationsApi(database), address_to_proto(address("v:1"))
    after = await api.ListMessages(pb.ListMessagesRequest(workspace="shop", address=where), CONTEXT)
    before = await api.ListMessages(pb.ListMessagesRequest(workspace="shop", address=where, before_seq=99), CONTEXT)
    one = await api.GetConversation(pb.GetConversationRequest(workspace="shop", address=where), CONTEXT)
    box = await api.ListConversations(pb.ListConversationsRequest(workspace="shop"), CONTEXT)
    heads = await api.GetHeads(pb.GetHeadsRequest(addresses=[where]), CONTEXT)
    assert [SECRET.encode() in answer.SerializeToString() for answer in (after, before, one, box, heads)] == [False] * 5
    assert after.last_seq == heads.heads[0].last_seq == len(after.messages) == len(before.messages)
    assert not any(SECRET.encode() in item.envelope.SerializeToString() for item in bus.published)
    assert {key for key, hint in bus.announced if SECRET.encode() in hint.SerializeToString()} == {CONSOLE_LIVE}


async def test_the_version_before_goes_on_writing_conversations(database: Database) -> None:
    """It knows nothing of the new columns; its rows are those of conversations without notes."""
    new = {"last_note", "told_wait"}
    values = {column.name: _some(column.type.python_type) for column in conversations.columns if not column.nullable}
    async with database.begin() as tx:
        await tx.execute(
            conversations.insert().values({name: value for name, value in values.items() if name not in new})
        )
    async with database.read() as tx:
        row = (await tx.execute(conversations.select())).mappings().one()
    assert (row["last_note"], row["told_wait"]) == (0, 0)


def _some(kind: type) -> object:
    return {str: "x", int: 1, bool: False}.get(kind, NOON)


@dataclass
class Overheard:
    """The real bus, with a note of what goes to channels."""

    bus: Bus
    published: list[Publication] = field(default_factory=list)
    announced: list[tuple[str, Envelope]] = field(default_factory=list)

    async def publish(self, publications: Sequence[Publication]) -> None:
        self.published += publications
        await self.bus.publish(publications)

    async def announce(self, key: str, hints: Sequence[Envelope]) -> None:
        self.announced += [(key, hint) for hint in hints]
        await self.bus.announce(key, hints)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bus, name)

    def outbound(self, channel: str) -> list[Envelope]:
        return [
            item.envelope
            for item in self.published
            if item.exchange is Exchange.OUTBOUND and item.key.startswith(f"{channel}.")
        ]

    async def until(self, met: Callable[[], bool]) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(20):
            while not met():
                await asyncio.sleep(0.02)


@dataclass
class Shop:
    """dialogue and the website channel over a real bus and gRPC."""

    url: str
    http: aiohttp.ClientSession
    bus: Overheard
    partitions: int

    async def command(self, customer: Address, kind: k.CommandKind) -> None:
        command = k.Command(new_id(), customer, NOON, kind)
        await self.bus.bus.publish([envelopes.inbound(command, self.partitions)])

    def has_noted(self, count: int) -> bool:
        """Whether so many notes have reached agents' screens, and so are stored."""
        return count == sum(hint.live.HasField("noted") for key, hint in self.bus.announced if key == CONSOLE_LIVE)


@asynccontextmanager
async def open_shop(home: Path) -> AsyncIterator[Shop]:
    settings = EmbeddedSettings(
        home=home, secret="test-key-" + "k" * 40, http_port=0, grpc_port=0, http_host="127.0.0.1", grpc_host="127.0.0.1"
    )
    async with AsyncExitStack() as stack:
        life = await stack.enter_async_context(Lifespan(drain_seconds=5.0))
        opened = await open_core(life, settings, "yizhan", ())
        bus = Overheard(opened.bus)
        core = replace(opened, bus=bus)
        sealer = account_sealer(settings.keyring)
        await Accounts(core.database, ACCOUNT_SETTINGS, core.clock, sealer).add("default", "website", "demo")
        behind = [await dialogue.start(life, settings, core)]
        port = await answer_grpc(life, settings, core, behind)
        front = settings.model_copy(update={"dialogue_address": f"127.0.0.1:{port}"})
        parts = [await website.start(life, front, core), *behind]
        http_port = await answer_http(life, settings, core, "yizhan", parts)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Shop(f"http://127.0.0.1:{http_port}", http, bus, settings.partitions)


@pytest.fixture
async def shop(home: Path) -> AsyncIterator[Shop]:
    async with open_shop(home) as opened:
        yield opened


async def test_no_way_of_the_website_client_leads_to_a_note(shop: Shop) -> None:
    """A note before the first word, in the midst, and while a poll is held; then the customer goes on."""
    async with open_client(shop.http, shop.url, "demo") as visitor:
        await visitor.say("转人工")
        await visitor.reached(2)
        customer = Address("default", "website", "demo", visitor.visitor_id)
        head = visitor.cursor
        root, headers = visitor.root, {"Authorization": f"Bearer {visitor.token}"}
        stream = await shop.http.get(f"{root}/events?after=0", headers=headers)
        held = asyncio.create_task(_text(shop, f"{root}/messages?after={head}&wait=25", headers))
        for number in (1, 2, 3):
            await shop.command(customer, NOTE)
            await shop.bus.until(partial(shop.has_noted, number))
        assert visitor.cursor == head, "nothing has come"
        assert not held.done(), "a note does not end a poll that is held"
        await visitor.say("还在吗")
        await visitor.reached(head + 1)
        polled = await held
        streamed = await _until_seq(stream, head + 1)
        stream.close()
        pages = [
            await _text(shop, f"{root}/messages?after=0", headers),
            await _text(shop, f"{root}/messages?before=99", headers),
        ]
        assert visitor.breaches == []
        assert [message["seq"] for message in visitor.messages] == list(range(1, head + 2))
        async with open_client(shop.http, shop.url, "demo", session={"token": visitor.token}) as second:
            await second.reached(head + 1)
            assert second.ready["head"] == head + 1
            frames = [*visitor.frames, *visitor.messages, *second.frames, *second.messages]
        read = [polled, streamed, *pages, str(frames)]
        assert [SECRET in text or "小周" in text for text in read] == [False] * len(read)
        assert "还在吗" in polled, "the poll ended with what the customer may read"


@pytest.mark.parametrize("channel", ["website", "wechat"])
async def test_nothing_on_its_way_to_a_channel_holds_a_note(shop: Shop, channel: str) -> None:
    customer = Address("default", channel, "demo", "v:77")
    question = Message(new_id(), customer, Author(AuthorKind.CUSTOMER, "v:77"), c.Text("转人工"), NOON, dedupe_key="1")
    await shop.bus.bus.publish([envelopes.inbound(question, shop.partitions, producer="test-1")])
    await shop.bus.until(lambda: len(shop.bus.outbound(channel)) == 1)
    await shop.command(customer, NOTE)
    await shop.command(customer, replace(NOTE, whisper_to="agent-1"))
    await shop.bus.until(partial(shop.has_noted, 2))
    follow = replace(question, id=new_id(), dedupe_key="2", content=c.Text("在吗"))
    await shop.bus.bus.publish([envelopes.inbound(follow, shop.partitions, producer="test-1")])

    def appended() -> list[int]:
        hints = [hint.live for key, hint in shop.bus.announced if key == channel and hint.live.HasField("appended")]
        return [hint.appended.message.seq for hint in hints]

    await shop.bus.until(lambda: len(appended()) == 3)
    assert appended() == [1, 2, 3], "the customer's sequence has no gap"
    hints = [hint for key, hint in shop.bus.announced if key != CONSOLE_LIVE]
    envelopes_out = [*shop.bus.outbound(channel), *(item.envelope for item in shop.bus.published), *hints]
    assert not any(SECRET.encode() in one.SerializeToString() for one in envelopes_out)


async def _text(shop: Shop, url: str, headers: dict[str, str]) -> str:
    async with shop.http.get(url, headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


async def _until_seq(stream: aiohttp.ClientResponse, seq: int) -> str:
    """What an event stream brings up to a message. Raises TimeoutError."""
    read = b""
    async with asyncio.timeout(20):
        while f'"seq":{seq},'.encode() not in read:
            read += await stream.content.readany()
    return read.decode()
