"""Forgetting cases of mailboxes that nothing has been added to for long."""

from collections import Counter
from datetime import timedelta

from yizhan.channels.store import mail
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Transaction
from yizhan.core.store.sweeping import Broom


async def sweep(broom: Broom, keep: timedelta, clock: Clock) -> Counter[str]:
    """Raises StoreUnavailable. What goes is no longer found by a late answer, which then begins a case of its own."""
    gone: Counter[str] = Counter()
    before = clock() - keep

    async def drop(tx: Transaction, most: int) -> int:
        return await mail.forget(tx, before, most)

    await broom.drop(gone, "mail_cases", drop)
    return gone
