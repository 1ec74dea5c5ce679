"""A business's own agent system that asks over HTTP: done once, refused by name, and only what is its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from tests.contract.services.attending_line import AGENTS
from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import SHOP, Desk, desk_on
from tests.contract.services.webhook_line import KEYS, Dialogue
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.messages import command as k
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app, open_client, serve
from yizhan.core.runtime.http.outbound import Reach
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.webhook_signing import signed_headers
from yizhan.core.store.database import Database
from yizhan.routing.attending.registry import SystemRegistry
from yizhan.routing.attending.stream import pace_of
from yizhan.routing.attending.webhooks.asking_api import AskingApi
from yizhan.routing.attending.webhooks.couriers import Couriers
from yizhan.routing.attending.webhooks.door import HttpDoor
from yizhan.routing.attending.webhooks.figures import PostFigures
from yizhan.routing.attending.webhooks.greeting import greet
from yizhan.routing.attending.webhooks.means import Means
from yizhan.routing.attending.webhooks.parcel import To
from yizhan.routing.attending.webhooks.post import Poster
from yizhan.routing.attending.webhooks.setup import WebhookSetup, webhook_sealer
from yizhan.routing.store import webhooks
from yizhan.routing.upkeep import lose_silent

Answer = tuple[int, dict[str, Any]]


@dataclass
class System:
    """The shop's system ``own``: its token, its webhook's secret, and where it asks."""

    desk: Desk
    session: aiohttp.ClientSession
    base: str
    token: str
    secret: str
    dialogue: Dialogue

    async def ask(self, key: str = "", *, token: str | None = None, name: str = "own", **asked: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return await self.post(json.dumps(asked).encode(), headers | ({"Idempotency-Key": key} if key else {}), name)

    async def ask_signed(
        self,
        key: str,
        *,
        secret: str = "",
        at: datetime | None = None,
        query: str = "",
        name: str = "own",
        **asked: Any,
    ) -> Answer:
        body = json.dumps(asked).encode()
        headers = signed_headers([secret or self.secret], key, at or self.desk.clock(), body)
        return await self.post(body, dict(headers), name, query)

    async def post(
        self, body: bytes, headers: dict[str, str], name: str = "own", query: str = "?workspace=shop"
    ) -> Answer:
        given = {"Content-Type": "application/json"} | headers
        async with self.session.post(f"{self.base}/attend/v1/{name}{query}", data=body, headers=given) as answer:
            return answer.status, await answer.json(content_type=None)

    async def read(self, conversation: str, token: str | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        address = f"{self.base}/attend/v1/own/conversations/{conversation}/messages?after=1"
        async with self.session.get(address, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def taken(self, conversation: str = "c1") -> dict[str, Any]:
        """A conversation that ann has."""
        assert (await self.ask(f"on:{conversation}", type="presence", agent_id="ann", state="online"))[0] == 200
        await self.desk.wants_human(conversation)
        [offer] = await self.desk.offers("ann")
        status, body = await self.ask(f"take:{conversation}", type="accept", agent_id="ann", offer_id=offer.id)
        assert status == 200, body
        given: dict[str, Any] = body["assignment"]
        return given


def said(given: dict[str, Any], text: str = "您好") -> dict[str, Any]:
    return {
        "type": "say",
        "agent_id": given["agent_id"],
        "conversation_id": given["conversation_id"],
        "epoch": given["epoch"],
        "content": {"type": "text", "text": text},
    }


@pytest.fixture
def registry(database: Database, clock: SteppedClock) -> SystemRegistry:
    return SystemRegistry(database, SHOP, clock)


@pytest.fixture
def setup(database: Database, clock: SteppedClock) -> WebhookSetup:
    return WebhookSetup(database, SHOP, clock, webhook_sealer(KEYS), Reach.PUBLIC)


@pytest.fixture
async def own(
    database: Database, bus: RecordingBus, clock: SteppedClock, registry: SystemRegistry, setup: WebhookSetup
) -> AsyncIterator[System]:
    desk = desk_on(database, bus, clock)
    for agent in AGENTS:
        await desk.agent(agent, state="offline")
    token = await registry.add("own", frozenset(AGENTS), None)
    secret = await setup.put("own", "https://desk.example.com/yizhan")
    metrics, dialogue = Metrics("routing"), Dialogue()
    async with open_client() as session:
        means = Means(
            database=database,
            switchboard=desk.switchboard,
            transcripts=dialogue,
            poster=Poster(session, Reach.PUBLIC, clock),
            sealer=webhook_sealer(KEYS),
            figures=PostFigures(metrics),
            media_url=lambda media: f"/media/{media.media_id}",
            clock=clock,
            new_id=new_id,
            replica="one",
            pace=pace_of(timedelta(seconds=45)),
            chance=lambda: 1.0,
        )
        await greet(means, To(SHOP, "own"))
        api = AskingApi(
            door=HttpDoor(desk.api.admission, database, means.sealer, clock, "default"),
            calls=desk.api,
            couriers=Couriers(means),
            transcripts=dialogue,
            switchboard=desk.switchboard,
            database=database,
            clock=clock,
            media_url=means.media_url,
        )
        app = make_app("routing", metrics=metrics, health=Health("routing"))
        app.add_routes(api.routes())
        async with serve(app, "127.0.0.1", 0, drain=0.1) as port:
            yield System(desk, session, f"http://127.0.0.1:{port}", token, secret, dialogue)


async def test_a_hand_off_from_the_offer_to_the_end(own: System) -> None:
    given = await own.taken()
    assert (given["conversation_id"], given["agent_id"], given["epoch"]) == ("c1", "ann", 3)
    spoken = await own.ask("s1", **said(given))
    noted = await own.ask_signed(
        "n1", type="note", agent_id="ann", conversation_id="c1", text="VIP", query="?workspace=shop"
    )
    typed = await own.ask(type="typing", agent_id="ann", conversation_id="c1")
    closed = await own.ask("x1", type="close", agent_id="ann", conversation_id="c1", epoch=3, reason="done")
    assert [status for status, _ in (spoken, noted, typed, closed)] == [200] * 4
    [word] = own.desk.told(k.Say)
    assert (word.id, word.epoch) == (spoken[1]["message_id"], 3)
    assert [command.id for command in own.desk.told(k.Note)] == [noted[1]["message_id"]]
    assert len(own.desk.told(k.Close)) == 1


async def test_a_request_that_is_sent_again_has_one_effect_and_the_same_answer(own: System) -> None:
    given = await own.taken()
    first = await own.ask("s1", **said(given))
    assert await own.ask("s1", **said(given)) == first
    await own.desk.closed("c1", 4)
    assert await own.ask("s1", **said(given)) == first, "also when it could not be said any more"
    assert len(own.desk.told(k.Say)) == 1


async def test_the_same_request_twice_at_once_is_carried_out_once(own: System) -> None:
    await own.ask("on", type="presence", agent_id="ann", state="online")
    await own.desk.wants_human("c1")
    [offer] = await own.desk.offers("ann")
    asked = {"type": "decline", "agent_id": "ann", "offer_id": offer.id}
    answers = await asyncio.gather(*(own.ask("d1", **asked) for _ in range(5)))
    assert {body.get("code", "") for _, body in answers} <= {"", "under_way"}
    assert (await own.ask("d1", **asked))[0] == 200


REFUSED: Mapping[str, tuple[dict[str, Any], int, str]] = {
    "an epoch that is over": ({"type": "say", "epoch": 2}, 409, "stale_epoch"),
    "a conversation of somebody else": ({"type": "say", "conversation_id": "c9"}, 409, "not_yours"),
    "an agent of somebody else": ({"type": "say", "agent_id": "eve"}, 404, "unknown_agent"),
    "no such content": ({"type": "say", "content": {"type": "sms"}}, 422, "invalid_fields"),
    "a member that is not known": ({"type": "say", "tone": "kind"}, 422, "invalid_fields"),
    "no such request": ({"type": "sing"}, 422, "invalid_fields"),
    "a note elsewhere": ({"type": "note", "conversation_id": "c9", "text": "x"}, 409, "not_yours"),
    "an endless note": ({"type": "note", "conversation_id": "c1", "text": "长" * 2_001}, 422, "note_too_long"),
    "an endless body": ({"type": "note", "conversation_id": "c1", "text": "x" * 70_000}, 413, "too_large"),
    "no such presence": ({"type": "presence", "state": "asleep"}, 422, "unknown_presence"),
    "an offer that is gone": ({"type": "accept", "offer_id": "gone"}, 409, "offer_gone"),
    "handed to nobody": (
        {"type": "transfer", "conversation_id": "c1", "epoch": 3, "to_agent_id": "nobody"},
        404,
        "unknown_agent",
    ),
    "no text that can be stored": (
        {"type": "note", "conversation_id": "c1", "text": "a\0b"},
        422,
        "invalid_fields",
    ),
}


async def test_what_cannot_be_done_is_refused_by_name(own: System) -> None:
    given = await own.taken()
    told = {}
    for number, (name, (asked, _, _)) in enumerate(REFUSED.items()):
        wanted = {"agent_id": "ann"} | (said(given) if asked["type"] == "say" else {}) | asked
        status, body = await own.ask(f"r{number}", **wanted)
        told[name] = (status, body["code"])
    assert told == {name: (status, code) for name, (_, status, code) in REFUSED.items()}
    for key in ("", "x" * 65, "号"):
        status, body = await own.ask(key, **said(given))
        assert (status, body["code"]) == (400, "id_missing"), f"under the key {key!r}"
    assert own.desk.told(k.Say) == own.desk.told(k.Note) == []


UNREADABLE: Mapping[str, tuple[bytes, str, int, str]] = {
    "half a body": (b"{", "application/json", 400, "malformed_json"),
    "bytes that are no text": (b'"\xff"', "application/json", 400, "invalid_utf8"),
    "another shape": (b"[]", "application/json", 422, "invalid_fields"),
    "a form": (b"a=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
}


async def test_a_body_that_cannot_be_read_is_refused_by_name(own: System) -> None:
    told = {}
    for name, (body, kind, _, _) in UNREADABLE.items():
        headers = {"Authorization": f"Bearer {own.token}", "Content-Type": kind, "Idempotency-Key": "b1"}
        status, answer = await own.post(body, headers)
        told[name] = (status, answer["code"])
    assert told == {name: (status, code) for name, (_, _, status, code) in UNREADABLE.items()}


async def test_a_token_opens_its_own_system_alone_and_only_while_it_is_good(
    own: System, registry: SystemRegistry, setup: WebhookSetup, clock: SteppedClock
) -> None:
    asked = {"type": "presence", "agent_id": "ann", "state": "online"}
    other = await registry.add("other", frozenset(AGENTS), timedelta(hours=1))

    async def code(**how: Any) -> tuple[int, str]:
        status, body = await own.ask("t", **how, **asked)
        return status, body.get("code", "")

    assert await code(token="") == (401, "unauthenticated")
    assert await code(token="yzs_" + "x" * 43) == (401, "token_unknown")
    assert await code(token=other) == (403, "foreign_system")
    assert await code(token=other, name="other") == (409, "no_webhook")
    assert (await own.post(b"{}", {}))[1]["code"] == "unauthenticated"
    status, body = await own.post(b"{}", {"Authorization": f"Bearer {own.token}"}, query="?workspace=theirs")
    assert (status, body["code"]) == (403, "foreign_workspace")
    clock.step(3_601)
    assert await code(token=other, name="other") == (401, "token_expired")
    await registry.rotate("own", None, timedelta())
    assert await code() == (401, "token_rotated")


async def test_a_signature_opens_its_own_system_alone_and_only_now(
    own: System, setup: WebhookSetup, registry: SystemRegistry, clock: SteppedClock
) -> None:
    await registry.add("other", frozenset(AGENTS), None)
    theirs = await setup.put("other", "https://other.example.com/")

    asked: dict[str, Any] = {"type": "presence", "agent_id": "ann", "state": "online"}

    async def code(query: str = "?workspace=shop", **how: Any) -> str:
        status, body = await own.ask_signed("p1", query=query, **how, **asked)
        assert status in {200, 401}
        return str(body.get("code", ""))

    assert await code() == ""
    assert await code(secret=theirs) == "signature_wrong"
    assert await code(name="nobody") == "signature_wrong"
    assert await code(query="") == "signature_wrong", "another workspace"
    assert await code(at=clock() - timedelta(minutes=6)) == "timestamp_old"
    assert await code(at=clock() + timedelta(minutes=6)) == "timestamp_ahead"
    newer = await setup.new_secret("own", timedelta(hours=1))
    assert (await code(), await code(secret=newer)) == ("", "")
    clock.step(3_601)
    assert (await code(), await code(secret=newer)) == ("signature_wrong", "")


async def test_a_signed_request_that_is_caught_and_sent_again_does_nothing_more(own: System) -> None:
    given = await own.taken()
    body = json.dumps(said(given)).encode()
    headers = dict(signed_headers([own.secret], "s1", own.desk.clock(), body))
    first = await own.post(body, headers)
    assert first[0] == 200
    assert await own.post(body, headers) == first
    status, told = await own.post(json.dumps(said(given, "转账")).encode(), headers)
    assert (status, told["code"]) == (401, "signature_wrong")
    assert len(own.desk.told(k.Say)) == 1


async def test_a_bus_that_is_away_is_answered_so_that_it_is_asked_again(
    own: System, bus: RecordingBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = await own.taken()

    async def away(_: object) -> None:
        raise BusUnavailable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(bus, "publish", away)
        status, body = await own.ask("s1", **said(given))
        assert (status, body["code"], body["retry_after"]) == (503, "bus_unavailable", 1)
    assert (await own.ask("s1", **said(given)))[0] == 200
    assert len(own.desk.told(k.Say)) == 1


async def test_a_heartbeat_is_a_sign_of_life_of_those_who_came_by_it(
    own: System, database: Database, clock: SteppedClock
) -> None:
    await own.desk.presence("bob", "online")
    await own.ask("on", type="presence", agent_id="ann", state="online")
    clock.step(40)
    assert await own.ask(type="heartbeat") == (200, {"present": ["ann"]})
    clock.step(6)
    assert await lose_silent(own.desk.switchboard, database, clock) == 1, "bob's screen is gone"
    await own.ask("off", type="presence", agent_id="ann", state="offline")
    assert await own.ask(type="heartbeat") == (200, {"present": []})


async def test_whoever_asks_is_posted_to_at_once_again(own: System, database: Database, clock: SteppedClock) -> None:
    later = clock() + timedelta(minutes=1)
    async with database.begin() as tx:
        await webhooks.note_failed(tx, SHOP, "own", since=clock(), tries=9, problem="unreachable", next_try_at=later)
    await own.ask(type="heartbeat")
    async with database.read() as tx:
        found = await webhooks.load_webhook(tx, SHOP, "own")
    assert found is not None
    assert (found.next_try_at, found.tries) == (None, 9)


async def test_it_reads_what_its_agents_were_offered_and_nothing_else(own: System, registry: SystemRegistry) -> None:
    await own.taken()
    own.dialogue.say("c1", "在吗")
    own.dialogue.say("c1", "转人工")
    status, body = await own.read("c1")
    assert status == 200
    assert [(one["seq"], one["content"]["text"], one["receipt"]) for one in body["messages"]] == [(2, "转人工", None)]
    own.dialogue.say("c2")
    assert (await own.read("c2"))[1]["code"] == "foreign_conversation"
    assert (await own.read("x" * 65))[1]["code"] == "foreign_conversation"
    assert (await own.read("c1", token=""))[0] == 401
    own.dialogue.away = True
    assert (await own.read("c1"))[0] == 503
