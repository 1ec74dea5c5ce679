"""What dialogue keeps about a customer, table by table."""

from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa
from google.protobuf.json_format import MessageToDict

from yizhan.core.store.database import Transaction
from yizhan.core.store.inbox import erased_key
from yizhan.core.store.personal import (
    About,
    Condition,
    Deleted,
    Done,
    Emptied,
    Holding,
    Inventory,
    Pseudonyms,
    Row,
    Subject,
)
from yizhan.core.store.tables import among
from yizhan.dialogue.store import (
    customer_tables as c,
    knowledge_tables as k,
    miss_tables as m,
    search_tables as s,
    tables as t,
)
from yizhan.dialogue.store.erasure_tables import erasures
from yizhan.dialogue.store.tables import SERVICE
from yizhan.pb.v1.command_pb2 import Command
from yizhan.pb.v1.message_pb2 import AUTHOR_KIND_AGENT, Message

LATE_REPETITIONS = "for seven days, as digests, so that a message which a platform repeats does not come back"
USES = "figures on suggestions; names no customer"
OTHERS_LINKS = "the history of another customer; the erased one has a pseudonym in it"


def _of_conversation(column: sa.ColumnElement[str]) -> Callable[[Subject], Condition]:
    return lambda subject: among(column, subject.conversations)


def _begun_anew(identity: sa.ColumnElement[str], subject: Subject) -> Condition:
    """Whether an identity has a conversation that is none of theirs: they wrote again after the erasure began."""
    places = c.identity_conversations.c
    return sa.exists().where(
        places.identity_id == identity, sa.not_(among(places.conversation_id, subject.conversations))
    )


def _noted(table: sa.Table) -> Callable[[Subject], Condition]:
    """What was put down about the subject's identities, but for what is younger than the erasure and about who came back."""
    mine = table.c

    def found(subject: Subject) -> Condition:
        old = sa.or_(mine.at <= subject.until, sa.not_(_begun_anew(mine.identity_id, subject)))
        return sa.and_(among(mine.identity_id, subject.identities), old)

    return found


def _identities(subject: Subject) -> Condition:
    mine = c.identities.c.id
    return sa.and_(among(mine, subject.identities), sa.not_(_begun_anew(mine, subject)))


def _links_of_others(subject: Subject) -> Condition:
    theirs = [subject.customer_id, *subject.identities]
    named = sa.or_(among(c.customer_links.c.from_customer_id, theirs), among(c.customer_links.c.to_customer_id, theirs))
    return sa.and_(
        c.customer_links.c.workspace == subject.workspace,
        named,
        sa.not_(among(c.customer_links.c.identity_id, subject.identities)),
    )


def _link_emptied(row: Row, subject: Subject, pseudonyms: Pseudonyms) -> Mapping[str, object]:
    theirs = {subject.customer_id, *subject.identities}
    ends = {name: row[name] for name in ("from_customer_id", "to_customer_id") if row[name] in theirs}
    return {name: pseudonyms.of(value) for name, value in ends.items()} | {"reason": ""}


def _whole_message(row: Row) -> Mapping[str, object]:
    message = Message.FromString(row["body"])
    if message.author.kind == AUTHOR_KIND_AGENT:
        message.author.id = ""  # the name under which they spoke stays, which colleague it was is theirs
    return {"body": MessageToDict(message, preserving_proto_field_name=True)}


def _whole_decision(row: Row) -> Mapping[str, object]:
    command = row["command"]
    told = MessageToDict(Command.FromString(command), preserving_proto_field_name=True) if command else None
    return {"command": told}


def _terms(subject: Subject) -> Condition:
    theirs = sa.select(s.searchable.c.number).where(among(s.searchable.c.conversation_id, subject.conversations))
    return s.message_terms.c.number.in_(theirs)


HOLDINGS: tuple[Holding, ...] = (
    Deleted(s.message_terms, _terms, None),
    Deleted(s.searchable, _of_conversation(s.searchable.c.conversation_id), None),
    Deleted(s.messages_reworded, _of_conversation(s.messages_reworded.c.conversation_id), None),
    Deleted(s.search_progress, _of_conversation(s.search_progress.c.conversation_id), None),
    Deleted(t.conversations, _of_conversation(t.conversations.c.id)),
    Deleted(t.messages, _of_conversation(t.messages.c.conversation_id), _whole_message),
    Deleted(t.notes, _of_conversation(t.notes.c.conversation_id)),
    Deleted(t.jobs, _of_conversation(t.jobs.c.conversation_id)),
    Deleted(t.decisions, _of_conversation(t.decisions.c.conversation_id), _whole_decision),
    Deleted(t.timers, _of_conversation(t.timers.c.case_id), None),
    Deleted(m.misses, _of_conversation(m.misses.c.conversation_id)),
    Deleted(c.session_ratings, _of_conversation(c.session_ratings.c.conversation_id)),
    Deleted(c.identity_conversations, _of_conversation(c.identity_conversations.c.conversation_id)),
    Deleted(c.identities, _identities),
    Deleted(c.customer_links, _noted(c.customer_links)),
    Deleted(c.customer_tags, _noted(c.customer_tags)),
    Deleted(c.customer_attributes, _noted(c.customer_attributes)),
    Deleted(c.customer_notes, _noted(c.customer_notes)),
    Emptied(
        c.customer_links,
        _links_of_others,
        _link_emptied,
        changes=frozenset({"from_customer_id", "to_customer_id", "reason"}),
        stays=frozenset({"identity_id", "number", "workspace", "kind", "forced", "by_id", "by_name", "at"}),
        why=OTHERS_LINKS,
        shown=None,
    ),
    Emptied(
        m.suggestion_uses,
        _of_conversation(m.suggestion_uses.c.conversation_id),
        lambda row, _, names: {"conversation_id": names.of(row["conversation_id"])},
        changes=frozenset({"conversation_id"}),
        stays=frozenset({"id", "workspace", "entry_id", "outcome", "agent_id", "at"}),
        why=USES,
        shown=None,
    ),
    Emptied(
        t.inbox,
        lambda subject: among(t.inbox.c.key, subject.keys),
        lambda row, _, __: {"key": erased_key(row["key"])},
        changes=frozenset({"key"}),
        stays=frozenset({"envelope_id", "claimed_at"}),
        why=LATE_REPETITIONS,
        unique=("key",),
        shown=None,
    ),
)

OTHERS: Mapping[About, Sequence[sa.Table]] = {
    About.IN_FLIGHT: (t.outbox,),
    About.OPERATION: (t.members, c.customers_followed, m.miss_grouping, erasures),
    About.FIGURES: (t.model_spending,),
    About.BUSINESS: (
        m.miss_groups,
        t.releases,
        k.built_releases,
        k.release_parts,
        k.published,
        k.publications,
        k.drafts,
        k.draft_entries,
        k.draft_documents,
        k.draft_changes,
        k.builds,
    ),
}


class DialogueInventory(Inventory):
    """As every inventory; whoever groups misses in this moment has read what is gone, and begins again."""

    async def erase(self, tx: Transaction, subject: Subject, pseudonyms: Pseudonyms) -> Sequence[Done]:
        done = await super().erase(tx, subject, pseudonyms)
        if any(one.table == m.misses.name for one in done):
            grouping = m.miss_grouping
            await tx.execute(
                grouping.update()
                .where(grouping.c.workspace == subject.workspace)
                .values(version=grouping.c.version + 1)
            )
        return done


INVENTORY = DialogueInventory(SERVICE, HOLDINGS, OTHERS)
