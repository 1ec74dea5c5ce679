"""``up``, ``serve`` and ``migrate``: the commands that run the product."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import typer

from yizhan.cli.asking import Refusal, common_settings, in_words, run, settings_of
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.runtime.database import database_of
from yizhan.core.runtime.errors import StartupError
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.process import run_process
from yizhan.core.runtime.settings import SERVICES, CommonSettings, EmbeddedSettings
from yizhan.core.store.errors import SchemaMismatch, StoreUnavailable

MENDABLE = (StoreUnavailable, SchemaMismatch, BusUnavailable)
"""Failures that the operator can mend: told in one line."""

Service = StrEnum("Service", {name: name for name in SERVICES})  # type: ignore[misc]


class CannotStart(StartupError):
    """A start step failed for a reason outside; the text says which and where to look."""


@contextmanager
def told_plainly(settings: CommonSettings) -> Iterator[None]:
    """Give failures that the operator can mend the words they need. Raises CannotStart."""
    try:
        yield
    except MENDABLE as error:
        raise CannotStart(in_words(error, settings)) from error


def up(
    demo: bool = typer.Option(True, "--demo/--no-demo", help="Fill a deployment without users with a demo business."),
) -> None:
    """Run everything in one process, kept in one folder (YIZHAN_HOME). Ctrl-C stops it."""
    from yizhan.assembly import open_core
    from yizhan.demo.orders.inside import open_inside
    from yizhan.demo.seed import is_demo, login_lines, seed
    from yizhan.embedded import start_all, urls

    settings = settings_of(EmbeddedSettings)
    if not settings.embedded:
        raise Refusal("`yizhan up` needs the embedded bus; with RabbitMQ run `yizhan serve SERVICE` for each service")

    async def main(life: Lifespan) -> None:
        with told_plainly(settings):
            core = await open_core(life, settings, "yizhan", ())
            logins = await seed(settings, core) if demo else ()
            try:
                shop = await open_inside(life, settings) if demo and await is_demo(settings, core) else None
                ports = await start_all(life, settings, core, shop)
            except BaseException:
                _show(*login_lines(logins))  # kept nowhere else
                raise
        addresses = urls(settings, ports)
        _show(
            "",
            "  Yizhan 驿站 is running",
            "",
            f"    console   {addresses['console']}",
            f"    demo shop {addresses['shop']}",
            f"    metrics   {addresses['metrics']}",
            "",
            *login_lines(logins),
            f"  Everything is kept in {settings.home.absolute()}. Stop with Ctrl-C.",
            "",
        )

    raise typer.Exit(run_process(settings, main, mendable=MENDABLE))


def _show(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def serve(service: Service = typer.Argument(help="Which service.")) -> None:
    """Run one service, on RabbitMQ and PostgreSQL."""
    from yizhan.serving import serve_one

    settings = settings_of(SERVICES[service.value])
    if settings.embedded:
        raise Refusal("`yizhan serve` needs YIZHAN_BUS_URL=amqp://…; without RabbitMQ use `yizhan up`")

    async def main(life: Lifespan) -> None:
        with told_plainly(settings):
            await serve_one(life, settings, service.value)

    raise typer.Exit(run_process(settings, main, mendable=MENDABLE))


def migrate() -> None:
    """Bring the database's schemas up to date. Safe to run from several places at once."""
    from yizhan.core.store.migrate import upgrade_all

    settings = common_settings()

    async def upgrade() -> dict[str, str]:
        async with database_of(settings, "migrate") as database:
            return await upgrade_all(database)

    for name, revision in sorted(run(settings, upgrade()).items()):
        typer.echo(f"{name:<10} {revision}")
