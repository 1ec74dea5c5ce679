"""Fixtures for every test: private servers, a browser, a home folder. Servers start when the first test asks."""

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.async_api import Browser, async_playwright

from tests.services import chromium as chromium_program, dovecot, postgres, rabbitmq, statements
from tests.services.deployment import apart, embedded
from tests.services.dovecot import Account, DovecotServer
from tests.services.network import allow_only_loopback
from tests.services.packages import Missing, one_at_a_time
from tests.services.postgres import PostgresServer
from tests.services.product import SETTINGS, Product
from tests.services.rabbitmq import RabbitServer

# The same cases on every machine and every run; a slow machine is not a failure.
hypothesis.settings.register_profile("yizhan", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("yizhan")


def _ensure_servers() -> None:
    rabbitmq.ensure_available()
    postgres.ensure_available()


PROGRAMS = {
    "product": _ensure_servers,
    "rabbit_server": rabbitmq.ensure_available,
    "postgres_server": postgres.ensure_available,
    "private_rabbit": rabbitmq.ensure_installed,
    "private_postgres": postgres.ensure_installed,
    "dovecot_server": dovecot.ensure_installed,
    "chromium": chromium_program.ensure_installed,
}


def pytest_sessionstart() -> None:
    allow_only_loopback()
    statements.share()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Before the first test, and outside its time limit, see that the programs that the chosen tests need are there."""
    if session.config.option.collectonly:
        return
    gc.freeze()  # the libraries and the tests stay to the end: tests that collect garbage need not look through them
    asked = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    needed = [ensure for fixture, ensure in PROGRAMS.items() if fixture in asked]
    if not needed:
        return
    try:
        with one_at_a_time():
            for ensure in needed:
                ensure()
    except Missing as missing:
        raise pytest.UsageError(str(missing)) from missing


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for `YIZHAN_HOME`."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def rabbit_server() -> Iterator[RabbitServer]:
    """The run's broker, maybe one that the environment names."""
    with RabbitServer.open() as server:
        yield server


@pytest.fixture(scope="session")
def private_rabbit(rabbit_server: RabbitServer) -> Iterator[RabbitServer]:
    """A broker that tests may stop and kill. It is started again where the next test needs it."""
    if rabbit_server.is_private:
        yield rabbit_server
        return
    with RabbitServer.private() as server:
        yield server


@pytest.fixture
def rabbit_url(rabbit_server: RabbitServer) -> Iterator[str]:
    """URL of a virtual host that only this test uses."""
    rabbit_server.start()
    url = rabbit_server.new_vhost()
    yield url
    rabbit_server.start()
    rabbit_server.delete_vhost(url)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The run's database server, maybe one that the environment names."""
    with PostgresServer.open() as server:
        yield server


@pytest.fixture(scope="session")
def private_postgres(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """A database server that tests may stop and kill. It is started again where the next test needs it."""
    if postgres_server.is_private:
        yield postgres_server
        return
    with PostgresServer.private() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """URL of an empty database that only this test uses."""
    postgres_server.start()
    url = postgres_server.new_database()
    yield url
    postgres_server.start()
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[DovecotServer]:
    """The run's IMAP server. It is started again where the next test needs it."""
    with DovecotServer.open() as server:
        yield server


@pytest.fixture
def mail_account(dovecot_server: DovecotServer) -> Account:
    """Somebody with an empty mailbox that only this test uses."""
    dovecot_server.start()
    return dovecot_server.new_account()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of a Chromium that can draw Chinese."""
    return chromium_program.ensure_installed()


@pytest.fixture
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """A Chromium of this test's own, driven by Playwright."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=chromium_program.ARGUMENTS)
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
def embedded_product() -> Iterator[Product]:
    """``yizhan up`` with the demo business, for every test that leaves it as it was."""
    with embedded(None, **SETTINGS) as deployment:
        yield Product("embedded", deployment)


@pytest.fixture(scope="session")
def apart_product(rabbit_server: RabbitServer, postgres_server: PostgresServer) -> Iterator[Product]:
    """Every service a process of its own on RabbitMQ and PostgreSQL."""
    rabbit_server.start()
    postgres_server.start()
    vhost, database = rabbit_server.new_vhost(), postgres_server.new_database()
    with apart(vhost, database, dialogues=1, **SETTINGS) as deployment:
        yield Product("apart", deployment)
    rabbit_server.delete_vhost(vhost)
    postgres_server.drop_database(database)


@pytest.fixture(scope="session", params=["embedded", "apart"])
def product(request: pytest.FixtureRequest) -> Product:
    """The whole product, both ways in which it runs."""
    found: Product = request.getfixturevalue(f"{request.param}_product")
    return found
