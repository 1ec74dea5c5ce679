"""What dialogue keeps (schema ``dialogue``) and every query on it."""

from yizhan.dialogue.store.conversations import (
    Page,
    conversation_by_address,
    conversation_by_id,
    heads,
    list_conversations,
    load,
    saved,
)
from yizhan.dialogue.store.customers_ratings import rated
from yizhan.dialogue.store.decisions import (
    Place,
    StoredDecision,
    bodies_between,
    decision_after,
    decision_by_command,
    decision_by_id,
    message_place,
    remembered,
)
from yizhan.dialogue.store.jobs import (
    any_job_due,
    claim_jobs,
    count_jobs,
    count_overdue_jobs,
    delete_job,
    keep_jobs,
    put_off_job,
    release_jobs,
    started,
)
from yizhan.dialogue.store.knowledge_tables import built_releases
from yizhan.dialogue.store.misses import missed
from yizhan.dialogue.store.notes import noted_down, notes_after
from yizhan.dialogue.store.receipts import Noted, Reached, mark, reached
from yizhan.dialogue.store.search_index import reworded
from yizhan.dialogue.store.suggestions import uses
from yizhan.dialogue.store.tables import SERVICE, inbox, members, metadata, outbox, timers
from yizhan.dialogue.store.transcripts import (
    Stored,
    appended,
    count_unread,
    messages_after,
    messages_before,
    messages_named,
    worded,
)

__all__ = [
    "SERVICE",
    "Noted",
    "Page",
    "Place",
    "Reached",
    "Stored",
    "StoredDecision",
    "any_job_due",
    "appended",
    "bodies_between",
    "built_releases",
    "claim_jobs",
    "conversation_by_address",
    "conversation_by_id",
    "count_jobs",
    "count_overdue_jobs",
    "count_unread",
    "decision_after",
    "decision_by_command",
    "decision_by_id",
    "delete_job",
    "heads",
    "inbox",
    "keep_jobs",
    "list_conversations",
    "load",
    "mark",
    "members",
    "message_place",
    "messages_after",
    "messages_before",
    "messages_named",
    "metadata",
    "missed",
    "noted_down",
    "notes_after",
    "outbox",
    "put_off_job",
    "rated",
    "reached",
    "release_jobs",
    "remembered",
    "reworded",
    "saved",
    "started",
    "timers",
    "uses",
    "worded",
]
