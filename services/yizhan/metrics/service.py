"""Starts the metrics service: it listens to every event, looks at the queues, and answers for the live board."""

from yizhan.core.runtime.clock import monotonic
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import MetricsSettings
from yizhan.core.store.inbox import Inbox
from yizhan.metrics import store
from yizhan.metrics.api import ReportsApi
from yizhan.metrics.conservation import Conservation
from yizhan.metrics.figures import Figures
from yizhan.metrics.listener import Listener
from yizhan.pb.v1.reports_pb2_grpc import add_ReportsServiceServicer_to_server

EVENTS_QUEUE = "metrics.events"
STOP_SECONDS = 10.0
GATHER_SECONDS = 0.25
"""Nobody waits for a figure: events gather so long, and many are counted in one transaction."""


async def start(life: Lifespan, settings: MetricsSettings, core: Core) -> Parts:
    """Runs until the Lifespan ends. Raises BusUnavailable when it cannot begin."""
    figures = Figures(core.metrics, Conservation(monotonic))
    inbox = Inbox(core.database, store.inbox)
    listener = Listener(core.database, inbox, figures, settings.workspace)
    life.spawn("metrics inbox", inbox.run())
    consumer = await core.bus.consume([EVENTS_QUEUE], listener.handle, batch=500, linger=GATHER_SECONDS)
    life.on_stop("metrics consumer", lambda: consumer.stop(within=STOP_SECONDS * 0.8), within=STOP_SECONDS)
    life.spawn("metrics figures", figures.keep_looking(core.database, core.bus, settings.workspace))
    api = ReportsApi(
        database=core.database, figures=figures, handoff_seconds=settings.handoff_seconds, clock=core.clock
    )
    return Parts(servicers=(lambda server: add_ReportsServiceServicer_to_server(api, server),))
