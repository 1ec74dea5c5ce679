"""PostgreSQL for tests: ``YIZHAN_TEST_DATABASE_URL``, or a private server with a port and a folder of its own.

Usable without pytest::

    with PostgresServer.open() as postgres:
        url = postgres.new_database()
        postgres.kill9()
        postgres.start()

All calls block; an async test says ``await asyncio.to_thread(postgres.restart)``.
"""

import asyncio
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.services import packages
from tests.services.process import NotReady, Process, free_port, private_folder, unprivileged

T = TypeVar("T")

VARIABLE = "YIZHAN_TEST_DATABASE_URL"
START_SECONDS = 30
STOP_SECONDS = 30
STOP_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
# A crashed process loses nothing that the kernel has; only a crashed machine would.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class NotPrivate(Exception):
    """The server was given by address: tests may use it, not stop or kill it."""


def ensure_available() -> None:
    """Make sure that a server can be had; raise :class:`packages.Missing` with one line when not."""
    if os.environ.get(VARIABLE):
        PostgresServer.open().close()  # it answers
    else:
        ensure_installed()


def ensure_installed() -> None:
    """The same for a private server."""
    if _programs() is None:
        packages.install(["postgresql"], f" or set {VARIABLE}=postgresql://user:password@host:port/postgres")


