"""RabbitMQ for tests: ``YIZHAN_TEST_AMQP_URL``, or a private broker with ports, folders and an epmd of its own.

Usable without pytest::

    with RabbitServer.open() as rabbit:
        url = rabbit.new_vhost()
        rabbit.kill()
        rabbit.start()

All calls block; an async test says ``await asyncio.to_thread(rabbit.restart)``.
"""

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

from tests.services import packages
from tests.services.process import NotReady, Process, free_port, give, private_folder, unprivileged

VARIABLE = "YIZHAN_TEST_AMQP_URL"
MANAGEMENT_VARIABLE = "YIZHAN_TEST_AMQP_MANAGEMENT_URL"
SCRIPTS = (
    # The unwrapped scripts: the one on PATH insists on Debian's own account and folders.
    Path("/usr/lib/rabbitmq/bin"),
    Path("/opt/rabbitmq/sbin"),
    Path("/opt/homebrew/opt/rabbitmq/sbin"),
)
START_SECONDS = 60
VHOST_SECONDS = 60
MEMORY = "1GB"
STOP_SECONDS = 30
DIRECTORY_SECONDS = 2
AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
CONNECTION_START = b"\x00\x0a\x00\x0a"


class NotPrivate(Exception):
    """The broker was given by address: tests may use it, not stop or kill it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a broker answers, and as whom."""

    host: str
    port: int
    user: str
    password: str
    management: str

    @classmethod
    def parse(cls, url: str, management: str) -> "Endpoint":
        parts = urlsplit(url)
        host = parts.hostname or "127.0.0.1"
        return cls(
            host=host,
            port=parts.port or 5672,
            user=unquote(parts.username or "guest"),
            password=unquote(parts.password or "guest"),
            management=management or f"http://{host}:15672",
        )


def ensure_available() -> None:
    """Make sure that a broker can be had; raise :class:`packages.Missing` with one line when not."""
    if os.environ.get(VARIABLE):
        RabbitServer.open().close()  # it answers
    else:
        ensure_installed()


def ensure_installed() -> None:
    """The same for a private broker."""
    if _scripts() is None:
        packages.install(["rabbitmq-server"], f" or set {VARIABLE}=amqp://user:password@host:port")


def _scripts() -> Path | None:
    return next((folder for folder in SCRIPTS if (folder / "rabbitmq-server").exists()), None)


