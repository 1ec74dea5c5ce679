"""The tables of misses, their groups, and of suggestions that agents were shown (schema ``dialogue``)."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.dialogue.store.tables import metadata

misses = sa.Table(
    "misses",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("message_id", sa.String(36), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("entry_id", sa.String(200), nullable=False),
    sa.Column("candidates", sa.Text, nullable=False),
    sa.Column("release_id", sa.String(36), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("group_id", sa.String(36)),
    sa.Column("leads", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("misses_by_group", "workspace", "group_id", "at"),
    sa.Index("misses_by_key", "workspace", "key"),
    sa.Index("misses_by_conversation", "conversation_id"),
    sa.Index("misses_by_time", "at"),
)
"""No words: they are in ``messages``. ``candidates`` is a JSON list of entry ids and scores. ``leads``: the wordings of a
group that new ones are compared with.
"""

miss_groups = sa.Table(
    "miss_groups",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("entry_id", sa.String(200), nullable=False),
    sa.Column("drafted_at", UtcDateTime),
    sa.Column("drafted_by", sa.String(100), nullable=False),
    sa.Column("dismissed_reason", sa.String(500), nullable=False, server_default=""),
    sa.Column("dismissed_by", sa.String(100), nullable=False, server_default=""),
    sa.Column("dismissed_at", UtcDateTime),
    sa.Index("miss_groups_by_time", "workspace", "last_at"),
)
"""``entry_id`` is the entry of the draft that a group was written into."""

miss_grouping = sa.Table(
    "miss_grouping",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
)
"""Grows with every change of what misses are compared with: of two processes that group at once, one begins again."""

suggestion_uses = sa.Table(
    "suggestion_uses",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("entry_id", sa.String(200), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("suggestion_uses_by_time", "workspace", "at"),
)
