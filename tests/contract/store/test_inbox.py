"""One message, one effect: a key is claimed in the transaction that has the effect."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from tests.contract.store import shop
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Claim, Claims, Inbox, erased_key

NEW, REDELIVERED, DUPLICATE = Claim.NEW, Claim.REDELIVERED, Claim.DUPLICATE


async def claim(db: Database, *pairs: tuple[str, str]) -> Claims:
    async with db.begin() as tx:
        return await Inbox(db, shop.inbox).claim(tx, pairs)


@pytest.mark.parametrize(
    ("before", "pairs", "each"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([], [("k", "e1")], [NEW], id="first time"),
        pytest.param([("k", "e1")], [("k", "e1")], [REDELIVERED], id="the same envelope again"),
        pytest.param([("k", "e1")], [("k", "e2")], [DUPLICATE], id="the platform sent it again"),
        pytest.param([], [("k", "e1"), ("k", "e1")], [NEW, REDELIVERED], id="the same envelope twice in one batch"),
        pytest.param([], [("k", "e1"), ("k", "e2")], [NEW, DUPLICATE], id="sent twice in one batch"),
        pytest.param(
            [("k", "e1")],
            [("k", "e2"), ("k", "e1"), ("k", "e2")],
            [DUPLICATE, REDELIVERED, DUPLICATE],
            id="known key, several envelopes in one batch",
        ),
        pytest.param(
            [("b", "e2"), ("d", "x")],
            [("d", "e4"), ("c", "e3"), ("b", "e2"), ("a", "e1"), ("c", "e5")],
            [DUPLICATE, NEW, REDELIVERED, NEW, DUPLICATE],
            id="all of it mixed, in no order",
        ),
        pytest.param(
            [],
            [("微信:订单'\"\\{[,", "e1"), ("微信:订单'\"\\{[", "e1"), ("", "e2")],
            [NEW] * 3,
            id="odd characters in keys",
        ),
    ],
)
async def test_claims(
    db: Database, before: list[tuple[str, str]], pairs: list[tuple[str, str]], each: list[Claim]
) -> None:
    await claim(db, *before)
    claims = await claim(db, *pairs)
    assert list(claims.each) == each
    first: dict[str, Claim] = {}
    for (key, _), one in zip(pairs, each, strict=True):
        first.setdefault(key, one)
    assert claims == first


async def test_an_erased_key_is_a_duplicate_for_good_and_others_are_as_ever(db: Database) -> None:
    """Nobody may find the customer's id in the inbox any more, and what a platform repeats must bring nothing back."""
    inbox = Inbox(db, shop.inbox, erasable=True)
    async with db.begin() as tx:
        await inbox.claim(tx, [("m:web:anna:1", "e1"), ("m:web:bo:1", "e2")])
        erased = erased_key("m:web:anna:1")
        await tx.execute(update(shop.inbox).where(shop.inbox.c.key == "m:web:anna:1").values(key=erased))
    pairs = [("m:web:anna:1", "e1"), ("m:web:bo:1", "e2"), ("m:web:anna:2", "e3"), ("m:web:anna:1", "e4")]
    for each in ([DUPLICATE, REDELIVERED, NEW, DUPLICATE], [DUPLICATE, REDELIVERED, REDELIVERED, DUPLICATE]):
        async with db.begin() as tx:
            assert list((await inbox.claim(tx, pairs)).each) == each


async def test_a_rollback_gives_the_key_back(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            await Inbox(db, shop.inbox).claim(tx, [("k", "e1")])
            raise ZeroDivisionError
    assert await claim(db, ("k", "e2")) == {"k": NEW}


@pytest.mark.parametrize("commits", [True, False], ids=["the first commits", "the first rolls back"])
async def test_two_transactions_with_the_same_key_at_the_same_time(db: Database, commits: bool) -> None:
    inbox = Inbox(db, shop.inbox)
    claimed = asyncio.Event()

    async def first() -> None:
        async with db.begin() as tx:
            assert await inbox.claim(tx, [("k", "e1"), ("other", "e1")]) == {"k": NEW, "other": NEW}
            claimed.set()
            await asyncio.sleep(0.2)
            if not commits:
                raise ZeroDivisionError

    async def second() -> dict[str, Claim]:
        await claimed.wait()
        return await claim(db, ("k", "e2"))

    _, claims = await asyncio.gather(first(), second(), return_exceptions=True)
    assert claims == {"k": DUPLICATE if commits else NEW}


async def test_many_at_once_with_keys_in_common_neither_wait_for_each_other_nor_share_a_key(db: Database) -> None:
    keys = [f"k{n}" for n in range(40)]

    async def replica(number: int) -> int:
        order = keys[number * 3 :] + keys[: number * 3]
        if number % 2:
            order.reverse()
        claims = await claim(db, *((key, f"e{number}") for key in order))
        return sum(one is NEW for one in claims.values())

    won = await asyncio.gather(*(replica(number) for number in range(8)))
    assert sum(won) == len(keys)


async def test_old_keys_are_forgotten_in_small_steps(db: Database) -> None:
    await claim(db, *((f"old{n}", "e") for n in range(4500)))
    now = datetime.now(UTC)
    async with db.begin() as tx:
        await tx.execute(update(shop.inbox).values(claimed_at=now - timedelta(days=8)))
    await claim(db, ("young", "e"))
    assert await Inbox(db, shop.inbox).prune(db, now - timedelta(days=7)) == 4500
    async with db.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(shop.inbox))).scalar_one() == 1
    assert await claim(db, ("young", "x"), ("old1", "x")) == {"young": DUPLICATE, "old1": NEW}


async def test_old_keys_are_forgotten_by_themselves_and_young_ones_kept(db: Database) -> None:
    inbox = Inbox(db, shop.inbox)
    async with db.begin() as tx:
        await inbox.claim(tx, [("old", "e1"), ("young", "e2")])
        long_ago = datetime.now(UTC) - timedelta(days=8)
        await tx.execute(update(shop.inbox).where(shop.inbox.c.key == "old").values(claimed_at=long_ago))

    async def left() -> set[str]:
        async with db.read() as tx:
            return set((await tx.execute(select(shop.inbox.c.key))).scalars())

    task = asyncio.create_task(inbox.run(every=0.02))
    try:
        async with asyncio.timeout(30):
            while "old" in await left():
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await left() == {"young"}