class RabbitServer:
    """A broker. Give every test a virtual host of its own."""

    def __init__(self, endpoint: Endpoint, node: "Node | None") -> None:
        self._endpoint = endpoint
        self._node = node

    @classmethod
    def open(cls) -> Self:
        """The broker that ``YIZHAN_TEST_AMQP_URL`` names, else a private one."""
        url = os.environ.get(VARIABLE, "")
        if not url:
            return cls.private()
        server = cls(Endpoint.parse(url, os.environ.get(MANAGEMENT_VARIABLE, "")), None)
        try:
            server.api("GET", "overview")
        except NotReady as error:
            raise packages.Missing(f"{error}; tests need the management plugin, see {MANAGEMENT_VARIABLE}") from error
        return server

    @classmethod
    def private(cls, *, durable: bool = False) -> Self:
        """Start a broker for this run alone; ``durable`` keeps its data on a disk, as production does."""
        ensure_installed()
        node = Node(durable=durable)
        try:
            node.start()
        except BaseException:
            node.close()
            raise
        return cls(node.endpoint, node)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop a private broker and remove its folders."""
        if self._node is not None:
            self._node.close()

    @property
    def management_url(self) -> str:
        return self._endpoint.management

    @property
    def port(self) -> int:
        return self._endpoint.port

    def url_for(self, vhost: str) -> str:
        at = self._endpoint
        credentials = f"{quote(at.user, safe='')}:{quote(at.password, safe='')}"
        return f"amqp://{credentials}@{at.host}:{at.port}/{quote(vhost, safe='')}"

    def new_vhost(self) -> str:
        """Make a virtual host and return its URL once the broker serves it."""
        vhost = f"test-{secrets.token_hex(6)}"
        self.api("PUT", f"vhosts/{vhost}")
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.api("PUT", f"permissions/{vhost}/{quote(self._endpoint.user, safe='')}", everything)
        self._wait_for_vhost(vhost)
        return self.url_for(vhost)

    def _wait_for_vhost(self, vhost: str) -> None:
        """A virtual host is known a moment before its processes run; who connects in between is sent away."""
        deadline = time.monotonic() + VHOST_SECONDS
        while (states := self._states(vhost)) != {"running"}:
            if time.monotonic() > deadline:
                raise NotReady(f"RabbitMQ: the virtual host {vhost} is not served: {states}")
            time.sleep(0.05)

    def _states(self, vhost: str) -> set[str]:
        return set(self.api("GET", f"vhosts/{vhost}").get("cluster_state", {}).values())

    def delete_vhost(self, url: str) -> None:
        """Remove a virtual host made by :meth:`new_vhost`; the broker closes its connections."""
        self.api("DELETE", f"vhosts/{urlsplit(url).path[1:]}")

    def queues(self, url: str) -> list[dict[str, Any]]:
        """The queues of a virtual host as the management API shows them (figures lag by up to 5 s)."""
        found: list[dict[str, Any]] = self.api("GET", f"queues/{urlsplit(url).path[1:]}")
        return found

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Ask the management API; return the decoded answer, or None when it has none."""
        at = self._endpoint
        request = urllib.request.Request(f"{at.management}/api/{path}", method=method)
        token = base64.b64encode(f"{at.user}:{at.password}".encode()).decode()
        request.add_header("authorization", f"Basic {token}")
        request.add_header("content-type", "application/json")
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=20) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            with error:
                reason = error.read().decode("utf-8", "replace")
            raise NotReady(f"RabbitMQ management: {method} {path}: {error.code} {reason}") from error
        except OSError as error:
            raise NotReady(f"RabbitMQ management does not answer at {at.management}: {error}") from error
        return json.loads(text) if text else None

    # Control of a private broker -------------------------------------------------------------------------------------

    @property
    def is_private(self) -> bool:
        """Whether tests may stop and kill it."""
        return self._node is not None

    @property
    def node(self) -> "Node":
        if self._node is None:
            raise NotPrivate(f"unset {VARIABLE}: this test stops or kills the broker")
        return self._node

    def start(self) -> None:
        """Start again after :meth:`stop` or :meth:`kill`, with the same address and data; nothing when it runs."""
        if self._node is not None:
            self._node.start()

    def stop(self) -> None:
        """Stop in an orderly way."""
        self.node.stop()

    def restart(self) -> None:
        """Stop in an orderly way and start."""
        self.node.stop()
        self.node.start()

    def kill(self) -> None:
        """SIGKILL, as in a power cut.

        RabbitMQ writes its directory of quorum queues up to a second late: a queue that was declared just before is
        without a leader afterwards. A test that is not about that waits :data:`DIRECTORY_SECONDS` after declaring.
        """
        self.node.kill()

    def pause(self) -> None:
        """Freeze the broker: connections stay open, nothing answers."""
        self.node.pause()

    def resume(self) -> None:
        self.node.resume()

    def raise_memory_alarm(self) -> None:
        """From now on the broker blocks every connection that publishes."""
        self.control("set_vm_memory_high_watermark", "absolute", "1")

    def clear_memory_alarm(self) -> None:
        self.control("set_vm_memory_high_watermark", "absolute", MEMORY)

    def control(self, *arguments: str) -> str:
        """Run ``rabbitmqctl`` against the private broker (takes seconds) and return what it prints."""
        return self.node.control(*arguments)


