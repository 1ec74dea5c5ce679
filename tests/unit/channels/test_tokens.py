"""Every send has a token that works, whoever of the replicas fetched it, and the platform is asked no more than it allows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.channels.waiting import until
from yizhan.channels.contract import RetryLater, SendError
from yizhan.channels.store.tokens import lock_token, take_lease
from yizhan.channels.token_shelf import LEASE, TokenShelf
from yizhan.channels.tokens import (
    EARLY,
    FORCE_APART,
    FORCES_PER_DAY,
    REFUSED_FOR,
    Fetched,
    TokenManager,
    TokenRefused,
)
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.keys import Keyring
from yizhan.core.security.sealing import Sealer
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import upgrade

CHANNEL, ACCOUNT = "wechat", "shop"
KEY = "k" * 32
LIFE = 7200.0


@dataclass
class Time:
    at: datetime = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, by: timedelta) -> None:
        self.at += by


@dataclass
class Platform:
    """Gives the same token while it is good, as WeChat does; ``doors`` closed keeps whoever asks waiting."""

    time: Time
    token: str = "secret-token-1"
    expires_at: datetime = field(init=False)
    asked: list[bool] = field(default_factory=list)
    wrong: SendError | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)
    serial: int = 1

    def __post_init__(self) -> None:
        self.expires_at = self.time() + timedelta(seconds=LIFE)
        self.open.set()

    async def __call__(self, account: str, *, force: bool) -> Fetched:
        assert account == ACCOUNT
        self.asked.append(force)
        await self.open.wait()
        if self.wrong is not None:
            raise self.wrong
        if force or self.time() >= self.expires_at - timedelta(minutes=5):
            self.replace()
        return Fetched(self.token, (self.expires_at - self.time()).total_seconds())

    def replace(self) -> None:
        self.serial += 1
        self.token = f"secret-token-{self.serial}"
        self.expires_at = self.time() + timedelta(seconds=LIFE)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
async def database(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Database]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with Database(url, home=home) as opened:
        await upgrade(opened, "channels")
        yield opened


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def platform(time: Time) -> Platform:
    return Platform(time)


Make = Callable[..., TokenManager]


@pytest.fixture
async def make(database: Database, time: Time, platform: Platform) -> AsyncIterator[Make]:
    """Makes one replica's tokens; ``waits`` notes each wait for another replica, which takes as long on the test's clock."""
    made: list[TokenManager] = []

    def replica(
        holder: str = "a",
        *,
        key: str = KEY,
        identity: str = "",
        metrics: Metrics | None = None,
        waits: list[float] | None = None,
    ) -> TokenManager:
        async def sleep(seconds: float) -> None:
            if waits is None:
                await asyncio.sleep(seconds)
                return
            waits.append(seconds)
            time.pass_by(timedelta(seconds=seconds))
            await asyncio.sleep(0)

        shelf = TokenShelf(database, CHANNEL, Sealer(Keyring.parse(key), "access-token"), time, holder)
        tokens = TokenManager(
            shelf,
            platform,
            metrics or Metrics("wechat"),
            identity=lambda _account: identity,
            jitter=lambda: 0.5,
            sleep=sleep,
        )
        made.append(tokens)
        return tokens

    yield replica
    for tokens in made:
        await tokens.close()


async def test_a_thousand_sends_ask_the_platform_once(make: Make, platform: Platform) -> None:
    tokens = make()
    assert set(await asyncio.gather(*(tokens.get(ACCOUNT) for _ in range(1000)))) == {"secret-token-1"}
    assert platform.asked == [False]


async def test_two_replicas_that_start_together_ask_once(make: Make, platform: Platform) -> None:
    platform.open.clear()
    first, second = make("a"), make("b")
    both = asyncio.gather(first.get(ACCOUNT), second.get(ACCOUNT))
    await until(lambda: bool(platform.asked))
    platform.open.set()
    assert set(await both) == {"secret-token-1"}
    assert platform.asked == [False]


async def test_after_a_restart_the_kept_token_is_used(make: Make, platform: Platform) -> None:
    await make("a").get(ACCOUNT)
    assert await make("b").get(ACCOUNT) == "secret-token-1"
    assert platform.asked == [False]


async def test_the_database_and_the_logs_show_no_token(database: Database, make: Make, platform: Platform) -> None:
    with capture_logs() as logs:
        tokens = make()
        await tokens.get(ACCOUNT)
        await tokens.renew(ACCOUNT, "secret-token-1")
    async with database.begin() as tx:
        row = await lock_token(tx, CHANNEL, ACCOUNT)
    assert row.token is not None
    assert b"secret" not in row.token
    assert "secret" not in f"{logs}{row!r}{tokens!r}"
    assert "secret" not in repr(Fetched("secret-token", 1.0))


async def test_a_replica_that_died_while_fetching_holds_the_others_up_no_longer_than_its_lease(
    database: Database, make: Make, time: Time, platform: Platform
) -> None:
    async with database.begin() as tx:
        await lock_token(tx, CHANNEL, ACCOUNT)
        await take_lease(tx, CHANNEL, ACCOUNT, "dead", time() + LEASE)
    waits: list[float] = []
    assert await make("b", waits=waits).get(ACCOUNT) == "secret-token-1"
    assert LEASE.total_seconds() <= sum(waits) < LEASE.total_seconds() + 1


async def test_a_lease_by_a_clock_that_is_hours_ahead_holds_nobody_up(
    database: Database, make: Make, time: Time, platform: Platform
) -> None:
    async with database.begin() as tx:
        await lock_token(tx, CHANNEL, ACCOUNT)
        await take_lease(tx, CHANNEL, ACCOUNT, "ahead", time() + timedelta(hours=3))
    waits: list[float] = []
    assert await make("b", waits=waits).get(ACCOUNT) == "secret-token-1"
    assert waits == []


async def test_who_comes_back_goes_on_with_its_own_lease(
    database: Database, make: Make, time: Time, platform: Platform
) -> None:
    async with database.begin() as tx:
        await lock_token(tx, CHANNEL, ACCOUNT)
        await take_lease(tx, CHANNEL, ACCOUNT, "a", time() + LEASE)
    waits: list[float] = []
    await make("a", waits=waits).get(ACCOUNT)
    assert waits == []


async def test_shortly_before_its_end_a_token_is_renewed_while_sends_go_on(
    make: Make, time: Time, platform: Platform
) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    time.at = platform.expires_at - timedelta(minutes=4)
    platform.open.clear()
    assert await tokens.get(ACCOUNT) == "secret-token-1"
    await until(lambda: len(platform.asked) == 2)
    assert await tokens.get(ACCOUNT) == "secret-token-1", "a send waited for a renewal that could wait"
    platform.open.set()
    while await tokens.get(ACCOUNT) != "secret-token-2":
        await asyncio.sleep(0.01)
    assert platform.asked == [False, False]


async def test_when_the_platform_keeps_its_token_until_the_last_minutes_it_is_asked_once_a_minute(
    make: Make, time: Time, platform: Platform
) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    time.at = platform.expires_at - EARLY
    for _ in range(100):
        await tokens.get(ACCOUNT)
        await asyncio.sleep(0)
    await until(lambda: len(platform.asked) == 2)
    for _ in range(100):
        await tokens.get(ACCOUNT)
        await asyncio.sleep(0)
    assert len(platform.asked) == 2
    await until(lambda: not tokens._flights.flying(ACCOUNT))  # its minute begins when it is at an end
    time.pass_by(timedelta(minutes=2))
    async with asyncio.timeout(30):
        while len(platform.asked) < 3:  # as sends go on
            await tokens.get(ACCOUNT)
            await asyncio.sleep(0.01)


async def test_an_early_renewal_that_fails_disturbs_nobody(make: Make, time: Time, platform: Platform) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    time.at = platform.expires_at - timedelta(minutes=4)
    platform.wrong = RetryLater()
    await tokens.get(ACCOUNT)
    await until(lambda: len(platform.asked) == 2)
    assert await tokens.get(ACCOUNT) == "secret-token-1"


async def test_what_another_replica_renewed_early_is_taken_over(make: Make, time: Time, platform: Platform) -> None:
    first, second = make("a"), make("b")
    await first.get(ACCOUNT)
    await second.get(ACCOUNT)
    time.at = platform.expires_at - timedelta(minutes=4)
    await first.get(ACCOUNT)
    while await first.get(ACCOUNT) != "secret-token-2":
        await asyncio.sleep(0.01)
    await second.get(ACCOUNT)
    while await second.get(ACCOUNT) != "secret-token-2":
        await asyncio.sleep(0.01)
    assert platform.asked == [False, False]


async def test_an_expired_token_is_never_given(make: Make, time: Time, platform: Platform) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    time.at = platform.expires_at
    assert await tokens.get(ACCOUNT) == "secret-token-2"


async def test_a_token_that_the_platform_replaced_is_renewed_without_force(make: Make, platform: Platform) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    platform.replace()
    await tokens.renew(ACCOUNT, "secret-token-1")
    assert await tokens.get(ACCOUNT) == "secret-token-2"
    assert platform.asked == [False, False]


async def test_a_token_that_fails_though_the_platform_gives_it_again_is_replaced_by_force(
    make: Make, platform: Platform
) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    await tokens.renew(ACCOUNT, "secret-token-1")
    assert await tokens.get(ACCOUNT) == "secret-token-2"
    assert platform.asked == [False, False, True]


@pytest.mark.parametrize("failed", ["secret-token-1", ""])
async def test_many_sends_that_fail_together_renew_once(make: Make, platform: Platform, failed: str) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    platform.replace()
    await asyncio.gather(*(tokens.renew(ACCOUNT, failed) for _ in range(100)))
    assert await tokens.get(ACCOUNT) == "secret-token-2"
    assert platform.asked == [False, False]


async def test_a_send_that_fails_late_does_not_renew_what_was_renewed_meanwhile(make: Make, platform: Platform) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    platform.replace()
    await tokens.renew(ACCOUNT, "secret-token-1")
    await tokens.renew(ACCOUNT, "secret-token-1")
    assert platform.asked == [False, False]


async def test_what_another_replica_renewed_after_a_failure_is_found(make: Make, platform: Platform) -> None:
    first, second = make("a"), make("b")
    await first.get(ACCOUNT)
    await second.get(ACCOUNT)
    platform.replace()
    await first.renew(ACCOUNT, "secret-token-1")
    await second.renew(ACCOUNT, "secret-token-1")
    assert await second.get(ACCOUNT) == "secret-token-2"
    assert platform.asked == [False, False]


async def test_two_replicas_whose_sends_fail_together_force_once(make: Make, platform: Platform) -> None:
    first, second = make("a"), make("b")
    await first.get(ACCOUNT)
    await second.get(ACCOUNT)
    await asyncio.gather(first.renew(ACCOUNT, "secret-token-1"), second.renew(ACCOUNT, "secret-token-1"))
    assert await first.get(ACCOUNT) == await second.get(ACCOUNT) == "secret-token-2"
    assert platform.asked.count(True) == 1


async def test_a_token_is_not_forced_again_within_half_a_minute_by_any_replica(
    make: Make, time: Time, platform: Platform
) -> None:
    first, second = make("a"), make("b")
    await first.get(ACCOUNT)
    await first.renew(ACCOUNT, "secret-token-1")
    time.pass_by(timedelta(seconds=10))
    await second.get(ACCOUNT)
    with pytest.raises(RetryLater) as wait:
        await second.renew(ACCOUNT, "secret-token-2")
    assert wait.value.after == pytest.approx(20.0)
    time.pass_by(FORCE_APART)
    await second.renew(ACCOUNT, "secret-token-2")
    assert await second.get(ACCOUNT) == "secret-token-3"


async def test_a_day_has_no_more_forced_tokens_than_the_platform_allows(
    make: Make, time: Time, platform: Platform
) -> None:
    tokens = make()
    for _ in range(FORCES_PER_DAY):
        await tokens.renew(ACCOUNT, await tokens.get(ACCOUNT))
        time.pass_by(timedelta(minutes=1))
    with pytest.raises(RetryLater) as wait:
        await tokens.renew(ACCOUNT, await tokens.get(ACCOUNT))
    assert wait.value.after > timedelta(hours=23).total_seconds()
    assert platform.asked.count(True) == FORCES_PER_DAY
    time.pass_by(timedelta(days=1))
    await tokens.get(ACCOUNT)
    await tokens.renew(ACCOUNT, await tokens.get(ACCOUNT))
    assert platform.asked.count(True) == FORCES_PER_DAY + 1


async def test_an_account_that_is_turned_away_says_why_and_does_not_knock_at_every_send(
    make: Make, time: Time, platform: Platform
) -> None:
    tokens = make()
    platform.wrong = TokenRefused("40164", "invalid ip 203.0.113.9, not in whitelist")
    for _ in range(3):
        with pytest.raises(TokenRefused, match=r"203\.0\.113\.9"):
            await tokens.get(ACCOUNT)
    assert len(platform.asked) == 1
    platform.wrong = None
    time.pass_by(REFUSED_FOR)
    assert await tokens.get(ACCOUNT) == "secret-token-1"


async def test_a_corrected_secret_is_tried_at_once(make: Make, platform: Platform) -> None:
    platform.wrong = TokenRefused("40125", "invalid appsecret")
    with pytest.raises(TokenRefused):
        await make("a", identity="old").get(ACCOUNT)
    platform.wrong = None
    assert await make("a", identity="new").get(ACCOUNT) == "secret-token-1"


async def test_a_platform_that_is_away_is_asked_again_at_the_next_send(make: Make, platform: Platform) -> None:
    tokens = make()
    platform.wrong = RetryLater(2.0)
    with pytest.raises(RetryLater):
        await tokens.get(ACCOUNT)
    platform.wrong = None
    assert await make("b").get(ACCOUNT) == "secret-token-1", "the lease was not given back"


async def test_with_the_database_away_the_token_in_memory_still_serves(
    database: Database, make: Make, platform: Platform
) -> None:
    tokens, other = make("a"), make("b")
    await tokens.get(ACCOUNT)
    await database.close()
    assert await tokens.get(ACCOUNT) == "secret-token-1"
    with pytest.raises(RetryLater):
        await other.get(ACCOUNT)
    await database.start()


async def test_another_app_never_gets_the_token_of_the_one_before(make: Make, platform: Platform) -> None:
    await make("a", identity="app-1").get(ACCOUNT)
    platform.replace()
    assert await make("b", identity="app-2").get(ACCOUNT) == "secret-token-2"


async def test_after_the_deployments_key_was_changed_tokens_are_fetched_or_opened(
    make: Make, platform: Platform
) -> None:
    new = "n" * 32
    await make("a").get(ACCOUNT)
    assert await make("b", key=f"{new},{KEY}").get(ACCOUNT) == "secret-token-1"
    assert platform.asked == [False]
    assert await make("c", key=new).get(ACCOUNT) == "secret-token-1"
    assert platform.asked == [False, False]


async def test_a_send_that_is_given_up_does_not_stop_the_renewal_others_wait_for(
    make: Make, platform: Platform
) -> None:
    tokens = make()
    platform.open.clear()
    given_up = asyncio.create_task(tokens.get(ACCOUNT))
    await until(lambda: bool(platform.asked))
    waiting = asyncio.create_task(tokens.get(ACCOUNT))
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    platform.open.set()
    assert await waiting == "secret-token-1"
    assert platform.asked == [False]


async def test_a_removed_account_leaves_no_token(database: Database, make: Make, platform: Platform) -> None:
    tokens = make()
    await tokens.get(ACCOUNT)
    await tokens.forget(ACCOUNT)
    async with database.begin() as tx:
        assert (await lock_token(tx, CHANNEL, ACCOUNT)).token is None


async def test_renewals_are_counted_by_what_came_of_them(make: Make, time: Time, platform: Platform) -> None:
    metrics = Metrics("wechat")
    tokens = make(metrics=metrics)
    platform.wrong = RetryLater()
    with pytest.raises(RetryLater):
        await tokens.get(ACCOUNT)
    platform.wrong = None
    await tokens.renew(ACCOUNT, await tokens.get(ACCOUNT))
    platform.wrong = TokenRefused("40013")
    with pytest.raises(TokenRefused):
        await tokens.renew(ACCOUNT, await tokens.get(ACCOUNT))
    counted = {
        outcome: metrics.registry.get_sample_value(
            "yizhan_token_renewals_total", {"channel": CHANNEL, "outcome": outcome}
        )
        for outcome in ("fetched", "forced", "unreachable", "refused")
    }
    assert counted == {"fetched": 2.0, "forced": 1.0, "unreachable": 1.0, "refused": 1.0}
