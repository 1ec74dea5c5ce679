"""The product as real processes: everything in one, or every service in its own on RabbitMQ and PostgreSQL."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services.process import Process, free_port, private_folder

SECRET = "a-secret-of-the-tests-only-0123456789abcdef"
ACCOUNT = "demo"
ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
APART = ("dialogue", "routing", "metrics", "website", "app", "wechat", "ecommerce", "email", "console")
"""The services, in an order in which they can start."""


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str


@dataclass(slots=True)
class Deployment:
    """Running services by name. ``website``, ``app``, ``wechat``, ``ecommerce`` and ``console`` are base addresses."""

    folder: Path
    environment: dict[str, str]
    processes: dict[str, Process] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    commands: dict[str, tuple[str, ...]] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)

    @property
    def website(self) -> str:
        return self.address("website" if "website" in self.ports else "yizhan")

    @property
    def app(self) -> str:
        return self.address("app" if "app" in self.ports else "yizhan")

    @property
    def wechat(self) -> str:
        return self.address("wechat" if "wechat" in self.ports else "yizhan")

    @property
    def ecommerce(self) -> str:
        return self.address("ecommerce" if "ecommerce" in self.ports else "yizhan")

    @property
    def console(self) -> str:
        return self.address("console" if "console" in self.ports else "yizhan")

    def address(self, name: str) -> str:
        """Where a process answers over HTTP."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, name: str, *command: str, **settings: str) -> None:
        """Describe a process; ``start`` runs it."""
        self.commands[name] = command
        self.settings[name] = settings
        self.ports[name] = free_port()

    def start(self, *names: str) -> None:
        """Run processes and wait until all are ready."""
        for name in names:
            self.processes[name] = self._run(name)
        for name in names:
            self.processes[name].wait_until(partial(ready, self.address(name)), within=START_SECONDS)

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self.processes[name].kill()

    def stop(self, name: str) -> None:
        """SIGTERM, as an orchestrator does it."""
        self.processes[name].stop(signal.SIGTERM, within=40.0)

    def log(self, name: str) -> str:
        return self.processes[name].log.read_text("utf-8", "replace")

    def close(self) -> None:
        for process in reversed(self.processes.values()):
            process.send(signal.SIGTERM)
        for process in reversed(self.processes.values()):
            process.stop(signal.SIGTERM, within=40.0)

    def yizhan(self, *arguments: str) -> str:
        """The command line, as an operator uses it; its output."""
        done = subprocess.run(
            [*PROGRAM, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"yizhan {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _run(self, name: str) -> Process:
        environment = self.environment | {"YIZHAN_HTTP_PORT": str(self.ports[name])} | self.settings[name]
        return Process(
            [*PROGRAM, *self.commands[name]],
            environment=environment,
            folder=self.folder,
            log=self.folder / f"{name}.log",
            account=None,
        )


PROGRAM = (sys.executable, "-c", "from yizhan.cli import main; main()")


def ready(address: str) -> bool:
    """Whether a process says that it can work."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2.0) as answer:
            return bool(json.load(answer)["ready"])
    except (urllib.error.URLError, OSError, ValueError):
        return False


def embedded(home: Path | None = None, **settings: str) -> Deployment:
    """``yizhan up`` with the demo business, started."""
    folder = home or private_folder("embedded", None)
    deployment = Deployment(folder, _environment({"YIZHAN_HOME": str(folder / "var"), **settings}))
    deployment.add("yizhan", "up")
    deployment.start("yizhan")
    shown = deployment.log("yizhan")
    for username, password in re.findall(r"^\s+(?:administrator|agent)\s+(\S+)\s\s(\S+)$", shown, re.MULTILINE):
        deployment.logins[username] = Login(username, password)
    return deployment


def apart(amqp_url: str, database_url: str, *, dialogues: int = 1, **settings: str) -> Deployment:
    """Every service in a process of its own, with a demo business; ``dialogues`` replicas of dialogue."""
    folder = private_folder("apart", None)
    deployment = Deployment(
        folder,
        _environment(
            {
                "YIZHAN_HOME": str(folder / "var"),
                "YIZHAN_BUS_URL": amqp_url,
                "YIZHAN_DATABASE_URL": database_url,
                "YIZHAN_SECRET": SECRET,
                **settings,
            }
        ),
    )
    _prepare(deployment)
    grpc = {name: free_port() for name in ("dialogue", "routing", "metrics", "ecommerce")}
    for name, port in grpc.items():
        deployment.environment[f"YIZHAN_{name.upper()}_ADDRESS"] = f"127.0.0.1:{port}"
    for name in APART:
        own = {"YIZHAN_GRPC_PORT": str(grpc[name])} if name in grpc else {}
        deployment.add(name, "serve", name, **own)
    extra = [f"dialogue-{number}" for number in range(2, dialogues + 1)]
    for name in extra:
        deployment.add(name, "serve", "dialogue", YIZHAN_GRPC_PORT="0")
    deployment.start(*APART, *extra)
    return deployment


def _prepare(deployment: Deployment) -> None:
    deployment.yizhan("migrate")
    deployment.yizhan("account", "add", "website", ACCOUNT, "--name", "山居生活", "--set", "title=山居生活")
    deployment.yizhan("kb", "import", str(ROOT / "services" / "yizhan" / "demo" / "faq.csv"))
    for username, role, name in (("admin", "admin", "管理员"), ("agent", "agent", "小雅")):
        shown = deployment.yizhan("user", "add", username, "--role", role, "--name", name)
        deployment.logins[username] = Login(username, shown.rsplit("password: ", 1)[1].strip())


def _environment(settings: dict[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("YIZHAN_")}
    return inherited | {
        "PYTHONPATH": f"{ROOT / 'services'}",
        "PYTHONUNBUFFERED": "1",
        "YIZHAN_LOG_FORMAT": "console",
        **settings,
    }


def wait_for(condition: object, within: float, what: str) -> None:
    """Block until ``condition()`` holds. Raises TimeoutError with ``what``."""
    assert callable(condition)
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)
