"""Who has no screen open is told on every device, once per message, and only of what was not seen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.app.conftest import App
from tests.channels.app.push_world import TOKENS, World, eventually, open_world, register, rows
from tests.channels.waiting import until
from tests.simulators.issuer import Issuer
from tests.simulators.push.apns import Fault
from yizhan.channels.app.push import presence, pusher
from yizhan.channels.store.pushes import PushState
from yizhan.core.bus import envelopes
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Message

S = PushState


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pusher, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(pusher, "DRAIN_SECONDS", 0.05)
    monkeypatch.setattr(presence, "ANSWER_SECONDS", 0.1)


@asynccontextmanager
async def running(
    home: Path, issuer: Issuer, preview: str = "none", bus_url: str = "embedded://"
) -> AsyncIterator[tuple[World, App]]:
    async with open_world(home, issuer, preview, bus_url) as world, world.start() as app:
        yield world, app


def address(app: App) -> Address:
    return app.address("user-1", "pushing")


async def states(app: App) -> list[PushState]:
    return [row.state for row in await rows(app.core.database)]


async def settled(app: App, count: int) -> None:
    """So many rows are decided."""

    async def planned() -> bool:
        return len(await states(app)) == count

    async def decided() -> bool:
        return not {S.PLANNED, S.CALLING} & set(await states(app))

    await eventually(planned)
    app.watch.ahead += timedelta(seconds=2)  # what was planned is due
    await eventually(decided)


async def figures(app: App) -> str:
    async with app.http.get(f"{app.url}/metrics") as answer:
        return await answer.text()


async def say(app: App, text: str) -> Message:
    return await app.dialogue.say(address(app), text)


async def test_every_device_is_told_once_with_what_is_unread(home: Path, issuer: Issuer) -> None:
    async with running(home, issuer) as (world, app):
        assert [await register(app, platform) for platform in TOKENS] == [204, 204, 204]
        await say(app, "您好")
        message = await say(app, "您的订单已发货")
        # Handed over again, as after a crash: nobody is told again.
        await app.bus.publish([envelopes.outbound(message, 4)])
        await settled(app, 6)
        assert await states(app) == [S.SENT] * 6
        (first, second) = world.apns.of(TOKENS["apns"])
        assert (first.title, first.body, first.badge) == ("山居生活", "您有一条新消息", 2)
        assert first.collapse == second.collapse
        assert second.facts == {"account": "pushing", "seq": "2", "message_id": message.id}
        assert [item["data"]["badge"] for item in world.fcm.shown] == ["2", "2"]
        assert [item["badge"] for item in world.hook.shown] == [2, 2]
        assert world.hook.shown[0]["user_id"] == "user-1"
        assert (world.apns.problems, world.fcm.problems, world.fcm.grants) == ([], [], 1)
        assert (world.apns.connections, len(world.apns.tokens)) == (1, 1)


async def test_what_was_written_shows_only_where_the_business_wants_it(home: Path, issuer: Issuer) -> None:
    async with running(home, issuer, "text") as (world, app):
        await register(app, "apns")
        await say(app, "Your parcel\nis on its way " + "x" * 200)
        await settled(app, 1)
        (shown,) = world.apns.shown
        assert shown.body.startswith("Your parcel is on its way xxx")
        assert len(shown.body) == 120


async def test_who_read_it_meanwhile_is_not_told(home: Path, issuer: Issuer) -> None:
    async with running(home, issuer) as (world, app):
        await register(app, "apns")
        message = await say(app, "hi")
        app.dialogue.transcripts[address(app)].read = message.seq
        await settled(app, 1)
        assert (await states(app), world.apns.requests) == ([S.QUIET], 0)


@pytest.mark.real
async def test_an_open_screen_at_another_process_is_enough(home: Path, issuer: Issuer, rabbit_url: str) -> None:
    async with running(home, issuer, bus_url=rabbit_url) as (world, app), world.start() as other:
        other.dialogue.transcripts = app.dialogue.transcripts
        await register(app, "apns")
        async with other.device(account="pushing") as phone:
            await app.dialogue.say(address(app), "hi")
            await phone.reached(1)
            await settled(app, 1)
        assert (await states(app), world.apns.requests) == ([S.QUIET], 0)


async def test_a_screen_that_confirms_nothing_is_waited_for_until_it_is_gone(home: Path, issuer: Issuer) -> None:
    async with running(home, issuer) as (world, app):
        await register(app, "apns")
        async with app.device(account="pushing", acknowledge=False) as phone:
            await say(app, "hi")
            await phone.reached(1)

            async def put_off() -> bool:
                return any(row.due_at > row.planned_at + timedelta(seconds=1) for row in await rows(app.core.database))

            app.watch.ahead += timedelta(seconds=2)
            await eventually(put_off)
            assert world.apns.requests == 0
        await settled(app, 1)
        assert await states(app) == [S.SENT]


async def test_a_device_that_its_service_does_not_know_is_forgotten(home: Path, issuer: Issuer) -> None:
    async with running(home, issuer) as (world, app):
        await register(app, "apns")
        world.apns.faults.append(Fault(410, "Unregistered"))
        await say(app, "one")
        await settled(app, 1)
        await say(app, "two")
        assert await states(app) == [S.FAILED]
        text = await figures(app)
        assert 'yizhan_app_devices_gone_total{provider="apns"} 1.0' in text


async def test_a_token_that_moved_to_another_user_tells_only_them(home: Path, issuer: Issuer) -> None:
    async with running(home, issuer) as (world, app):
        await register(app, "apns", user="user-1")
        await register(app, "apns", user="user-2")
        await say(app, "for the first user")
        message = await app.dialogue.say(app.address("user-2", "pushing"), "for the second")
        await settled(app, 1)
        assert [shown.facts["message_id"] for shown in world.apns.shown] == [message.id]


async def test_a_device_is_its_customers_own(home: Path, issuer: Issuer) -> None:
    async with running(home, issuer) as (_, app):
        await register(app, "hook", "phone")
        path, other = "/devices/phone", issuer.token("user-2")
        status, body, _ = await app.request("DELETE", path, other, account="pushing")
        assert (status, body["code"]) == (404, "unknown_device")
        assert (await app.request("DELETE", path, issuer.token(), account="pushing"))[0] == 204
        assert (await app.request("DELETE", path, issuer.token(), account="pushing"))[0] == 404


@pytest.mark.parametrize(
    ("device", "body", "status"),
    [
        pytest.param("d", {"platform": "telegraph", "token": "x"}, 422, id="no such platform"),
        pytest.param("d", {"platform": "apns", "token": "x"}, 422, id="no token of Apple's"),
        pytest.param("d", {"platform": "apns", "token": "ab/../" + "ab" * 32}, 422, id="a path as a token"),
        pytest.param("d", {"platform": "fcm", "token": "a b"}, 422, id="a blank in a token"),
        pytest.param("d", {"platform": "fcm", "token": "x" * 1001}, 422, id="an endless token"),
        pytest.param("d", {"platform": "fcm"}, 422, id="no token"),
        pytest.param("d" * 65, {"platform": "fcm", "token": "x"}, 404, id="an endless id"),
        pytest.param("%2e%2e%2fx", {"platform": "fcm", "token": "x"}, 404, id="an id that is a path"),
        pytest.param("d", {"platform": "fcm", "token": "x", "new": 1}, 204, id="a field of a newer client"),
    ],
)
async def test_devices_as_they_may_be(app: App, device: str, body: dict[str, str], status: int) -> None:
    got, _, _ = await app.request("PUT", f"/devices/{device}", app.issuer.token(), json=body)
    assert got == status


@pytest.mark.real
async def test_two_processes_tell_a_device_once(home: Path, issuer: Issuer, rabbit_url: str) -> None:
    async with running(home, issuer, bus_url=rabbit_url) as (world, app), world.start() as other:
        other.dialogue.transcripts = app.dialogue.transcripts
        await register(app, "apns")
        for number in range(20):
            await say(app, f"{number}")
        await settled(app, 20)
        assert other.url != app.url
        assert (len(world.apns.shown), world.apns.doubled()) == (20, [])


async def test_a_kill_between_claim_and_answer_is_unknown_and_not_repeated(home: Path, issuer: Issuer) -> None:
    async with open_world(home, issuer) as world:
        async with world.start() as app:
            await register(app, "apns")
            world.apns.faults.append(Fault(act="silent", taken=True))

            async def planned() -> bool:
                return await states(app) == [S.PLANNED]

            await say(app, "hi")
            await eventually(planned)
            world.watch.ahead += timedelta(seconds=2)
            await until(lambda: world.apns.requests == 1)
            assert await states(app) == [S.CALLING]
        # The process is gone in the middle of its call: nobody wrote what came of it.
        world.watch.ahead += timedelta(minutes=3)
        async with world.start() as app:
            await settled(app, 1)
            assert [(row.state, row.reason) for row in await rows(app.core.database)] == [(S.UNKNOWN, "interrupted")]
            shown = await figures(app)
            assert 'yizhan_app_pushes_total{outcome="unknown",provider="apns"} 1.0' in shown
            await say(app, "again")
            await settled(app, 2)
        assert (len(world.apns.shown), world.apns.doubled()) == (2, [])