def _programs() -> Path | None:
    """The folder of the newest installed server."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0))
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path and shutil.which("initdb") else None


class PostgresServer:
    """A server. Give every test a database of its own."""

    def __init__(self, url: str, cluster: "Cluster | None") -> None:
        self._url = url
        self._cluster = cluster
        self._templates: dict[str, str] = {}
        self._made: list[str] = []
        self._hand = Hand(url)

    @classmethod
    def open(cls) -> Self:
        """The server that ``YIZHAN_TEST_DATABASE_URL`` names, else a private one."""
        url = os.environ.get(VARIABLE, "")
        if not url:
            return cls.private()
        server = cls(url, None)
        try:
            server.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError) as error:
            raise packages.Missing(f"{VARIABLE} does not answer: {error}") from error
        return server

    @classmethod
    def private(cls, *, durable: bool = False) -> Self:
        """Start a server for this run alone; ``durable`` waits for the disk at every commit, as production does."""
        ensure_installed()
        cluster = Cluster(durable=durable)
        try:
            cluster.start()
        except BaseException:
            cluster.close()
            raise
        return cls(cluster.url, cluster)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop a private server and remove its folders; on another, drop what was made."""
        if self._cluster is not None:
            self._hand.close()
            self._cluster.close()
            return
        for name in (*self._made, *self._templates.values()):
            self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._hand.close()

    def url_for(self, database: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{database}"))

    def new_database(self, template: str = "template0") -> str:
        """Make a database, a copy of ``template``, and return its URL."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{self._copying}')
        self._made.append(name)
        return self.url_for(name)

    @cached_property
    def _copying(self) -> str:
        """Versions from 15 on write every page of a copy to the log unless told to copy files, as the others always do.

        Of the small databases that tests copy a thousand times, files take half the work.
        """
        return " STRATEGY FILE_COPY" if self._hand.version() >= 15 else ""

    def template(self, purpose: str, prepare: Callable[[str], None]) -> str:
        """The name of a database that ``prepare(url)`` filled once in this run, to copy with :meth:`new_database`.

        ``prepare`` must close its connections: a database in use cannot be copied.
        """
        if purpose not in self._templates:
            url = self.new_database()
            prepare(url)
            name = urlsplit(url).path[1:]
            self._made.remove(name)
            self._templates[purpose] = name
        return self._templates[purpose]

    def drop_database(self, url: str) -> None:
        """Remove a database made by :meth:`new_database` and end its connections."""
        name = urlsplit(url).path[1:]
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if name in self._made:
            self._made.remove(name)

    def execute(self, statement: str) -> None:
        """Run one administrative statement."""
        self._hand.execute(statement)

    # Control of a private server -------------------------------------------------------------------------------------

    @property
    def is_private(self) -> bool:
        """Whether tests may stop and kill it."""
        return self._cluster is not None

    @property
    def cluster(self) -> "Cluster":
        if self._cluster is None:
            raise NotPrivate(f"unset {VARIABLE}: this test stops or kills the server")
        return self._cluster

    def start(self) -> None:
        """Start again after :meth:`stop` or :meth:`kill9`, with the same address and data; nothing when it runs."""
        if self._cluster is not None:
            self._cluster.start()

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """``fast`` ends transactions in an orderly way, ``immediate`` makes the next start recover from the log."""
        self._hand.let_go()
        self.cluster.stop(mode)

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        self.stop(mode)
        self.cluster.start()

    def kill9(self) -> None:
        """SIGKILL the server and all its connections' processes."""
        self._hand.let_go()
        self.cluster.kill()

    def pause(self) -> None:
        """Freeze the server: connections stay open, nothing answers."""
        self.cluster.pause()

    def resume(self) -> None:
        self.cluster.resume()


class Hand:
    """The connection by which databases are made and dropped, kept: opening one costs as much as half a database.

    It lives on a loop and a thread of its own, so that it can be used from anywhere.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._runner = asyncio.Runner()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="postgres hand")
        self._connection: asyncpg.Connection | None = None

    def execute(self, statement: str) -> None:
        self._do(lambda connection: connection.execute(statement, timeout=60))

    def version(self) -> int:
        async def ask(connection: asyncpg.Connection) -> int:
            return connection.get_server_version().major

        return self._do(ask)

    def let_go(self) -> None:
        """Give the connection up; the next statement opens another one."""
        self._run(self._close())

    def close(self) -> None:
        """For good."""
        self.let_go()
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _do(self, work: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]) -> T:
        async def run() -> T:
            await asyncio.sleep(0)  # the loop may learn only now that the server is gone
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(self._url, timeout=20)
            return await work(self._connection)

        return self._run(run())

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
            await asyncio.sleep(0)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, work).result()


class Cluster:
    """A private data folder and the server on it."""

    def __init__(self, *, durable: bool) -> None:
        programs = _programs()
        if programs is None:
            raise packages.Missing("PostgreSQL's server is not installed")
        self._programs = programs
        self._account = unprivileged("postgres")
        self._folder = private_folder("postgres", self._account, in_memory=not durable)
        self._port = free_port()
        self._settings = SETTINGS | ({} if durable else NOT_DURABLE)
        self._environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8"}
        self._server: Process | None = None
        self.url = f"postgresql://yizhan@127.0.0.1:{self._port}/postgres"
        self._initialise()

    def _initialise(self) -> None:
        arguments = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-U", "yizhan"]
        done = subprocess.run(
            [str(self._programs / "initdb"), *arguments, "-D", str(self._folder / "data")],
            env=self._environment,
            cwd=self._folder,
            user=self._account.pw_uid if self._account else None,
            group=self._account.pw_gid if self._account else None,
            extra_groups=[] if self._account else None,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise NotReady(f"initdb: {done.stderr.strip()}")

    def start(self) -> None:
        if self._server is not None and self._server.running:
            return
        settings = [f"-c{key}={value}" for key, value in self._settings.items()]
        data = str(self._folder / "data")
        self._server = Process(
            [str(self._programs / "postgres"), "-D", data, "-p", str(self._port), "-k", str(self._folder), *settings],
            environment=self._environment,
            folder=self._folder,
            log=self._folder / "postgres.log",
            account=self._account,
            death_signal=signal.SIGQUIT,  # the server then ends its children itself
        )
        self._server.wait_until(self._ready, within=START_SECONDS)

    @property
    def pid(self) -> int:
        """The server's first process. Raises NotReady where it was never started."""
        if self._server is None:
            raise NotReady("the server was never started")
        return self._server.pid

    def _ready(self) -> bool:
        async def ask() -> None:
            connection = await asyncpg.connect(self.url, timeout=2)
            await connection.close()

        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                pass
            _blocking(ask())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    def stop(self, mode: Literal["fast", "immediate"]) -> None:
        if self._server is not None:
            self._server.stop(STOP_SIGNALS[mode], within=STOP_SECONDS)

    def kill(self) -> None:
        if self._server is not None:
            self._server.kill()

    def pause(self) -> None:
        """The server and every process that serves a connection."""
        if self._server is not None:
            self._server.pause()

    def resume(self) -> None:
        if self._server is not None:
            self._server.resume()

    def close(self) -> None:
        """Nothing is kept, so the server need not be asked politely."""
        if self._server is not None:
            self._server.send_to_tree(signal.SIGCONT)
            self._server.stop(signal.SIGQUIT, within=STOP_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)


def _blocking(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own, also when the caller's thread has a running one."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()
