"""Links of identities and links taken back: only ever added."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from yizhan.core.store.database import Transaction
from yizhan.dialogue.customers.identity import Editor
from yizhan.dialogue.customers.linking import Kind, LinkEvent
from yizhan.dialogue.store.customer_tables import customer_links


async def append(tx: Transaction, event: LinkEvent) -> None:
    """Raises IntegrityConflict where somebody else has just added the event with this number."""
    await tx.execute(
        customer_links.insert(),
        [
            {
                "identity_id": event.identity_id,
                "number": event.number,
                "workspace": event.workspace,
                "kind": int(event.kind),
                "from_customer_id": event.from_customer_id,
                "to_customer_id": event.to_customer_id,
                "forced": event.forced,
                "reason": event.reason,
                "by_id": event.by.id,
                "by_name": event.by.name,
                "at": event.at,
            }
        ],
    )


async def events_of(tx: Transaction, identity_ids: Collection[str]) -> Mapping[str, Sequence[LinkEvent]]:
    """The events of these identities in their order; nobody is left out."""
    query = (
        sa.select(customer_links)
        .where(customer_links.c.identity_id.in_(sorted(identity_ids)))
        .order_by(customer_links.c.identity_id, customer_links.c.number)
    )
    found: dict[str, list[LinkEvent]] = {identity_id: [] for identity_id in identity_ids}
    for row in (await tx.execute(query)).mappings():
        found[row["identity_id"]].append(_event(row))
    return found


async def events_about(tx: Transaction, workspace: str, customer_id: str, limit: int) -> Sequence[LinkEvent]:
    """What was linked to a customer and taken away from them, newest first."""
    theirs = sa.or_(
        customer_links.c.from_customer_id == customer_id,
        customer_links.c.to_customer_id == customer_id,
    )
    query = (
        sa.select(customer_links)
        .where(customer_links.c.workspace == workspace, theirs)
        .order_by(customer_links.c.at.desc(), customer_links.c.identity_id, customer_links.c.number.desc())
        .limit(limit)
    )
    return [_event(row) for row in (await tx.execute(query)).mappings()]


def _event(row: sa.RowMapping) -> LinkEvent:
    return LinkEvent(
        identity_id=row["identity_id"],
        number=row["number"],
        workspace=row["workspace"],
        kind=Kind(row["kind"]),
        from_customer_id=row["from_customer_id"],
        to_customer_id=row["to_customer_id"],
        forced=row["forced"],
        reason=row["reason"],
        by=Editor(row["by_id"], row["by_name"]),
        at=row["at"],
    )
