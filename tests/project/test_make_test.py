"""``make test`` runs every test once, though in several runs side by side."""

import os
import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
RUNS = re.compile(r"^\.venv/bin/pytest (.+)$", re.MULTILINE)
ON_THEIR_OWN = TESTS / "faults"
"""Minutes of kills, which ``make faults`` runs."""


@pytest.mark.parametrize(
    ("target", "folders"),
    [
        ("test", [TESTS]),
        ("unit", [TESTS / "project", TESTS / "unit"]),
        ("contract", [TESTS / "contract"]),
        ("channels", [TESTS / "channels"]),
        ("conformance channels-others", [TESTS / "channels"]),
    ],
)
def test_a_target_runs_each_of_its_tests_once(target: str, folders: list[Path]) -> None:
    files = {file for folder in folders for file in folder.rglob("test_*.py") if ON_THEIR_OWN not in file.parents}
    assert len(files) > 20
    assert Counter(file for run in _runs(target) for file in _chosen(run)) == Counter(files)


def _runs(target: str) -> list[list[str]]:
    """What pytest would be called with for this target."""
    # Without what a `make` around this test left: it would talk to that one's job server.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--dry-run", *target.split()]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    return [shlex.split(run) for run in RUNS.findall(told)]


def _chosen(run: list[str]) -> list[Path]:
    """The files with tests that one call of pytest takes; an option other than ``--ignore`` could leave tests out."""
    ignored = [ROOT / word.removeprefix("--ignore=") for word in run if word.startswith("--ignore=")]
    folders = [ROOT / word for word in run if not word.startswith("--ignore=")]
    assert [folder for folder in (*folders, *ignored) if not folder.is_dir()] == []
    found = [file for folder in folders for file in folder.rglob("test_*.py")]
    return [file for file in found if not any(folder in file.parents for folder in ignored)]
