"""A consent lasts as long as the platform lets it, whichever replica renews it and whenever that one dies."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.waiting import until
from tests.unit.channels.ecommerce.consent_world import ACCOUNT, Replica, add_shop, new_desk, replica
from tests.unit.channels.ecommerce.shop_time import Time
from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.consent_state import ConsentState, state_of
from yizhan.channels.ecommerce.grants import CONSENT_OVER, NO_CONSENT, TRY_AGAIN
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.channels.store import grants as store
from yizhan.channels.token_shelf import LEASE
from yizhan.channels.tokens import REFUSED_FOR, TokenRefused
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.migrate import upgrade

FOUR_HOURS = timedelta(hours=4, seconds=1)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
async def both(request: pytest.FixtureRequest, home: Path, time: Time) -> AsyncIterator[Database]:
    """Either database: where two replicas meet."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with Database(url, home=home) as opened:
        await upgrade(opened, "channels")
        await add_shop(opened, time)
        yield opened


@pytest.fixture
async def database(home: Path, time: Time) -> AsyncIterator[Database]:
    async with Database("", home=home) as opened:
        await upgrade(opened, "channels")
        await add_shop(opened, time)
        yield opened


async def state(database: Database, time: Time) -> ConsentState:
    return state_of(await store.read(database, CHANNEL, ACCOUNT), time())


async def refused(one: Replica) -> str:
    with pytest.raises(TokenRefused) as error:
        await one.tokens.get(ACCOUNT)
    return error.value.code


async def test_without_a_consent_there_is_no_token_and_a_reason(database: Database, time: Time) -> None:
    one = await replica(database, time, new_desk(time))
    assert await refused(one) == NO_CONSENT
    assert await state(database, time) is ConsentState.MISSING


async def test_a_consent_gives_a_token_and_its_facts_to_every_replica(database: Database, time: Time) -> None:
    desk = new_desk(time)
    one, other = await replica(database, time, desk), await replica(database, time, desk, "b")
    access = await one.consents(desk)
    assert await one.tokens.get(ACCOUNT) == await other.tokens.get(ACCOUNT) == access
    assert await other.tokens.facts(ACCOUNT) == {"cipher": "c-1"}
    assert (desk.tokens.renewals, await state(database, time)) == (0, ConsentState.GOOD)


async def test_two_replicas_that_need_a_token_at_once_renew_once(both: Database, time: Time) -> None:
    desk = new_desk(time)
    one, other = await replica(both, time, desk), await replica(both, time, desk, "b")
    await one.consents(desk)
    time.pass_by(FOUR_HOURS)
    got = await asyncio.gather(*(each.tokens.get(ACCOUNT) for each in (one, other, one, other)))
    assert len(set(got)) == 1
    assert desk.tokens.good(got[0])
    assert desk.tokens.renewals == 1


async def test_each_renewal_uses_the_refresh_token_of_the_one_before(both: Database, time: Time) -> None:
    desk = new_desk(time)
    one, other = await replica(both, time, desk), await replica(both, time, desk, "b")
    await one.consents(desk)
    for number in range(4):
        time.pass_by(FOUR_HOURS)
        assert desk.tokens.good(await (one, other)[number % 2].tokens.get(ACCOUNT))
    assert (desk.tokens.renewals, await state(both, time)) == (4, ConsentState.GOOD)


