"""What platforms ask on behalf of people who left them: of whom something is kept here, and of whom nothing.

A platform tells every app of everybody who leaves, so most requests are about nobody. Erasing a customer ends the
requests about them.
"""

from yizhan.channels.store import erasure_requests as store
from yizhan.channels.store.erasure_requests import RequestRow
from yizhan.dialogue.customers.following import Following
from yizhan.dialogue.store import customers
from yizhan.privacy.erasing import Deployment

AT_ONCE = 500


async def sifted(on: Deployment, workspace: str) -> list[RequestRow]:
    """The requests about people who are known here; the others are dropped. Raises StoreUnavailable."""
    await Following(on.database).catch_up()
    found: list[RequestRow] = []
    last = ""
    while True:
        async with on.database.begin() as tx:
            rows = await store.after(tx, workspace, last, AT_ONCE)
            if not rows:
                return found
            here = await customers.known(tx, workspace, [row.identity_id for row in rows])
            await store.remove(tx, workspace, [row.identity_id for row in rows if row.identity_id not in here])
        found += [row for row in rows if row.identity_id in here]
        last = rows[-1].identity_id
