"""What Alembic runs for every service; ``core.store.migrate`` hands it the connection and the service's name."""

from alembic import context

from yizhan.core.store.tables import metadata_for

attributes = context.config.attributes
connection = attributes["connection"]
service: str = attributes["service"]
on_sqlite: bool = connection.dialect.name == "sqlite"

context.configure(
    connection=connection,
    target_metadata=metadata_for(service),  # only its naming convention is used
    version_table=f"{service}_alembic_version",
    version_table_schema=None if on_sqlite else service,
    render_as_batch=on_sqlite,
    include_schemas=not on_sqlite,
    transaction_per_migration=False,
)
context.run_migrations()  # the transaction is the caller's