async def test_what_could_not_be_stored_is_not_used_and_stored_later(
    database: Database, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = new_desk(time)
    one = await replica(database, time, desk)
    await one.consents(desk)
    time.pass_by(FOUR_HOURS)

    async def away(*_: object) -> bool:
        raise StoreUnavailable("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(store, "renew", away)
        with pytest.raises(RetryLater):
            await one.tokens.get(ACCOUNT)
    assert desk.tokens.good(await one.tokens.get(ACCOUNT))
    assert desk.tokens.renewals == 1, "the platform was asked once, and its answer kept"
    other = await replica(database, time, desk, "b")
    time.pass_by(FOUR_HOURS)
    assert desk.tokens.good(await other.tokens.get(ACCOUNT))


@pytest.mark.parametrize(("forgives", "ends_as"), [(60.0, ConsentState.GOOD), (0.0, ConsentState.OVER)])
async def test_a_death_between_answer_and_commit_tries_the_old_one_and_says_when_that_is_over(
    database: Database, time: Time, forgives: float, ends_as: ConsentState
) -> None:
    desk = new_desk(time, forgives=forgives)
    one, other = await replica(database, time, desk), await replica(database, time, desk, "b")
    await one.consents(desk)
    time.pass_by(FOUR_HOURS)
    desk.doors.clear()
    asking = asyncio.create_task(one.tokens.get(ACCOUNT))
    await until(lambda: desk.tokens.renewals == 1)
    await one.tokens.manager.close()  # the process is gone, with what it was told
    await asyncio.gather(asking, return_exceptions=True)
    desk.doors.set()
    time.pass_by(LEASE + timedelta(seconds=1))
    if ends_as is ConsentState.GOOD:
        assert desk.tokens.good(await other.tokens.get(ACCOUNT))
    else:
        assert await refused(other) == "refresh_used"
    assert await state(database, time) is ends_as


async def test_a_renewal_under_way_at_an_orderly_end_is_finished(database: Database, time: Time) -> None:
    desk = new_desk(time)
    one, other = await replica(database, time, desk), await replica(database, time, desk, "b")
    await one.consents(desk)
    time.pass_by(FOUR_HOURS)
    desk.doors.clear()
    asking = asyncio.create_task(one.tokens.get(ACCOUNT))
    await until(lambda: desk.tokens.renewals == 1)
    closing = asyncio.create_task(one.tokens.manager.close(finish_within=10.0))
    desk.doors.set()
    await closing
    assert await asking == await other.tokens.get(ACCOUNT)
    assert desk.tokens.renewals == 1


async def test_a_consent_taken_back_is_asked_for_now_and_then_and_a_new_one_ends_it(
    database: Database, time: Time
) -> None:
    desk = new_desk(time)
    one = await replica(database, time, desk)
    await one.consents(desk)
    desk.tokens.revoke()
    time.pass_by(FOUR_HOURS)
    assert await refused(one) == "refresh_used"
    assert await state(database, time) is ConsentState.OVER
    time.pass_by(REFUSED_FOR + timedelta(seconds=1))
    assert await refused(one) == CONSENT_OVER, "the platform is left alone for a while"
    time.pass_by(TRY_AGAIN)
    assert await refused(one) == "refresh_used"
    access = await one.consents(desk)
    assert (await one.tokens.get(ACCOUNT), await state(database, time)) == (access, ConsentState.GOOD)


@pytest.mark.parametrize(
    ("passed", "state_then"),
    [
        (timedelta(days=22), ConsentState.GOOD),
        (timedelta(days=23, seconds=1), ConsentState.ENDING),
        (timedelta(days=30), ConsentState.OVER),
    ],
)
async def test_a_consent_that_runs_out_is_told_of_a_week_before(
    database: Database, time: Time, passed: timedelta, state_then: ConsentState
) -> None:
    desk = new_desk(time, rotates=False)
    one = await replica(database, time, desk)
    await one.consents(desk)
    time.pass_by(passed)
    if state_then is not ConsentState.OVER:
        assert desk.tokens.good(await one.tokens.get(ACCOUNT))
    assert await state(database, time) is state_then


async def test_what_is_kept_is_sealed(database: Database, time: Time) -> None:
    desk = new_desk(time)
    one = await replica(database, time, desk)
    await one.consents(desk)
    row = await store.read(database, CHANNEL, ACCOUNT)
    assert row is not None
    assert not [token for token in (*desk.tokens.given, "c-1") if token.encode() in row.consent]
