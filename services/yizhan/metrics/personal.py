"""What metrics keeps about a customer: clocks and ratings, by the id of a conversation.

They are what a contract's report is proved from, so they stay: an id that leads nowhere takes the place of the
conversation's, the same in every row, so that starts and stops still meet.
"""

from collections.abc import Mapping

from yizhan.core.store.personal import About, Emptied, Inventory, Pseudonyms, Row, Subject
from yizhan.core.store.tables import among
from yizhan.metrics.store import tables as s

WHY = "clocks and ratings from which the contract's report is proved; the conversation has a pseudonym"


def _clock(row: Row, _: Subject, names: Pseudonyms) -> Mapping[str, object]:
    old = row["conversation_id"]
    new = names.of(old)
    return {"conversation_id": new, "case_key": row["case_key"].replace(old, new)}


INVENTORY = Inventory(
    s.SERVICE,
    (
        Emptied(
            s.ledger,
            lambda subject: among(s.ledger.c.conversation_id, subject.conversations),
            _clock,
            changes=frozenset({"conversation_id", "case_key"}),
            stays=frozenset({"id", "workspace", "channel", "clock", "mark", "at", "reason", "source"}),
            why=WHY,
            unique=("clock", "case_key", "mark"),
        ),
        Emptied(
            s.ratings,
            lambda subject: among(s.ratings.c.conversation_id, subject.conversations),
            lambda row, _, names: {"conversation_id": names.of(row["conversation_id"])},
            changes=frozenset({"conversation_id"}),
            stays=frozenset({"session", "workspace", "channel", "score", "agent_id", "at"}),
            why=WHY,
            unique=("conversation_id", "session"),
        ),
        Emptied(
            s.answer_marks,
            lambda subject: among(s.answer_marks.c.conversation_id, subject.conversations),
            lambda row, _, names: {"conversation_id": names.of(row["conversation_id"])},
            changes=frozenset({"conversation_id"}),
            stays=frozenset({"case_id", "number", "ends", "workspace", "channel", "agent_id", "clock", "mark", "at"})
            | {"due_at", "contract", "calendar", "open_ms", "reason", "source"},
            why=WHY,
        ),
    ),
    {
        About.OPERATION: (s.inbox, s.producers, s.parked, s.settlements),
        About.FIGURES: (s.minutes, s.latencies, s.ticket_ratings, s.ticket_surveys),
    },
)
