"""What metrics keeps (schema ``metrics``) and every query on it."""

from yizhan.metrics.store.answers import answer_figures, answers_of
from yizhan.metrics.store.ledger import (
    ACCEPTED,
    LOST,
    ProducerCounts,
    Settlement,
    Span,
    Written,
    count_starts,
    disposition_counts,
    latency_counts,
    ledger_of,
    producer_counts,
    rating_summary,
    settle,
    settlements_of,
    spans,
    write,
)
from yizhan.metrics.store.satisfaction import TicketSatisfaction, ticket_satisfaction
from yizhan.metrics.store.tables import SERVICE, inbox, metadata

__all__ = [
    "ACCEPTED",
    "LOST",
    "SERVICE",
    "ProducerCounts",
    "Settlement",
    "Span",
    "TicketSatisfaction",
    "Written",
    "answer_figures",
    "answers_of",
    "count_starts",
    "disposition_counts",
    "inbox",
    "latency_counts",
    "ledger_of",
    "metadata",
    "producer_counts",
    "rating_summary",
    "settle",
    "settlements_of",
    "spans",
    "ticket_satisfaction",
    "write",
]
