"""Schema changes: each service has its own line of Alembic revisions and its own version table.

A service's revisions lie in ``services/yizhan/<service>/migrations/versions/0001_first_tables.py`` and so on::

    from alembic import op
    from sqlalchemy import Column, ForeignKey, Index, Integer, String

    from yizhan.core.store.infrastructure import create_inbox, create_members, create_outbox, create_timers
    from yizhan.core.store.tables import UtcDateTime

    revision = "0001"
    down_revision = None


    def upgrade() -> None:
        create_outbox(op, "shop")
        create_inbox(op, "shop")
        create_timers(op, "shop")
        create_members(op, "shop")
        op.create_table(
            "orders",
            Column("id", String, primary_key=True),
            Column("customer_id", String, ForeignKey("shop.customers.id"), nullable=False),
            Column("made_at", UtcDateTime, nullable=False),
            Index(None, "customer_id"),
            schema="shop",
        )

``schema=`` is always the service's name; SQLite, which has no schemas, drops it by itself. A later change of a table goes
through ``altered(op, "shop", "orders")``, which SQLite needs for everything but adding a column. No downgrade is written:
going back is running the version before, which must work on the schema after. So a revision expands (adds), and a later
release contracts (removes). ``core.store.drift`` tells tests whether a service's tables and revisions say the same.

Revisions are numbered ``0001``, ``0002`` … Code whose newest revision is n runs on n and on n + 1. Where a revision suits
more or fewer versions than the one before, its name says from which on: ``0005.0003`` is good for code from 0003 on,
``0005.0005`` for none before itself.
"""

import asyncio
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.database import Database
from yizhan.core.store.errors import SchemaMismatch

log = structlog.get_logger(__name__)

MIGRATORS_LOCK = 0x5949_5A48_414E
"""The key of PostgreSQL's advisory lock: one process at a time changes schemas."""

_PACKAGE = Path(__file__).resolve().parents[2]
_ENVIRONMENT = Path(__file__).resolve().parent / "alembic_env"
# Alembic's ``op`` is one object of the process, so two tasks of a process must not migrate at the same time.
_turns: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]" = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Migrations:
    """A service's revisions: ``versions`` is the folder that holds the files."""

    service: str
    versions: Path


Source = str | Migrations
"""A service by name, or with its folder (for a service outside this package)."""


def services() -> tuple[str, ...]:
    """Every service that has revisions, sorted."""
    return tuple(sorted(_folders()))


def head(source: Source) -> str:
    """The newest revision this code knows."""
    newest = _script(_found(source)).get_current_head()
    if newest is None:
        raise LookupError(f"no revision of {_found(source).service}")
    return newest


async def current(db: Database, source: Source) -> str | None:
    """The database's revision; None: nothing was ever migrated. Raises StoreUnavailable."""
    service = _found(source).service
    async with db.read() as tx:
        return await tx.run_sync(lambda connection: _current(connection, service))


async def check(db: Database, source: Source) -> None:
    """Raises SchemaMismatch unless this code may run on the schema as it is, and StoreUnavailable."""
    migrations = _found(source)
    _judge(migrations, await current(db, migrations))


async def check_all(db: Database, names: Sequence[str] | None = None) -> None:
    """``check`` for these services, or all."""
    for name in services() if names is None else names:
        await check(db, name)


async def upgrade(db: Database, source: Source) -> str:
    """Bring a service's schema to this code's newest revision in one transaction; returns the revision it has then.

    Safe from several processes at once. A schema that is newer, but good for this code, is left as it is. Raises
    SchemaMismatch (the schema is too new) and StoreUnavailable.
    """
    migrations = _found(source)
    async with _turn(), db.changing_schema() as tx:
        if db.dialect == "postgresql":
            await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATORS_LOCK})
            await _create_schema(tx, migrations.service)
        found = await tx.run_sync(lambda connection: _current(connection, migrations.service))
        if found is not None and not _known(migrations, found):
            _judge(migrations, found)
            return found
        wanted = head(migrations)
        if found != wanted:
            await tx.run_sync(lambda connection: _run(connection, migrations))
    if found != wanted:
        log.info("schema_upgraded", service=migrations.service, found=found, revision=wanted)
    return wanted


async def upgrade_all(db: Database, names: Sequence[str] | None = None) -> dict[str, str]:
    """``upgrade`` for these services, or all; their revisions."""
    return {name: await upgrade(db, name) for name in (services() if names is None else names)}


def _folders() -> dict[str, Path]:
    found = [*_PACKAGE.glob("*/migrations/versions"), *_PACKAGE.glob("core/*/migrations/versions")]
    return {folder.parents[1].name: folder for folder in found if any(folder.glob("[0-9]*.py"))}


def _found(source: Source) -> Migrations:
    if isinstance(source, Migrations):
        return source
    folder = _folders().get(source)
    if folder is None:
        raise LookupError(f"no service with revisions: {source}")
    return Migrations(source, folder)


def _script(migrations: Migrations) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(migrations))


def _config(migrations: Migrations) -> Config:
    config = Config()
    config.set_main_option("script_location", _escaped(_ENVIRONMENT))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", _escaped(migrations.versions))
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _run(connection: Connection, migrations: Migrations) -> None:
    config = _config(migrations)
    config.attributes["connection"] = connection
    config.attributes["service"] = migrations.service
    command.upgrade(config, "head")


def _current(connection: Connection, service: str) -> str | None:
    on_sqlite = connection.dialect.name == "sqlite"
    options = {"version_table": f"{service}_alembic_version", "version_table_schema": None if on_sqlite else service}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _known(migrations: Migrations, revision: str) -> bool:
    return any(script.revision == revision for script in _script(migrations).walk_revisions())


def _judge(migrations: Migrations, found: str | None) -> None:
    wanted = head(migrations)
    if found == wanted:
        return
    if found is None or _known(migrations, found):
        raise SchemaMismatch(migrations.service, found, wanted, "run: yizhan migrate")
    if _oldest_code(found) > _number(wanted):
        raise SchemaMismatch(migrations.service, found, wanted, "schema too new: run the version that made it")
    log.info("schema_is_newer", service=migrations.service, found=found, wanted=wanted)


def _number(revision: str) -> int:
    """The place of a revision in its line; a name that is not one of ours counts as later than all."""
    digits = revision.partition(".")[0]
    return int(digits) if digits.isdigit() else 1 << 31


def _oldest_code(revision: str) -> int:
    """The oldest code (by its newest revision) that may run on a schema with this revision."""
    _, dot, oldest = revision.partition(".")
    return _number(oldest) if dot else _number(revision) - 1


async def _create_schema(tx: AsyncConnection, service: str) -> None:
    quoted = tx.dialect.identifier_preparer.quote(service)
    await tx.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))


def _turn() -> asyncio.Lock:
    loop = asyncio.get_running_loop()
    lock = _turns.get(loop)
    if lock is None:
        lock = _turns[loop] = asyncio.Lock()
    return lock
