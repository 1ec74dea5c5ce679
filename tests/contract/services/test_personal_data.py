"""What is kept about one customer: that nothing is overlooked, that all of it goes, and that a neighbour's stays as it is."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.services.conftest import NOON
from tests.contract.services.customer_bench import Shop
from tests.contract.services.knowledge_bench import BACK, FEE, SHIP, SHOP
from tests.contract.services.personal_bench import (
    AT_ONCE,
    Person,
    StillBus,
    arrive,
    deployment,
    dump,
    fill,
    naming,
    sent,
    tables,
)
from yizhan.core.bus import envelopes
from yizhan.core.bus.batch import pack
from yizhan.core.bus.interface import DeadLetter
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.security.keys import Keyring
from yizhan.core.store.database import Database
from yizhan.core.store.media import MediaStore
from yizhan.core.store.personal import Emptied, Inventory
from yizhan.dialogue.customers.erasing import InTheWay, Request, ServedNow, StillOpen
from yizhan.dialogue.customers.files_in_use import Use
from yizhan.dialogue.customers.problems import UnknownCustomer
from yizhan.dialogue.knowledge.stored import entry_bytes
from yizhan.dialogue.store.knowledge_tables import draft_entries
from yizhan.pb.v1.event_pb2 import DISPOSITION_DUPLICATE
from yizhan.privacy.erasing import TicketsOpen, UnknownErasure, erase, inspect, receipt_of
from yizhan.privacy.exporting import export
from yizhan.privacy.in_flight import StillOnItsWay
from yizhan.privacy.receipt import verified
from yizhan.privacy.stores import INVENTORIES
from yizhan.routing.store.tickets_tables import tickets

ANNA = Address(SHOP, "website", "demo", "u:anna-4711")
ANNA_WECHAT = Address(SHOP, "wechat", "mp", "openid-anna")
BO = Address(SHOP, "website", "demo", "u:bo-0815")
ERASE = Request(by="dpo", reason="she asked", close=True)


@pytest.fixture
async def shop(database: Database) -> Shop:
    """Without a release: nothing here depends on what the assistant knows."""
    return Shop.on(database)


@pytest.fixture
def bus() -> StillBus:
    return StillBus()


async def neighbours(shop: Shop) -> tuple[Person, Person]:
    """Two customers with something in every table."""
    anna = await arrive(shop, ANNA, "annasword")
    bo = await arrive(shop, BO, "bosword")
    for who in (anna, bo):
        await fill(shop.database, who)
    await sent(shop)
    return anna, bo


async def test_every_table_of_every_service_is_in_an_inventory(database: Database) -> None:
    known: list[str] = [name for inventory in INVENTORIES for name in inventory.tables]
    assert len(known) == len(set(known)), "a table is in two inventories"
    there = await tables(database)
    assert there - set(known) == set(), "say in the service's personal.py whom these tables are about"
    assert set(known) - there == set(), "these tables are not there any more"


def test_every_column_of_a_row_that_stays_is_thought_of() -> None:
    for inventory in INVENTORIES:
        for one in inventory.holdings:
            if isinstance(one, Emptied):
                columns = {column.name for column in one.table.columns}
                assert one.changes | one.stays == columns, (
                    f"{one.name}: say which columns of a row that stays are emptied"
                )
                assert not one.changes & one.stays, one.name


def test_a_row_whose_place_does_not_change_cannot_be_said_to_lose_it() -> None:
    """It would find itself there, and be deleted instead of emptied."""
    with pytest.raises(ValueError, match="do not change"):
        Emptied(
            tickets,
            lambda _: tickets.c.id == "t",
            lambda *_: {"title": ""},
            changes=frozenset({"title"}),
            stays=frozenset({"number"}),
            why="figures",
            unique=("number",),
        )


async def test_all_of_one_customer_goes_and_the_neighbours_stays_as_it_is(
    shop: Shop, bus: StillBus, tmp_path: Path
) -> None:
    anna, bo = await neighbours(shop)
    before = await dump(shop.database)
    assert {name for inventory in INVENTORIES for name in (one.name for one in inventory.holdings)} <= set(
        naming(before, anna.traces)
    ), "the test fills every table that holds something"
    bos = {name: [row for row in rows if any(t in repr(row) for t in bo.traces)] for name, rows in before.items()}
    on = deployment(shop, tmp_path, bus)
    receipt = (await erase(on, SHOP, anna.identity_id, ERASE, AT_ONCE)).receipt
    after = await dump(shop.database)
    assert naming(after, anna.traces) == {}
    assert {name: [row for row in rows if row in after[name]] for name, rows in bos.items()} == bos
    assert all(line.found == line.erased + line.emptied for line in receipt.lines)
    assert {line.table for line in receipt.lines} >= {
        "messages",
        "conversations",
        "tickets",
        "cases",
        "ledger",
        "waiting",
    }
    assert all(trace not in receipt.model_dump_json() for trace in anna.traces)
    again = (await erase(on, SHOP, anna.identity_id, ERASE, AT_ONCE)).receipt
    assert (again.found, again.earlier) == (0, receipt.id)
    with pytest.raises(UnknownCustomer):
        await erase(on, SHOP, "nobody", ERASE, AT_ONCE)


async def test_clocks_and_promises_can_still_be_added_up(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    """The contract's report is proved from starts and stops that meet, and from the tickets' deadlines."""
    anna, _ = await neighbours(shop)
    before = await dump(shop.database)
    await erase(deployment(shop, tmp_path, bus), SHOP, anna.identity_id, ERASE, AT_ONCE)
    after = await dump(shop.database)
    holdings = [one for inventory in INVENTORIES for one in inventory.holdings]
    deleted = {one.name for one in holdings if not isinstance(one, Emptied)}
    staying = {one.name for one in holdings} - deleted
    assert staying >= {"ledger", "ratings", "answer_marks", "tickets", "cases", "ticket_events", "routing_decisions"}
    assert {table: len(after[table]) for table in staying} == {table: len(before[table]) for table in staying}
    names = deployment(shop, tmp_path, bus).pseudonyms
    assert names.of(anna.conversation_id) in repr(after["ledger"])
    assert names.of(anna.conversation_id) in repr(after["cases"])


class Killed(Exception):
    """The process died."""


class DyingInventory(Inventory):
    """Its service is never reached."""

    async def erase(self, *_: object) -> Sequence[object]:  # type: ignore[override]
        raise Killed


@pytest.mark.parametrize("reached", [1, 3, 5])
async def test_killed_in_the_middle_it_goes_on_when_asked_again(
    shop: Shop, bus: StillBus, tmp_path: Path, reached: int
) -> None:
    anna, _ = await neighbours(shop)
    dying = [*INVENTORIES[:reached], DyingInventory("dying", (), {})]
    with pytest.raises(Killed):
        await erase(deployment(shop, tmp_path, bus, dying), SHOP, anna.identity_id, ERASE, AT_ONCE)
    on = deployment(shop, tmp_path, bus)
    assert (await inspect(on, SHOP, anna.identity_id, ERASE)).resumes
    receipt = (await erase(on, SHOP, anna.identity_id, replace(ERASE, reason="another"), AT_ONCE)).receipt
    assert receipt.reason == "she asked"
    after = await dump(shop.database)
    assert naming(after, anna.traces) == {}
    assert all(line.found == line.erased + line.emptied for line in receipt.lines)
    assert {line.store for line in receipt.lines} >= {"dialogue", "routing", "metrics", "channels"}


async def killed_after_dialogue(shop: Shop, bus: StillBus, home: Path, customer: str) -> None:
    dying = [*INVENTORIES[:1], DyingInventory("dying", (), {})]
    with pytest.raises(Killed):
        await erase(deployment(shop, home, bus, dying), SHOP, customer, ERASE, AT_ONCE)


async def test_who_writes_again_meanwhile_keeps_what_is_new(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    """An erasure goes on a day after it was killed; since then the customer is back, and is a customer like any other."""
    anna, _ = await neighbours(shop)
    await killed_after_dialogue(shop, bus, tmp_path, anna.identity_id)
    await shop.says(ANNA, "你好")
    await shop.tag(await shop.id_of(ANNA), "new")
    await sent(shop)
    receipt = (await erase(deployment(shop, tmp_path, bus), SHOP, anna.identity_id, ERASE, AT_ONCE)).receipt
    assert receipt.earlier == ""
    assert [one.tag for one in (await shop.card(ANNA)).customer.tags] == ["new"]
    after = await dump(shop.database)
    assert naming(after, [anna.word, anna.conversation_id]) == {}
    again = (await erase(deployment(shop, tmp_path, bus), SHOP, anna.identity_id, ERASE, AT_ONCE)).receipt
    assert again.found > 0, "the new conversation is theirs to have erased"
    assert naming(await dump(shop.database), anna.traces) == {}


async def test_it_goes_on_whichever_of_their_ids_is_given(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    """Linked identities are gone after the first step, so nobody could find them by their links any more."""
    for who in (ANNA, ANNA_WECHAT):
        await shop.says(who, "你好")
    anna, wechat = await shop.id_of(ANNA), await shop.identity_of(ANNA_WECHAT)
    await shop.link(ANNA_WECHAT, anna)
    await sent(shop)
    await killed_after_dialogue(shop, bus, tmp_path, anna)
    receipt = (await erase(deployment(shop, tmp_path, bus), SHOP, wechat, ERASE, AT_ONCE)).receipt
    assert (receipt.earlier, receipt.found > 0) == ("", True)


async def test_a_receipt_that_was_lost_is_shown_again(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    await shop.says(ANNA, "你好")
    anna = await shop.id_of(ANNA)
    await sent(shop)
    on = deployment(shop, tmp_path, bus)
    first = await erase(on, SHOP, anna, ERASE, AT_ONCE)
    assert await receipt_of(on, SHOP, first.receipt.id) == first
    for unknown in (new_id(), anna):
        with pytest.raises(UnknownErasure):
            await receipt_of(on, SHOP, unknown)


async def test_who_is_served_now_is_not_erased_and_an_open_conversation_only_when_told(
    shop: Shop, bus: StillBus, tmp_path: Path
) -> None:
    on = deployment(shop, tmp_path, bus)
    await shop.says(ANNA, "你好")
    anna = await shop.id_of(ANNA)
    with pytest.raises(StillOpen):
        await erase(on, SHOP, anna, replace(ERASE, close=False), AT_ONCE)
    await shop.says(ANNA, "转人工")
    for _ in range(2):  # in the queue, then with an agent
        with pytest.raises(ServedNow):
            await erase(on, SHOP, anna, ERASE, AT_ONCE)
        await shop.told(ANNA, k.Assign("agent-1", "小雅", "a-1"))
    with pytest.raises(InTheWay) as named:
        await erase(on, SHOP, anna, ERASE, AT_ONCE)
    assert [place.agent_name for place in named.value.places] == ["小雅"]
    assert (await shop.conversation(ANNA)).agent_name == "小雅"


async def test_an_open_ticket_is_in_the_way_until_told(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    anna, _ = await neighbours(shop)
    await shop.told(ANNA, k.Close("system", ""))
    await sent(shop)
    async with shop.database.begin() as tx:
        await tx.execute(tickets.update().where(tickets.c.id == anna.ticket_id).values(status="open"))
    on = deployment(shop, tmp_path, bus)
    with pytest.raises(TicketsOpen):
        await erase(on, SHOP, anna.identity_id, replace(ERASE, close=False), AT_ONCE)
    await erase(on, SHOP, anna.identity_id, ERASE, AT_ONCE)


async def test_what_is_still_on_its_way_stops_it_before_anything_has_happened(
    shop: Shop, bus: StillBus, tmp_path: Path
) -> None:
    anna, _ = await neighbours(shop)
    before = await dump(shop.database)
    bus.in_queues = 1
    with pytest.raises(StillOnItsWay):
        await erase(deployment(shop, tmp_path, bus), SHOP, anna.identity_id, ERASE, AT_ONCE)
    assert await dump(shop.database) == before


async def test_a_late_repetition_brings_nothing_back_and_a_new_message_begins_anew(
    shop: Shop, bus: StillBus, tmp_path: Path
) -> None:
    first = Message(
        new_id(), ANNA, Author(AuthorKind.CUSTOMER, ANNA.customer), c.Text("annasword"), NOON, dedupe_key="k-anna"
    )
    await shop.take(first)
    await shop.told(ANNA, k.Close("system", ""))
    old = await shop.conversation(ANNA)
    anna = await shop.id_of(ANNA)
    await sent(shop)
    await erase(deployment(shop, tmp_path, bus), SHOP, anna, ERASE, AT_ONCE)
    await shop.take(replace(first, id=new_id()))  # the platform pushes it once more
    assert [one.message_handled.disposition for one in await sent(shop)] == [DISPOSITION_DUPLICATE], "the books balance"
    rows = await dump(shop.database)
    assert (rows["conversations"], naming(rows, ["annasword", ANNA.customer])) == ([], {})
    await shop.says(ANNA, "你好")
    new = await shop.conversation(ANNA)
    assert (new.id != old.id, new.session, new.customer_name) == (True, 1, "")
    await shop.take(replace(first, id=new_id()))
    assert (await shop.conversation(ANNA)).last_seq == new.last_seq


async def test_linked_identities_go_together_and_anothers_history_keeps_its_shape(
    shop: Shop, bus: StillBus, tmp_path: Path
) -> None:
    for who in (ANNA, ANNA_WECHAT, BO):
        await shop.says(who, "你好")
    anna, bo = await shop.id_of(ANNA), await shop.id_of(BO)
    await shop.link(ANNA_WECHAT, anna)
    await shop.link(BO, anna, force=True, reason="annasword")
    await shop.unlink(BO)
    await sent(shop)
    on = deployment(shop, tmp_path, bus)
    await erase(on, SHOP, anna, ERASE, AT_ONCE)
    assert await shop.whose() == {bo: bo}
    rows = await dump(shop.database)
    assert naming(rows, [anna, ANNA.customer, ANNA_WECHAT.customer, "annasword"]) == {}
    assert len(rows["customer_links"]) == 2
    assert await shop.id_of(BO) == bo


async def test_parked_letters_about_them_go_and_others_stay(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    anna, _ = await neighbours(shop)

    def letter(number: int, who: Address, *, readable: bool = True) -> DeadLetter:
        author = Author(AuthorKind.CUSTOMER, who.customer)
        envelope = envelopes.inbound(Message(new_id(), who, author, c.Text("?"), NOON), 16).envelope
        envelope.published_at.FromDatetime(NOON - timedelta(days=1))
        body = pack((envelope.SerializeToString(),))
        return DeadLetter(f"inbound.0/{number}", "inbound.0", "KeyError", NOON, body, envelope if readable else None)

    bus.letters = [letter(1, ANNA), letter(2, BO), letter(3, ANNA, readable=False), letter(4, BO, readable=False)]
    receipt = (await erase(deployment(shop, tmp_path, bus), SHOP, anna.identity_id, ERASE, AT_ONCE)).receipt
    assert [one.id for one in bus.letters] == ["inbound.0/2", "inbound.0/4"]
    assert [line.erased for line in receipt.lines if line.table == "dead letters"] == [2]


async def test_files_go_but_for_those_that_others_sent_too(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    store = MediaStore("", tmp_path)
    own, common = [await store.put(b"%PDF-1.4\n" + name + b"\n%%EOF", "a.pdf") for name in (b"own", b"common")]
    await shop.says(ANNA, c.File(own), c.File(common))
    await shop.says(BO, c.File(common))
    await shop.told(ANNA, k.Close("system", ""))
    anna = await shop.id_of(ANNA)
    await sent(shop)
    receipt = (await erase(deployment(shop, tmp_path, bus), SHOP, anna, ERASE, AT_ONCE)).receipt
    assert (await store.find(own.media_id), await store.find(common.media_id) is not None) == (None, True)
    assert not [file for file in (tmp_path / "media").rglob("*") if own.media_id in file.name]
    lines = [(line.found, line.erased, line.kept, line.why) for line in receipt.lines if line.store == "media"]
    assert lines == [(1, 1, 0, ""), (1, 0, 1, Use.SENT)]


@pytest.mark.parametrize("where", ["draft", "release"])
async def test_a_file_that_the_assistant_answers_with_stays(
    shop: Shop, bus: StillBus, tmp_path: Path, where: str
) -> None:
    """It was sent to this customer alone; without it the next one would be answered with a file that is not there."""
    guide = await MediaStore("", tmp_path).put(b"%PDF-1.4\nguide\n%%EOF", "guide.pdf")
    entries = (replace(SHIP, attachments=(c.File(guide),)), BACK, FEE)
    async with shop.database.begin() as tx:
        if where == "draft":
            body = entry_bytes(entries[0])
            row = {"workspace": SHOP, "generation": "g", "entry_id": "ship", "place": 1, "body": body, "revision": 1}
            await tx.execute(draft_entries.insert(), [row | {"changed_at": NOON, "changed_by": "e"}])
    if where == "release":
        await shop.knowledge.publish(await shop.knowledge.take(*entries))
    await shop.says(ANNA, c.File(guide))
    await shop.told(ANNA, k.Close("system", ""))
    anna = await shop.id_of(ANNA)
    await sent(shop)
    on = deployment(shop, tmp_path, bus)
    receipt = (await erase(on, SHOP, anna, ERASE, AT_ONCE)).receipt
    assert await on.media.find(guide.media_id) == guide
    lines = [(line.kept, line.why) for line in receipt.lines if line.store == "media"]
    assert lines == [(1, Use.KNOWLEDGE)]


async def test_a_receipt_holds_under_its_secret_and_no_other(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    await shop.says(ANNA, "你好")
    anna = await shop.id_of(ANNA)
    await sent(shop)
    signed = await erase(deployment(shop, tmp_path, bus), SHOP, anna, ERASE, AT_ONCE)
    rotated = Keyring(("n" * 40, "k" * 40))
    assert verified(signed.as_text(), rotated) == signed.receipt


class Kept:
    """Files in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def write(self, path: str, data: bytes) -> None:
        self.files[path] = data


