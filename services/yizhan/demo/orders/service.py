"""Starts the demo shop, alone or as part of ``yizhan up``. It listens on this machine only."""

from pathlib import Path

from yizhan.core.runtime.clock import now
from yizhan.core.runtime.grpc import server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.metrics import Metrics
from yizhan.demo.orders.book import OrderBook
from yizhan.demo.orders.grpc_api import OrdersApi
from yizhan.demo.orders.http_face import routes
from yizhan.demo.orders.journal import Journal
from yizhan.pb.v1.orders_pb2_grpc import add_OrdersServiceServicer_to_server

HOST = "127.0.0.1"
FILE_NAME = "demo-orders.jsonl"
SERVICE = "demo-orders"


def book_in(home: Path | None) -> OrderBook:
    """The shop whose registrations are kept in this folder, or nowhere."""
    return OrderBook(now, Journal(None if home is None else home / FILE_NAME))


async def start(life: Lifespan, book: OrderBook, secret: str, http_port: int, grpc_port: int) -> tuple[int, int]:
    """Serve both faces; gives the ports. Raises PortTaken or CannotListen."""
    metrics, health = Metrics(SERVICE), Health(SERVICE)
    app = make_app(SERVICE, metrics=metrics, health=health)
    app.add_routes(routes(book, (secret,)))
    life.when_stopping(health.stopping)
    http = await life.enter(serve(app, HOST, http_port), name="demo orders HTTP")
    api = OrdersApi(book)
    grpc = await life.enter(
        server(
            [lambda server: add_OrdersServiceServicer_to_server(api, server)],
            HOST,
            grpc_port,
            (secret,),
            health=health,
            metrics=metrics,
        ),
        name="demo orders gRPC",
    )
    return http, grpc
