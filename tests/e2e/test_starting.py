"""Starting and stopping as an operator sees it: what is wrong is said plainly, all of it at once, with an exit code."""

import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.deployment import PROGRAM, ROOT, Deployment, embedded
from tests.services.process import free_port

pytestmark = pytest.mark.timeout(180)

SECRET = "a-secret-of-the-tests-only-0123456789abcdef"
NOWHERE = "127.0.0.1:1"


def run(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("YIZHAN_")}
    environment = {"YIZHAN_HOME": str(home / "var"), "YIZHAN_HTTP_PORT": str(free_port()), **settings}
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=inherited | {"PYTHONPATH": str(ROOT / "services")} | environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What the command says to the operator, without its log; never a traceback."""
    assert "Traceback" not in done.stdout + done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("yizhan:")]


def test_all_wrong_settings_are_named_at_once(home: Path) -> None:
    (home / "yizhan.yaml").write_text("workspace: default\nofer_seconds: 20\n", "utf-8")
    done = run(
        home,
        "up",
        YIZHAN_HTTP_PORT="eighty",
        YIZHAN_PARTITIONS="0",
        YIZHAN_LOG_LEVEL="loud",
        YIZHAN_DATABASE_URL="mysql://somewhere/x",
        YIZHAN_SECRET="short",
    )
    assert done.returncode == 2
    lines = "\n".join(told(done))
    for name in ("HTTP_PORT", "PARTITIONS", "LOG_LEVEL", "DATABASE_URL", "ofer_seconds"):
        assert name in lines
    assert not (home / "var").exists(), "nothing was begun"


def test_settings_that_do_not_go_together_are_named(home: Path) -> None:
    done = run(home, "serve", "console", YIZHAN_BUS_URL=f"amqp://{NOWHERE}/")
    assert done.returncode == 2
    lines = "\n".join(told(done))
    for name in ("SECRET", "DATABASE_URL", "DIALOGUE_ADDRESS", "ROUTING_ADDRESS", "METRICS_ADDRESS"):
        assert f"YIZHAN_{name}" in lines


@pytest.mark.parametrize(
    ("arguments", "settings", "hint"),
    [
        pytest.param(["up"], {"YIZHAN_BUS_URL": f"amqp://{NOWHERE}/"}, "yizhan serve", id="up with RabbitMQ"),
        pytest.param(["serve", "dialogue"], {}, "yizhan up", id="serve without RabbitMQ"),
    ],
)
def test_the_wrong_way_to_run_names_the_right_one(
    home: Path, arguments: list[str], settings: dict[str, str], hint: str
) -> None:
    complete = {"YIZHAN_SECRET": SECRET, "YIZHAN_DATABASE_URL": f"postgresql://x@{NOWHERE}/x", **settings}
    done = run(home, *arguments, **complete)
    assert done.returncode == 2
    (line,) = told(done)
    assert hint in line


def test_a_taken_port_is_one_line_and_the_first_passwords_are_not_lost(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(home, "up", YIZHAN_HTTP_PORT=str(port))
    assert done.returncode == 1
    (line,) = told(done)
    assert f"127.0.0.1:{port}" in line
    assert "taken" in line
    assert "administrator  admin" in done.stdout, "they were made, and are shown only once"


@pytest.mark.parametrize("arguments", [["migrate"], ["serve", "dialogue"], ["user", "list"]], ids=" ".join)
def test_a_database_that_is_away_is_named_without_its_password(home: Path, arguments: list[str]) -> None:
    done = run(
        home,
        *arguments,
        YIZHAN_BUS_URL=f"amqp://guest:pass-of-the-bus@{NOWHERE}/",
        YIZHAN_DATABASE_URL=f"postgresql://yizhan:pass-of-the-database@{NOWHERE}/yizhan",
        YIZHAN_SECRET=SECRET,
    )
    assert done.returncode == 1
    (line,) = told(done)
    assert f"the database at {NOWHERE}/yizhan" in line
    assert "YIZHAN_DATABASE_URL" in line
    assert "pass-of-the" not in done.stdout + done.stderr


def test_a_bus_that_is_away_is_named_without_its_password(home: Path, postgres_url: str) -> None:
    settings = {
        "YIZHAN_BUS_URL": f"amqp://guest:pass-of-the-bus@{NOWHERE}/",
        "YIZHAN_DATABASE_URL": postgres_url,
        "YIZHAN_SECRET": SECRET,
    }
    assert run(home, "migrate", **settings).returncode == 0
    done = run(home, "serve", "dialogue", **settings)
    assert done.returncode == 1
    (line,) = told(done)
    assert f"the bus at {NOWHERE}" in line
    assert "YIZHAN_BUS_URL" in line
    assert "pass-of-the" not in done.stdout + done.stderr


def test_a_database_that_was_never_migrated_says_what_to_run(home: Path, postgres_url: str) -> None:
    settings = {"YIZHAN_BUS_URL": f"amqp://{NOWHERE}/", "YIZHAN_DATABASE_URL": postgres_url, "YIZHAN_SECRET": SECRET}
    done = run(home, "serve", "dialogue", **settings)
    assert done.returncode == 1
    (line,) = told(done)
    assert "yizhan migrate" in line


def test_a_database_from_a_newer_version_is_left_alone(home: Path) -> None:
    assert run(home, "migrate").returncode == 0
    with sqlite3.connect(home / "var" / "yizhan.db") as database:
        database.execute("UPDATE dialogue_alembic_version SET version_num = '9999'")
    database.close()
    before = (home / "var" / "yizhan.db").read_bytes()
    done = run(home, "up")
    assert done.returncode == 1
    (line,) = told(done)
    assert "dialogue" in line
    assert "9999" in line
    assert (home / "var" / "yizhan.db").read_bytes() == before
    doctor = run(home, "doctor")
    assert doctor.returncode == 1
    assert "9999" in doctor.stdout


def test_a_home_that_cannot_be_used_is_named(home: Path) -> None:
    (home / "var").write_text("a file where the folder should be", "utf-8")
    done = run(home, "up")
    assert done.returncode == 2
    assert str(home / "var") in "\n".join(told(done))


@pytest.fixture
def running(home: Path) -> Iterator[Deployment]:
    with embedded(home) as deployment:
        yield deployment


def test_a_second_one_on_the_same_folder_says_so(running: Deployment, home: Path) -> None:
    done = run(home, "up")
    assert done.returncode == 1
    (line,) = told(done)
    assert str(home / "var") in line
    assert "another" in line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_stops_cleanly_and_starts_again(running: Deployment, number: signal.Signals) -> None:
    process = running.processes["yizhan"]
    process.send(number)
    assert process._popen.wait(30) == 0
    assert "Traceback" not in running.log("yizhan")
    running.start("yizhan")
    assert running.log("yizhan").count("First logins") == 1, "the demo is seeded once"
