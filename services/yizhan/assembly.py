"""Puts a process together: what every service shares, and the servers that answer for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from yizhan.core.bus.interface import Bus
from yizhan.core.bus.open import open_bus
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime import clock
from yizhan.core.runtime.core import Core, new_replica
from yizhan.core.runtime.database import database_of
from yizhan.core.runtime.grpc import server
from yizhan.core.runtime.health import Check, Health
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.media_http import media_routes
from yizhan.core.runtime.metrics import Metrics, watch_loop
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import CommonSettings
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.tokens import signers
from yizhan.core.store.media import MediaLimits, MediaStore
from yizhan.core.store.migrate import check_all, upgrade_all

MOST_BODY_BYTES = 32 * 1024 * 1024
MOST_MEDIA = MediaLimits(file_bytes=200 << 20, image_bytes=100 << 20)
"""What the settings of any channel may allow at most; each channel has its own limit below."""

KEEP_DRAINING = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a process answers; 0: it does not."""

    http: int = 0
    grpc: int = 0


async def open_core(life: Lifespan, settings: CommonSettings, service: str, schemas: Sequence[str]) -> Core:
    """Open database, bus and media store. An embedded database is migrated, another one only checked.

    Raises StoreUnavailable, SchemaMismatch, BusUnavailable.
    """
    metrics = Metrics(service)
    health = Health(service)
    replica = new_replica()
    database = await life.enter(database_of(settings, service), name="database")
    if settings.embedded:
        await upgrade_all(database)
    else:
        await check_all(database, schemas)
    bus = await life.enter(
        open_bus(
            settings.bus_url,
            database=database,
            partitions=settings.partitions,
            producer=f"{service}-{replica}",
            metrics=metrics,
        ),
        name="bus",
    )

    async def database_answers() -> str | None:
        await database.ping()
        return None

    health.add("bus", readiness_of(bus, metrics))
    health.add("database", database_answers)
    life.when_stopping(health.stopping)
    life.spawn("event loop watch", watch_loop(metrics))
    return Core(
        database=database,
        bus=bus,
        media=MediaStore(settings.media_url, settings.home, limits=MOST_MEDIA),
        clock=clock.now,
        new_id=new_id,
        signer=signers(settings.keyring, clock.now),
        media_urls=MediaUrls(settings.keyring, clock.now, settings.public_url),
        replica=replica,
        health=health,
        metrics=metrics,
    )


def readiness_of(bus: Bus, metrics: Metrics) -> Check:
    """Whether the bus takes messages now; a broker that refuses them is shown as a figure, too."""

    async def takes_messages() -> str | None:
        if bus.blocked:
            return "bus_blocked"
        return None if bus.connected else "not_connected"

    about = "1 while the broker takes no messages, being short of memory or disk."
    metrics.gauge("yizhan_bus_blocked", about).set_function(lambda: bus.blocked)

    return takes_messages


async def answer_grpc(life: Lifespan, settings: CommonSettings, core: Core, parts: Sequence[Parts]) -> int:
    """Serve what the parts bring over gRPC; gives the port. Raises PortTaken or CannotListen."""
    return await life.enter(
        server(
            [add for part in parts for add in part.servicers],
            settings.grpc_host,
            settings.grpc_port,
            settings.internal_tokens,
            health=core.health,
            metrics=core.metrics,
            doors={path: door for part in parts for path, door in part.doors.items()},
        ),
        name="gRPC",
        within=8.0,
    )


async def answer_http(
    life: Lifespan, settings: CommonSettings, core: Core, service: str, parts: Sequence[Parts]
) -> int:
    """Serve health, figures and what the parts bring over HTTP; gives the port. Raises PortTaken or CannotListen.

    Where parts bring pages, the stored files that those show are served beside them.
    """
    app = make_app(
        service,
        metrics=core.metrics,
        health=core.health,
        trusted_proxies=settings.trusted_proxies,
        max_body=MOST_BODY_BYTES,
    )
    for part in parts:
        app.add_routes(part.routes)
    if any(part.routes for part in parts):
        app.add_routes(media_routes(core.media, core.media_urls))
    return await life.enter(
        serve(app, settings.http_host, settings.http_port, drain=KEEP_DRAINING.total_seconds()),
        name="HTTP",
        within=10.0,
    )
