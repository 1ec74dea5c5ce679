"""The tables every service needs, for its first revision. Frozen: a change is a new function used by a new revision.

``op`` is Alembic's (``from alembic import op``); ``core.store.migrate`` shows a whole revision.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.operations import BatchOperations
from sqlalchemy import BigInteger, Column, Identity, Index, Integer, LargeBinary, String

from yizhan.core.store.tables import UtcDateTime, database_now


def create_outbox(op: Any, service: str) -> None:
    op.create_table(
        f"{service}_outbox",
        Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(always=False), primary_key=True),
        Column("partition", Integer),
        Column("exchange", String, nullable=False),
        Column("key", String, nullable=False),
        Column("envelope", LargeBinary, nullable=False),
        Column("created_at", UtcDateTime, nullable=False, server_default=database_now()),
        schema=service,
        sqlite_autoincrement=True,
    )
    # Every row is deleted within a second: vacuum by count, not by share of a table that is nearly empty.
    _often_vacuumed(op, service, "outbox")


def create_inbox(op: Any, service: str) -> None:
    op.create_table(
        f"{service}_inbox",
        Column("key", String, primary_key=True),
        Column("envelope_id", String, nullable=False),
        Column("claimed_at", UtcDateTime, nullable=False, server_default=database_now()),
        Index(None, "claimed_at"),
        schema=service,
        sqlite_with_rowid=False,
    )


def create_timers(op: Any, service: str) -> None:
    op.create_table(
        f"{service}_timers",
        Column("case_id", String, primary_key=True),
        Column("purpose", String, primary_key=True),
        Column("due_at", UtcDateTime, nullable=False),
        Column("payload", String, nullable=False),
        Column("claimed_until", UtcDateTime),
        Column("claim", String),
        Column("tries", Integer, nullable=False, server_default="0"),
        Index(None, "due_at"),
        schema=service,
    )
    _often_vacuumed(op, service, "timers")


def create_members(op: Any, service: str) -> None:
    op.create_table(
        f"{service}_members",
        Column("role", String, primary_key=True),
        Column("replica_id", String, primary_key=True),
        Column("seen_at", UtcDateTime, nullable=False),
        schema=service,
    )


@contextmanager
def altered(op: Any, service: str, table: str) -> Iterator[BatchOperations]:
    """Alembic's batch of changes to one table. SQLite makes a new table of it, with all rows."""
    schema = None if op.get_bind().dialect.name == "sqlite" else service
    with op.batch_alter_table(table, schema=schema) as batch:
        yield batch


def _often_vacuumed(op: Any, service: str, kind: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"ALTER TABLE {service}.{service}_{kind} SET (autovacuum_vacuum_scale_factor = 0, "
            "autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)"
        )
