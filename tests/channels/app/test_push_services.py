"""What push services answer, and what it means: told, gone, later, never, or nobody knows."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.channels.app.conftest import Watch
from tests.services.certificate import identity
from tests.simulators.push.apns import ApnsServer, Fault, at_millis, open_apns
from tests.simulators.push.fcm import FcmServer, Refusal, open_fcm
from tests.simulators.push.hook import HookServer, open_hook
from yizhan.channels.app.push import apns as apns_module
from yizhan.channels.app.push.apns import Apns
from yizhan.channels.app.push.fcm import Fcm
from yizhan.channels.app.push.hook import Hook
from yizhan.channels.app.push.notice import Gone, Later, Notice, Outcome, Refused, Told, Unknown
from yizhan.channels.app.push.services import NOT_SET_UP, PushServices
from yizhan.channels.app.settings import PushSettings
from yizhan.channels.store.devices import DeviceRow
from yizhan.core.messages.address import Address
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.http.outbound import Reach

ADDRESS = Address("default", "app", "pushing", "u:user-1")
PUT = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Desk:
    apns: ApnsServer
    fcm: FcmServer
    hook: HookServer
    services: PushServices
    watch: Watch

    async def tell(self, platform: str, message_id: str = "m-1") -> Outcome:
        own = PushSettings.model_validate(
            {"apns": self.apns.settings(), "fcm": self.fcm.settings(), "hook": self.hook.settings()}
        )
        return await self.services.tell(own, notice(platform, message_id))


def notice(platform: str, message_id: str = "m-1") -> Notice:
    device = DeviceRow(
        ADDRESS.key(), "d-1", "pushing", platform, "ab" * 32, environment="production", app_version="", locale="", put_at=PUT
    )  # fmt: skip
    return Notice(message_id, 7, device, ADDRESS, "Shop", "News", badge=3, collapse="c" * 32)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    watch, own = Watch(), identity("push.test")
    async with AsyncExitStack() as stack:
        apns = await stack.enter_async_context(open_apns(own, tmp_path, watch))
        fcm = await stack.enter_async_context(open_fcm(watch))
        hook = await stack.enter_async_context(open_hook(watch))
        session = await stack.enter_async_context(open_client())
        tls = ssl.create_default_context(cadata=own.certificate.decode())
        tls.set_alpn_protocols(["h2"])
        calling = Apns(watch, tls, production=apns.url, sandbox=apns.url)
        stack.push_async_callback(calling.close)
        services = PushServices(
            calling, Fcm(session, Reach.LOOPBACK, watch, base=fcm.url), Hook(session, Reach.LOOPBACK, watch)
        )
        yield Desk(apns, fcm, hook, services, watch)


APNS = [
    pytest.param(Fault(), Told(), id="taken"),
    pytest.param(Fault(410, "Unregistered"), Gone("Unregistered"), id="the app was deleted"),
    pytest.param(Fault(410, "ExpiredToken"), Gone("ExpiredToken"), id="the token has expired"),
    pytest.param(Fault(410, "Unregistered", timestamp=at_millis(PUT - timedelta(days=1))), Refused("Unregistered"), id="deleted before it was registered again"),
    pytest.param(Fault(410, "Unregistered", timestamp=at_millis(PUT + timedelta(days=1))), Gone("Unregistered"), id="deleted after it was registered"),
    pytest.param(Fault(400, "BadDeviceToken"), Gone("BadDeviceToken"), id="no such token"),
    pytest.param(Fault(400, "DeviceTokenNotForTopic"), Gone("DeviceTokenNotForTopic"), id="another app's token"),
    pytest.param(Fault(429, "TooManyRequests"), Later("TooManyRequests", 30.0), id="too many for the device"),
    pytest.param(Fault(429, "TooManyProviderTokenUpdates"), Later("TooManyProviderTokenUpdates", 1200.0), id="too many tokens"),
    pytest.param(Fault(500, "InternalServerError"), Later("InternalServerError"), id="trouble at Apple"),
    pytest.param(Fault(503, "ServiceUnavailable", retry_after="7"), Later("ServiceUnavailable", 7.0), id="busy"),
    pytest.param(Fault(503, "Shutdown"), Later("Shutdown"), id="shutting down"),
    pytest.param(Fault(403, "InvalidProviderToken"), Refused("InvalidProviderToken"), id="not our key"),
    pytest.param(Fault(403, "ExpiredProviderToken"), Later("ExpiredProviderToken"), id="a token of ours that is too young for that"),
    pytest.param(Fault(413, "PayloadTooLarge"), Refused("PayloadTooLarge"), id="too large"),
    pytest.param(Fault(400, "TopicDisallowed"), Refused("TopicDisallowed"), id="not our topic"),
    pytest.param(Fault(400), Refused("http_400"), id="no reason given"),
    pytest.param(Fault(act="refuse"), Later("refused_stream"), id="refused unread"),
    pytest.param(Fault(act="goaway"), Later("going_away"), id="the connection ends before it"),
    pytest.param(Fault(act="close"), Unknown("broken_off"), id="cut off unanswered"),
    pytest.param(Fault(act="close", taken=True), Unknown("broken_off"), id="cut off after it was taken"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "outcome"), APNS)
async def test_apple(desk: Desk, fault: Fault, outcome: Outcome) -> None:
    desk.apns.faults.append(fault)
    assert await desk.tell("apns") == outcome
    assert await desk.tell("apns", "m-2") == Told()  # whatever it was, the next one goes
    assert desk.apns.problems == []


async def test_apple_that_does_not_answer_in_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apns_module, "CALL_SECONDS", 0.2)
    desk.apns.faults.append(Fault(act="silent", taken=True))
    assert await desk.tell("apns") == Unknown("timeout")
    assert await desk.tell("apns", "m-2") == Told()
    assert desk.apns.connections == 1


async def test_apple_gets_a_new_token_in_time_and_no_sooner(desk: Desk) -> None:
    for _ in range(6):
        await desk.tell("apns")
        desk.watch.ahead += timedelta(minutes=9)
    assert len(desk.apns.tokens) == 2  # at 0 and at 45 minutes
    desk.apns.faults.append(Fault(403, "ExpiredProviderToken"))
    desk.watch.ahead += timedelta(minutes=25)
    assert await desk.tell("apns") == Told()  # old enough to be replaced, so it was tried again at once
    assert len(desk.apns.tokens) == 3


async def test_many_go_over_one_connection_as_far_as_apple_allows(desk: Desk) -> None:
    desk.apns.streams = 3
    outcomes = await asyncio.gather(*(desk.tell("apns", f"m-{number}") for number in range(40)))
    assert set(outcomes) == {Told()}
    assert (desk.apns.connections, len(desk.apns.shown), desk.apns.doubled()) == (1, 40, [])


async def test_apple_out_of_reach(desk: Desk, tmp_path: Path) -> None:
    strange = Apns(desk.watch, ssl.create_default_context(), production=desk.apns.url, sandbox=desk.apns.url)
    services = replace(desk.services, apns=strange)
    assert await replace(desk, services=services).tell("apns") == Later("unreachable")  # nobody vouches for it
    assert desk.apns.requests == 0


FCM = [
    pytest.param(Refusal(404, "NOT_FOUND", "UNREGISTERED"), Gone("UNREGISTERED"), id="the app was deleted"),
    pytest.param(Refusal(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), Gone("SENDER_ID_MISMATCH"), id="another project's token"),
    pytest.param(Refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), Gone("INVALID_ARGUMENT"), id="no such token"),
    pytest.param(Refusal(400, "INVALID_ARGUMENT"), Refused("INVALID_ARGUMENT"), id="our mistake"),
    pytest.param(Refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "9"), Later("QUOTA_EXCEEDED", 9.0), id="quota"),
    pytest.param(Refusal(503, "UNAVAILABLE", "UNAVAILABLE"), Later("UNAVAILABLE"), id="busy"),
    pytest.param(Refusal(500, "INTERNAL", "INTERNAL"), Later("INTERNAL"), id="trouble at Google"),
    pytest.param(Refusal(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), Told(), id="a token refused once"),
    pytest.param(Refusal(403, "PERMISSION_DENIED"), Refused("PERMISSION_DENIED"), id="no right to send"),
]  # fmt: skip


@pytest.mark.parametrize(("refusal", "outcome"), FCM)
async def test_google(desk: Desk, refusal: Refusal, outcome: Outcome) -> None:
    desk.fcm.refusals.append(refusal)
    assert await desk.tell("fcm") == outcome
    assert await desk.tell("fcm") == Told()
    assert desk.fcm.problems == []


async def test_google_ends_our_access_and_gives_a_new_one(desk: Desk) -> None:
    assert await desk.tell("fcm") == Told()
    desk.watch.ahead += timedelta(minutes=59)
    assert await desk.tell("fcm") == Told()
    assert desk.fcm.grants == 2
    desk.fcm.expires_tokens()
    assert await desk.tell("fcm") == Told()


async def test_google_cut_off_after_taking_it(desk: Desk) -> None:
    desk.fcm.cut = True
    assert await desk.tell("fcm") == Unknown("no_answer")
    assert len(desk.fcm.shown) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Told()),
        (204, Told()),
        (410, Gone("http_410")),
        (404, Gone("http_404")),
        (429, Later("http_429")),
        (502, Later("http_502")),
        (400, Refused("http_400")),
        (302, Refused("http_302")),
    ],
)
async def test_the_business_s_own_server(desk: Desk, status: int, outcome: Outcome) -> None:
    desk.hook.statuses.append(status)
    assert await desk.tell("hook") == outcome
    assert desk.hook.ids == ["m-1:d-1"]


async def test_its_own_server_out_of_reach_or_cut_off(desk: Desk) -> None:
    desk.hook.cut = True
    assert await desk.tell("hook") == Unknown("no_answer")
    desk.hook.url = "http://127.0.0.1:1/push"
    assert await desk.tell("hook") == Later("unreachable")


async def test_what_is_not_set_up_is_not_told(desk: Desk) -> None:
    assert await desk.services.tell(PushSettings(), notice("apns")) == NOT_SET_UP
