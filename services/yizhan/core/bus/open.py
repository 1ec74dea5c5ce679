"""The bus that a setting names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import Bus
from yizhan.core.runtime.metrics import Metrics

if TYPE_CHECKING:
    from yizhan.core.store.database import Database

EMBEDDED: Final = "embedded://"


@asynccontextmanager
async def open_bus(
    url: str, *, database: "Database | None", partitions: int, producer: str, metrics: Metrics | None = None
) -> AsyncIterator[Bus]:
    """``embedded://`` keeps the bus in ``database`` (SQLite); ``amqp://`` and ``amqps://`` name one broker or several
    (``amqp://user:password@one:5672,two:5672/vhost``).

    Raises BusUnavailable when the broker does not answer, SchemaMismatch when the database was not migrated, ValueError for
    an address that is none of these.
    """
    figures = BusFigures(metrics)
    if url == EMBEDDED:
        if database is None:
            raise ValueError("the embedded bus needs the SQLite database")
        from yizhan.core.bus.embedded.bus import open_embedded  # a process needs one of the two

        async with open_embedded(database, partitions=partitions, producer=producer, figures=figures) as embedded:
            yield embedded
    else:
        from yizhan.core.bus.rabbitmq.bus import open_rabbitmq

        async with open_rabbitmq(url, partitions=partitions, producer=producer, figures=figures) as bus:
            yield bus
