"""Groups, skills, and what a case asks for; contracts, calendars, and why an agent was chosen."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _agents()
    _cases()
    _groups()
    _contracts()
    op.create_table(
        "routing_decisions",
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Index("routing_decisions_by_conversation", "conversation_id"),
        schema="routing",
    )


def _agents() -> None:
    with altered(op, "routing", "agents") as table:
        table.add_column(sa.Column("presence_reason", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("skills", sa.Text, nullable=False, server_default="[]"))
        table.add_column(sa.Column("languages", sa.Text, nullable=False, server_default="[]"))
        table.add_column(sa.Column("supervisor", sa.Boolean, nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("presence_at", UtcDateTime))


def _cases() -> None:
    with altered(op, "routing", "cases") as table:
        table.add_column(sa.Column("priority", sa.SmallInteger, nullable=False, server_default="1"))
        table.add_column(sa.Column("language", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("skills", sa.Text, nullable=False, server_default="[]"))
        table.add_column(sa.Column("group_id", sa.String(36), nullable=False, server_default=""))
        table.add_column(sa.Column("weight", sa.SmallInteger, nullable=False, server_default="1"))
        table.add_column(sa.Column("level", sa.SmallInteger, nullable=False, server_default="0"))
        for name in ("only_agent", "last_agent", "from_agent"):
            table.add_column(sa.Column(name, sa.String(36), nullable=False, server_default=""))
        table.add_column(sa.Column("note", sa.String(1000), nullable=False, server_default=""))
        table.add_column(sa.Column("contract", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("calendar", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("told_high", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("told_at", UtcDateTime))
        table.add_column(sa.Column("ended_at", UtcDateTime))
        table.create_index("cases_by_request", ["workspace", "requested_at"])


def _groups() -> None:
    op.create_table(
        "agent_groups",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False, index=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("wider", sa.Text, nullable=False),
        schema="routing",
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.String(36), primary_key=True),
        sa.Column("agent_id", sa.String(36), primary_key=True),
        schema="routing",
    )
    op.create_table(
        "routes",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        schema="routing",
    )
    op.create_table(
        "transfers",
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("epoch", sa.BigInteger, primary_key=True),
        sa.Column("to_agent", sa.String(36), nullable=False),
        sa.Column("to_group", sa.String(36), nullable=False),
        sa.Column("from_agent", sa.String(36), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        schema="routing",
    )


def _contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("version", sa.String(16), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        schema="routing",
    )
    op.create_table(
        "contract_publications",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        schema="routing",
    )
    op.create_table(
        "calendars",
        sa.Column("version", sa.String(16), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        schema="routing",
    )
    op.create_table(
        "calendar_overrides",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("calendar", sa.String(64), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        schema="routing",
    )