class Node:
    """A private RabbitMQ node and its epmd."""

    def __init__(self, *, durable: bool) -> None:
        scripts = _scripts()
        epmd = shutil.which("epmd")
        if scripts is None or epmd is None:
            raise packages.Missing("RabbitMQ or Erlang's epmd is not installed")
        self._scripts = scripts
        self._epmd_program = epmd
        self._account = unprivileged("rabbitmq")
        self._folder = private_folder("rabbitmq", self._account, in_memory=not durable)
        self._epmd_port = free_port()
        self._distribution_port = free_port()
        port = free_port()
        self.endpoint = Endpoint(
            host="127.0.0.1",
            port=port,
            user="yizhan",
            password=secrets.token_hex(12),
            management=f"http://127.0.0.1:{free_port()}",
        )
        self._environment = self._write_files()
        self._epmd: Process | None = None
        self._broker: Process | None = None

    def _write_files(self) -> dict[str, str]:
        at, folder = self.endpoint, self._folder
        config = {
            "listeners.tcp.1": f"127.0.0.1:{at.port}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": at.management.rpartition(":")[2],
            "default_user": at.user,
            "default_pass": at.password,
            "disk_free_limit.absolute": "50MB",
            "vm_memory_high_watermark.absolute": MEMORY,
            "raft.wal_max_size_bytes": str(64 * 1024 * 1024),
            "log.console": "true",
            "log.console.level": "warning",
        }
        files = {
            ".erlang.cookie": secrets.token_hex(16),
            "rabbitmq.conf": "".join(f"{key} = {value}\n" for key, value in config.items()),
            "enabled_plugins": "[rabbitmq_management].\n",
        }
        for name, text in files.items():
            path = folder / name
            path.write_text(text, "utf-8")
            path.chmod(0o400)
            give(path, self._account)
        loopback_only = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_BYTES": "0",
            "RABBITMQ_NODENAME": "yizhan@localhost",
            "RABBITMQ_NODE_PORT": str(at.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback_only,
            "RABBITMQ_CTL_ERL_ARGS": loopback_only,
            # The script then becomes the Erlang machine instead of watching it, and signals reach the right process.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def start(self) -> None:
        if self._broker is not None and self._broker.running:
            return
        if self._epmd is None or not self._epmd.running:
            self._epmd = self._process(self._epmd_program, "-address", "127.0.0.1", "-port", str(self._epmd_port))
            self._epmd.wait_until(lambda: _listens(self._epmd_port), within=10)
        self._broker = self._process(str(self._scripts / "rabbitmq-server"))
        self._broker.wait_until(self._ready, within=START_SECONDS)

    @property
    def pid(self) -> int:
        """The broker's process. Raises NotReady where it was never started."""
        if self._broker is None:
            raise NotReady("the broker was never started")
        return self._broker.pid

    def _process(self, *command: str) -> Process:
        log = self._folder / f"{Path(command[0]).name}.log"
        return Process(command, environment=self._environment, folder=self._folder, log=log, account=self._account)

    def _ready(self) -> bool:
        """Whether AMQP answers a protocol header and the management API listens."""
        management = int(self.endpoint.management.rpartition(":")[2])
        return _speaks_amqp(self.endpoint.port) and _listens(management)

    def stop(self) -> None:
        if self._broker is not None:
            self._broker.stop(signal.SIGTERM, within=STOP_SECONDS)

    def kill(self) -> None:
        if self._broker is not None:
            self._broker.kill()

    def pause(self) -> None:
        if self._broker is not None:
            self._broker.pause()

    def resume(self) -> None:
        if self._broker is not None:
            self._broker.resume()

    def control(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._scripts / "rabbitmqctl"), "-n", self._environment["RABBITMQ_NODENAME"], *arguments],
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
            raise NotReady(f"rabbitmqctl {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def close(self) -> None:
        """Nothing is kept, so the broker need not be asked politely."""
        for process in (self._broker, self._epmd):
            if process is not None:
                process.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _speaks_amqp(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(AMQP_HEADER)
            answer = b""
            deadline = time.monotonic() + 2
            while len(answer) < 11 and time.monotonic() < deadline:
                chunk = connection.recv(64)
                if not chunk:
                    return False
                answer += chunk
            return answer[7:11] == CONNECTION_START
    except OSError:
        return False
