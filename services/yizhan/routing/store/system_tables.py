"""Tables of registered systems of a business: who they are, their tokens, and what they may read."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.store.tables import metadata

systems = sa.Table(
    "systems",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(64), primary_key=True),
    sa.Column("agents", sa.Text, nullable=False),
    sa.Column("all_agents", sa.Boolean, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)
"""``agents``: a JSON list of the ids that the system may speak for, where not for all."""

system_tokens = sa.Table(
    "system_tokens",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("system", sa.String(64), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("ends_at", UtcDateTime),
    sa.Column("ended", sa.String(16), nullable=False),
    sa.Index("system_tokens_by_system", "workspace", "system"),
)
"""``digest`` is the SHA-256 of the token. ``ended``: why it is over from ``ends_at`` on (rotated, removed)."""

attend_readable = sa.Table(
    "attend_readable",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("until", UtcDateTime, nullable=False, index=True),
)
"""The conversations that a system was offered or had, and until when it may read them."""
