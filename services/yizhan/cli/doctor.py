"""``yizhan doctor``: looks at everything the product needs and says what to do."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import typer

from yizhan.channels.website.assets import STATIC as WIDGET
from yizhan.cli.asking import FAILED, Refusal, common_settings
from yizhan.console.webapp import STATIC as CONSOLE
from yizhan.core.bus.interface import BusError
from yizhan.core.bus.open import open_bus
from yizhan.core.runtime.database import database_of
from yizhan.core.runtime.logging import configure
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.core.store.database import Database
from yizhan.core.store.errors import SchemaMismatch, StoreUnavailable
from yizhan.core.store.media import MediaStore
from yizhan.core.store.migrate import check_all

LEAST_FREE_MIB = 512


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; ``advice`` is empty when all is well."""

    check: str
    state: str
    advice: str = ""


def doctor() -> None:
    """Check settings, database, schemas, bus, disk, built pages and models. Exit code 1 when something has to be done."""
    settings = common_settings()
    configure("error", settings.log_format)
    findings = [Finding("settings", "good"), *asyncio.run(_examine(settings))]
    for finding in findings:
        mark = "!!" if finding.advice else "ok"
        typer.echo(f"{mark}  {finding.check:<10} {finding.state}")
        if finding.advice:
            typer.echo(f"    {'':<10} -> {finding.advice}")
    if any(finding.advice for finding in findings):
        raise Refusal("something has to be done", exit_code=FAILED)


async def _examine(settings: EmbeddedSettings) -> list[Finding]:
    findings = [_disk(settings), _pages()]
    try:
        async with database_of(settings, "doctor") as database:
            findings.append(Finding("database", f"answers ({database.dialect})"))
            findings.append(await _one("schemas", lambda: _schemas(settings, database)))
            findings.append(await _one("bus", lambda: _bus(settings, database)))
    except StoreUnavailable as error:
        findings.append(
            Finding("database", f"cannot be used: {error}", "check YIZHAN_DATABASE_URL and that the server runs")
        )
    findings.append(await _one("media", lambda: _media(settings)))
    findings.append(await _one("models", lambda: _models(settings)))
    return findings


async def _one(check: str, look: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        async with asyncio.timeout(15.0):
            return await look()
    except TimeoutError:
        return Finding(check, "no answer in 15 seconds", "check that the server runs and can be reached")


async def _schemas(settings: EmbeddedSettings, database: Database) -> Finding:
    try:
        await check_all(database)
    except SchemaMismatch as error:
        advice = "`yizhan up` migrates by itself" if settings.embedded else "run `yizhan migrate`"
        return Finding("schemas", str(error), advice)
    return Finding("schemas", "up to date")


async def _bus(settings: EmbeddedSettings, database: Database) -> Finding:
    try:
        opened = open_bus(settings.bus_url, database=database, partitions=settings.partitions, producer="doctor")
        async with opened as bus:
            depths = await bus.depths()
    except SchemaMismatch:
        return Finding("bus", "not set up yet", "start `yizhan up` once")
    except BusError as error:
        return Finding("bus", f"cannot be used: {error}", "check YIZHAN_BUS_URL and that RabbitMQ runs")
    dead = sum(depth.ready for depth in depths if depth.queue.startswith("dead."))
    waiting = sum(depth.ready for depth in depths if not depth.queue.startswith("dead."))
    advice = "look at them with `yizhan dead list`" if dead else ""
    return Finding("bus", f"connected, {waiting} waiting, {dead} parked", advice)


async def _media(settings: EmbeddedSettings) -> Finding:
    try:
        MediaStore(settings.media_url, settings.home)
    except (StoreUnavailable, ValueError) as error:
        return Finding("media", f"cannot be used: {error}", "check YIZHAN_MEDIA_URL and the rights on YIZHAN_HOME")
    return Finding("media", "ready")


async def _models(settings: EmbeddedSettings) -> Finding:
    from yizhan.dialogue.models.client import endpoint_of
    from yizhan.dialogue.models.examine import examine

    endpoint = endpoint_of(settings)
    if endpoint is None:
        return Finding("models", "none is set")
    trials = await examine(endpoint)
    state = ", ".join(f"{trial.model}: {trial.reason or f'{trial.seconds:.2f} s'}" for trial in trials)
    if any(trial.reason for trial in trials):
        return Finding("models", state, "check YIZHAN_MODELS_*; until then answers go out without them")
    if any(trial.seconds > endpoint.timeout_seconds for trial in trials):
        return Finding("models", state, "too slow for YIZHAN_MODELS_TIMEOUT_SECONDS: answers go out without them")
    return Finding("models", state)


def _disk(settings: EmbeddedSettings) -> Finding:
    folder = settings.home.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // (1024 * 1024)
    advice = f"less than {LEAST_FREE_MIB} MiB: make room, or move YIZHAN_HOME" if free < LEAST_FREE_MIB else ""
    return Finding("disk", f"{free} MiB free in {folder}", advice)


def _pages() -> Finding:
    missing = [
        name
        for name, file in (("console", CONSOLE / "index.html"), ("widget", WIDGET / "widget.js"))
        if not file.is_file()
    ]
    if missing:
        return Finding("pages", f"not built: {', '.join(missing)}", "run `make web`")
    return Finding("pages", "built")
