"""``demo-orders``: the demo shop's order system, for trying connectors out."""

import os
import sys

import typer

from yizhan.cli.asking import common_settings
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.process import run_process

SECRET_VARIABLE = "DEMO_ORDERS_SECRET"  # noqa: S105 - the variable's name
DEFAULT_SECRET = "demo-orders"  # noqa: S105 - guards invented orders on this machine


def demo_orders(
    http_port: int = typer.Option(8090, "--http-port", min=0, max=65535, help="Port of the HTTP face; 0: a free one."),
    grpc_port: int = typer.Option(8091, "--grpc-port", min=0, max=65535, help="Port of the gRPC face; 0: a free one."),
) -> None:
    """Run the demo shop's order system on this machine, over HTTP and gRPC. Ctrl-C stops it.

    Callers show the secret in DEMO_ORDERS_SECRET (demo-orders where it is not set) as a bearer token.
    """
    from yizhan.demo.orders.service import HOST, book_in, start

    settings = common_settings()
    secret = os.environ.get(SECRET_VARIABLE) or DEFAULT_SECRET

    async def main(life: Lifespan) -> None:
        http, grpc = await start(life, book_in(settings.home), secret, http_port, grpc_port)
        sys.stdout.write(f"demo orders: http://{HOST}:{http}/demo/orders  grpc {HOST}:{grpc}\n")
        sys.stdout.flush()

    raise typer.Exit(run_process(settings, main))
