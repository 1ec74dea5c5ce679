"""A process that works on the shop's database until it is killed: ``python -m tests.contract.store.crash WHAT URL``."""

import asyncio
import os
import signal
import sys

from sqlalchemy import insert

from tests.contract.store import shop
from tests.contract.store.buses import RememberingBus, rows
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def before_publishing(db: Database) -> None:
    """Commits an effect with its key and its publications, and dies before they are published."""
    outbox = Outbox(db, shop.outbox, RememberingBus())
    for number in range(3):
        async with db.begin() as tx:
            await Inbox(db, shop.inbox).claim(tx, [(f"key{number}", f"in{number}")])
            await outbox.add(tx, rows([f"out{number}a", f"out{number}b"]))
    die()


async def before_committing(db: Database) -> None:
    outbox = Outbox(db, shop.outbox, RememberingBus())
    async with db.begin() as tx:
        await Inbox(db, shop.inbox).claim(tx, [("key0", "in0")])
        await outbox.add(tx, rows(["out0"]))
        die()


async def while_writing(db: Database) -> None:
    """Says the number of every row once it is committed, and goes on until it is killed."""
    number = 0
    while True:
        async with db.begin() as tx:
            values = [{"id": f"{number}-{part}", "name": "x" * 500} for part in range(5)]
            await tx.execute(insert(shop.customers), values)
        print(number, flush=True)
        number += 1


async def main(what: str, url: str) -> None:
    async with Database(url) as db:
        await {"before_publishing": before_publishing, "before_committing": before_committing}.get(what, while_writing)(
            db
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
