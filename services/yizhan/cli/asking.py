"""Short commands: settings, a database (and a bus where asked), one piece of work, and errors as one line each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from yizhan.core.bus.interface import Bus, BusError, BusUnavailable
from yizhan.core.runtime.database import database_of
from yizhan.core.runtime.errors import StartupError
from yizhan.core.runtime.logging import configure
from yizhan.core.runtime.settings import CommonSettings, EmbeddedSettings, SettingsInvalid
from yizhan.core.runtime.settings_load import load
from yizhan.core.store.database import Database
from yizhan.core.store.errors import SchemaMismatch, StoreUnavailable

T = TypeVar("T")
S = TypeVar("S", bound=CommonSettings)

FAILED = 1
WRONG = 2


class Refusal(Exception):
    """A command that could not be done: lines for people, and the exit code."""

    def __init__(self, *lines: str, exit_code: int = WRONG) -> None:
        super().__init__(*lines)
        self.lines = lines
        self.exit_code = exit_code


def settings_of(kind: type[S], *, make_secret: bool = True) -> S:
    """The settings of a process. Raises Refusal with every problem."""
    try:
        return load(kind, make_secret=make_secret)
    except SettingsInvalid as error:
        raise Refusal("the settings are wrong:", *(f"  {problem}" for problem in error.problems)) from error


def common_settings() -> EmbeddedSettings:
    """Settings for a command that is no service. Peers' addresses are not needed then."""
    return settings_of(EmbeddedSettings)


def ask(settings: CommonSettings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with the database. Raises Refusal."""

    async def inside() -> T:
        async with opened(settings) as database:
            return await work(database)

    return run(settings, inside())


def ask_bus(settings: CommonSettings, work: Callable[[Bus], Awaitable[T]]) -> T:
    """Do something with the bus. Raises Refusal."""
    from yizhan.core.bus.open import open_bus

    async def inside() -> T:
        async with opened(settings) as database:
            bus = open_bus(settings.bus_url, database=database, partitions=settings.partitions, producer="cli")
            async with bus as connected:
                return await work(connected)

    return run(settings, inside())


@asynccontextmanager
async def opened(settings: CommonSettings) -> AsyncIterator[Database]:
    """The database, open; an embedded one is brought up to date first."""
    async with database_of(settings, "cli") as database:
        if settings.embedded:
            from yizhan.core.store.migrate import upgrade_all

            await upgrade_all(database)
        yield database


def run(settings: CommonSettings, work: Awaitable[T]) -> T:
    """Run to the end, with expected failures as one line. Raises Refusal."""
    configure("error", settings.log_format)

    async def awaited() -> T:
        return await work

    try:
        return asyncio.run(awaited())
    except (StoreUnavailable, SchemaMismatch, BusError, StartupError) as error:
        raise Refusal(in_words(error, settings), exit_code=FAILED) from error


def in_words(error: Exception, settings: CommonSettings) -> str:
    """What failed, where, and which setting to look at: one line, without passwords."""
    reason = str(error) or type(error).__name__
    match error:
        case StoreUnavailable() if settings.database_url in ("", "sqlite"):
            return f"the database in {settings.home.absolute()} cannot be used: {reason}"
        case StoreUnavailable():
            where = place(settings.database_url)
            return f"the database at {where} cannot be used: {reason}; look at YIZHAN_DATABASE_URL and at the server"
        case BusUnavailable() if settings.embedded:
            return f"{reason}: is another `yizhan up` running on {settings.home.absolute()}?"
        case BusError():
            return f"the bus at {place(settings.bus_url)} cannot be used: {reason}; look at YIZHAN_BUS_URL and at the server"
        case _:
            return reason


def place(url: str) -> str:
    """Host, port and path of an address: nothing that must stay secret."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"
