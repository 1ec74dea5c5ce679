"""``up``, ``serve`` and ``migrate``: the commands that run the product."""

import sys
from enum import StrEnum

import typer

from yizhan.assembly import database_of
from yizhan.cli.asking import Refusal, common_settings, run, settings_of
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.process import run_process
from yizhan.core.runtime.settings import SERVICES, EmbeddedSettings
from yizhan.core.store.errors import SchemaMismatch, StoreUnavailable
from yizhan.core.store.migrate import upgrade_all

MENDABLE = (StoreUnavailable, SchemaMismatch, BusUnavailable)
"""Failures at the start that the operator can mend: told in one line."""

Service = StrEnum("Service", {name: name for name in SERVICES})  # type: ignore[misc]


def up(
    demo: bool = typer.Option(True, "--demo/--no-demo", help="Fill a deployment without users with a demo business."),
) -> None:
    """Run everything in one process, kept in one folder (YIZHAN_HOME). Ctrl-C stops it."""
    from yizhan.embedded import Up, start_all, urls

    settings = settings_of(EmbeddedSettings)
    if not settings.embedded:
        raise Refusal("`yizhan up` needs the embedded bus; with RabbitMQ run `yizhan serve SERVICE` for each service")

    async def main(life: Lifespan) -> None:
        started: Up = await start_all(life, settings, demo=demo)
        addresses = urls(settings, started.ports)
        lines = [
            "",
            "  Yizhan 驿站 is running",
            "",
            f"    console   {addresses['console']}",
            f"    demo shop {addresses['shop']}",
            f"    metrics   {addresses['metrics']}",
            "",
        ]
        if started.logins:
            lines.append("  First logins (shown this once; change them in the console):")
            lines += [f"    {login.what:<14} {login.username}  {login.password}" for login in started.logins]
            lines.append("")
        lines.append(f"  Everything is kept in {settings.home.absolute()}. Stop with Ctrl-C.\n")
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()

    raise typer.Exit(run_process(settings, main, mendable=MENDABLE))


def serve(service: Service = typer.Argument(help="Which service.")) -> None:
    """Run one service, on RabbitMQ and PostgreSQL."""
    from yizhan.serving import serve_one

    settings = settings_of(SERVICES[service.value])
    if settings.embedded:
        raise Refusal("`yizhan serve` needs YIZHAN_BUS_URL=amqp://…; without RabbitMQ use `yizhan up`")

    async def main(life: Lifespan) -> None:
        await serve_one(life, settings, service.value)

    raise typer.Exit(run_process(settings, main, mendable=MENDABLE))


def migrate() -> None:
    """Bring the database's schemas up to date. Safe to run from several places at once."""
    settings = common_settings()

    async def upgrade() -> dict[str, str]:
        async with database_of(settings, "migrate") as database:
            return await upgrade_all(database)

    for name, revision in sorted(run(settings, upgrade()).items()):
        typer.echo(f"{name:<10} {revision}")