async def test_an_export_holds_everything_that_an_erasure_would_take_and_no_colleague(
    shop: Shop, bus: StillBus, tmp_path: Path
) -> None:
    anna, bo = await neighbours(shop)
    on = deployment(shop, tmp_path, bus)
    file = await on.media.put(b"%PDF-1.4\nannasword\n%%EOF", "letter.pdf")
    await shop.says(ANNA, c.File(file), "<b>annasword</b>")
    await shop.says(ANNA, "转人工")
    await shop.told(ANNA, k.Assign("agent-1", "小雅", "a-1"))
    await shop.told(ANNA, k.Say("agent-1", "小雅", c.Text("我来看看"), new_id()))
    subject, _ = await on.finder.subject(SHOP, anna.identity_id)
    kept = Kept()
    await export(on.database, on.media, on.inventories, subject, kept, now=NOON)
    shown = {one.name for inventory in INVENTORIES for one in inventory.holdings if one.shown is not None}
    assert {path.split(".")[1] for path in kept.files if path.startswith("data/")} == shown
    everything = b"".join(kept.files.values()).decode(errors="replace")
    assert all(trace not in everything for trace in bo.traces)
    assert "agent-1" not in everything
    assert "小雅" in kept.files["transcript.html"].decode()
    assert "&lt;b&gt;annasword" in kept.files["transcript.html"].decode()
    manifest = json.loads(kept.files["manifest.json"])
    assert {one["path"] for one in manifest["files"]} == kept.files.keys() - {"manifest.json"}
    (attachment,) = (path for path in kept.files if path.startswith("attachments/"))
    assert b"annasword" in kept.files[attachment]


async def test_embedded_no_byte_is_left_in_the_file(
    shop: Shop, database: Database, bus: StillBus, tmp_path: Path
) -> None:
    if database.path is None:  # PostgreSQL keeps its pages; docs/customers.md says what to do
        assert not await database.forget_deleted()
        return
    anna, _ = await neighbours(shop)
    on = deployment(shop, tmp_path, bus)
    await erase(on, SHOP, anna.identity_id, ERASE, AT_ONCE)
    left = b"".join(file.read_bytes() for file in database.path.parent.glob(f"{database.path.name}*"))
    assert [trace for trace in anna.traces if trace.encode() in left] == []


async def test_two_who_erase_at_once_are_given_one_erasure(shop: Shop, bus: StillBus, tmp_path: Path) -> None:
    anna, _ = await neighbours(shop)
    on = deployment(shop, tmp_path, bus)
    done = await asyncio.gather(
        *(erase(on, SHOP, anna.identity_id, ERASE, AT_ONCE) for _ in range(2)), return_exceptions=True
    )
    assert any(not isinstance(one, BaseException) for one in done)
    assert len({row[0] for row in (await dump(shop.database))["erasures"]}) == 1
