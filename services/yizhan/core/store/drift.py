"""Whether the tables in a service's code and those its revisions make are the same: a test of every service."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.schema import BLANK_SCHEMA

from yizhan.core.store.database import Database


async def drift(db: Database, service: str, metadata: MetaData) -> list[str]:
    """How the migrated tables of ``service`` differ from ``metadata``; empty when they do not."""
    async with db.read() as tx:
        return await tx.run_sync(lambda connection: _differences(connection, service, metadata))


def _differences(connection: Connection, service: str, metadata: MetaData) -> list[str]:
    schema = None if connection.dialect.name == "sqlite" else service
    wanted = _in_schema(metadata, schema)
    names = {table.name for table in wanted.tables.values()}

    def included(name: str | None, kind: str, _parents: object) -> bool:
        if kind == "schema":
            return name == schema
        if kind != "table":
            return True
        # On SQLite the tables of the other services lie beside these.
        return name in names if schema is None else name != f"{service}_alembic_version"

    options = {"include_schemas": schema is not None, "include_name": included, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    return [str(difference) for difference in compare_metadata(context, wanted)]


def _in_schema(metadata: MetaData, schema: str | None) -> MetaData:
    """A copy of the tables as this database has them: all in one schema, or in none."""

    def referred(*_: Any) -> Any:
        return schema or BLANK_SCHEMA

    copied = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(copied, schema=schema, referred_schema_fn=referred)  # type: ignore[arg-type]
    return copied
