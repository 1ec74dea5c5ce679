"""Programs are installed without starting daemons, or asked for in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import chromium, packages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, bool]]:
    """Each call of apt-get with whether starting daemons was forbidden meanwhile; nothing is installed."""
    made: list[tuple[str, bool]] = []
    policy = tmp_path / "policy-rc.d"

    def record(*arguments: str, failing: str) -> None:
        made.append((arguments[0], policy.exists() and os.access(policy, os.X_OK)))

    monkeypatch.setattr(packages, "POLICY", policy)
    monkeypatch.setattr(packages, "_apt", record)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return made


def test_no_daemon_is_started_and_nothing_is_left_behind(calls: list[tuple[str, bool]]) -> None:
    packages.install(["rabbitmq-server"], "")
    assert calls == [("update", True), ("install", True)]
    assert not packages.POLICY.exists()


def test_the_machines_own_policy_stays(calls: list[tuple[str, bool]]) -> None:
    packages.POLICY.write_text("#!/bin/sh\nexit 0\n", "utf-8")
    packages.install(["rabbitmq-server"], "")
    assert packages.POLICY.read_text("utf-8") == "#!/bin/sh\nexit 0\n"


LOOKS_AND_INSTALLS = """
import sys, time
from pathlib import Path
from tests.services import packages
packages.PACKAGES_OF = Path(sys.argv[1])
program = Path(sys.argv[1], "program")
with packages.one_at_a_time():
    if not program.exists():
        program.write_text("half")
        time.sleep(0.5)
        program.write_text("whole")
        print("installed", end="")
    print(program.read_text())
"""


def test_suites_that_begin_at_once_install_once_and_find_no_half_program(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOOKS_AND_INSTALLS, str(tmp_path)]
    runs = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert sorted(run.communicate(timeout=60)[0] for run in runs) == ["installedwhole\n", "whole\n", "whole\n"]


def test_a_run_that_waits_too_long_for_another_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "PACKAGES_OF", tmp_path)
    monkeypatch.setattr(packages, "APT_SECONDS", 0.1)
    with packages.one_at_a_time(), pytest.raises(packages.Missing, match="Another run"), packages.one_at_a_time():
        pass


def test_what_cannot_be_installed_is_asked_for_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(packages.Missing) as caught:
        packages.install(["rabbitmq-server"], " or set YIZHAN_TEST_AMQP_URL=amqp://host")
    assert str(caught.value) == (
        "Tests need rabbitmq-server. Install it (apt-get install rabbitmq-server)"
        " or set YIZHAN_TEST_AMQP_URL=amqp://host."
    )


def test_a_run_without_a_needed_program_ends_with_that_line() -> None:
    """Neither skipped nor a page of tracebacks."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/project/test_private_servers.py", "-k", "chinese"],
        cwd=ROOT,
        env={**os.environ, chromium.VARIABLE: "/nowhere/chromium"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("ERROR")]
    assert said == [f"ERROR: {chromium.VARIABLE}=/nowhere/chromium is not there"]
    assert "Traceback" not in done.stdout + done.stderr
