"""A ticket to begin from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from yizhan.core.messages.address import Address
from yizhan.routing.tickets.ticket import Status, Ticket

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

FRESH = Ticket(
    id="t1",
    workspace="shop",
    number="T000001",
    conversation_id="c1",
    address=Address("shop", "website", "demo", "v1"),
    status=Status.OPEN,
    reason="requested",
    customer_name="小雅",
    last_text="转人工",
    created_at=NOON,
    promised_by=NOON + DAY,
    response_due=NOON + 2 * HOUR,
    solution_due=NOON + DAY,
    revision=1,
)


def ticket(**fields: Any) -> Ticket:
    """The fresh one, with these fields."""
    return replace(FRESH, **fields)
