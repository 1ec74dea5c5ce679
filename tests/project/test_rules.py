"""Rules that hold for every file in the repository, each with the reason it was made."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Written so that this file does not match itself.
REGISTRY = re.compile(
    r"p[y]pi\.org|p[y]thonhosted\.org|n[p]mjs\.(org|com)|n[p]mmirror\.com|d[e]b\.debian\.org|p[y]pi\.tuna"
)
MACHINE_PATH = re.compile(r"(?<![\w.\-/}])/(h[o]me/\w|r[o]ot/\w|U[s]ers/\w|w[o]rk/\w)")
UNFINISHED = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X)\b|raise N[o]tImplementedError")
SKIPPED = re.compile(
    r"pytest\.(mark\.)?(s[k]ip|x[f]ail)|s[k]ipif|i[m]portorskip|\b(describe|it|test)\.(s[k]ip|t[o]do)\b"
)
BLANKET = re.compile(r"# type: i[g]nore(?!\[)|# no[q]a(?!:)")

HOLDS_ON_TO_A_GROUP = re.compile(r"\)(?:[*+?]|\{{1,2}[0-9,]+\}{1,2})\+|\(\?>")

NO_PROSE = {
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".ico",
    ".xlsx",
    ".docx",
    ".pdf",
    ".woff",
    ".woff2",
    ".mp3",
    ".zip",
}


def tracked(*patterns: str) -> list[str]:
    """Files that git has or would take; a deleted one is not listed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def texts(*patterns: str) -> list[tuple[str, str]]:
    """Name and content of every tracked text file."""
    names = [name for name in tracked(*patterns) if Path(name).suffix.lower() not in NO_PROSE]
    return [(name, (ROOT / name).read_text("utf-8", "replace")) for name in names]


def findings(pattern: re.Pattern[str], *patterns: str) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts(*patterns)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_registry_is_named() -> None:
    """Installing takes packages from where the user's own pip and npm are pointed, mirrors included."""
    assert findings(REGISTRY) == []


@pytest.mark.parametrize("name", tracked("*package-lock.json"))
def test_node_locks_have_hashes_and_no_addresses(name: str) -> None:
    packages = json.loads((ROOT / name).read_text("utf-8"))["packages"]
    assert [path for path, entry in packages.items() if "resolved" in entry] == []
    assert [
        path for path, entry in packages.items() if path and not entry.get("link") and "integrity" not in entry
    ] == []


@pytest.mark.parametrize("name", tracked("requirements/*.txt"))
def test_python_locks_have_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    requirements = re.findall(r"^[a-zA-Z0-9].*(?:\n .*)*", text, re.MULTILINE)
    assert requirements
    assert [entry.split()[0] for entry in requirements if "==" not in entry or "--hash=sha256:" not in entry] == []


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE
    ):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("name", ["requirements/runtime.txt", "requirements/build.txt"])
def test_tests_run_with_the_packages_that_users_get(name: str) -> None:
    tested = pins("requirements/dev.txt")
    assert {package: versions for package, versions in pins(name).items() if tested.get(package) != versions} == {}


def test_every_declared_dependency_is_locked() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[\[<>=;~ ]", entry)[0].lower() for entry in declared}
    assert names - set(pins("requirements/runtime.txt")) == set()


def test_no_path_of_one_machine() -> None:
    assert findings(MACHINE_PATH) == []


def test_nothing_is_left_for_later() -> None:
    """What is not finished is in the issue tracker, not in the code. What subclasses must define is an abstract method."""
    found = findings(UNFINISHED, "services/*.py", "tests/*.py", "protos/*.py", "services/*.ts", "services/*.vue")
    assert [line for line in found if not line.startswith("services/yizhan/pb/")] == []


def test_no_test_is_switched_off() -> None:
    assert findings(SKIPPED, "tests/*.py", "services/*.ts") == []


def test_a_silenced_check_is_named() -> None:
    assert findings(BLANKET, "services/*.py", "tests/*.py", "protos/*.py") == []


def test_no_pattern_holds_on_to_a_group() -> None:
    """Python before 3.11.5, Debian 12's among them, matches ``(…)*+`` and ``(?>…)`` wrongly and says nothing."""
    assert [bool(HOLDS_ON_TO_A_GROUP.search(each)) for each in ("(a?b)*+", "(a){0,5}+", "(?>a)", "(a)+b", "a++")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert findings(HOLDS_ON_TO_A_GROUP, "services/*.py") == []


def test_modules_are_short() -> None:
    """A module over 500 lines does more than one thing."""
    names = [name for name in tracked("services/*.py", "protos/*.py") if "/pb/" not in name]
    lengths = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in names}
    assert {name: length for name, length in lengths.items() if length > 500} == {}


def test_the_readmes_stay_a_page() -> None:
    lengths = {name: len(text.splitlines()) for name, text in texts("README*.md")}
    assert {name: length for name, length in lengths.items() if length >= 80} == {}


def test_every_make_target_has_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = [name for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for name in line.split()]
    explained = re.findall(r"^([a-z0-9-]+):.*## \S", makefile, re.MULTILINE)
    plain = {name for name in targets if "$" not in name and "%" not in name}
    assert plain - set(explained) == set()

    help_text = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ).stdout
    assert [name for name in explained if f"  {name} " not in help_text] == []


def test_ci_runs_what_developers_run() -> None:
    lines = (ROOT / ".ci/run").read_text("utf-8").splitlines()
    assert lines[-1] == "exec make test"
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.parametrize("name", [name for name in tracked("services/*package.json") if "node_modules" not in name])
def test_front_ends_have_the_scripts_that_make_calls(name: str) -> None:
    package = json.loads((ROOT / name).read_text("utf-8"))
    assert {"build", "typecheck", "test"} - set(package["scripts"]) == set()
    assert package["engines"]["node"]
    npmrc = (ROOT / name).parent / ".npmrc"
    assert "omit-lockfile-registry-resolved=true" in npmrc.read_text("utf-8").split()
