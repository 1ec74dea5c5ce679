"""What is installed from the wheel runs without Node and without the repository."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel built now; the front ends are built before (`make e2e`)."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_front_ends_are_inside(names: set[str]) -> None:
    website = "yizhan/channels/website/static"
    wanted = {f"{website}/widget.js", f"{website}/widget-panel.js", "yizhan/console/static/index.html"}
    assert wanted - names == set()
    assert any(name.startswith("yizhan/console/static/assets/") and name.endswith(".js") for name in names)


def test_every_module_and_migration_is_inside(names: set[str]) -> None:
    source = ROOT / "services"
    modules = {str(path.relative_to(source)) for path in (source / "yizhan").rglob("*.py")}
    modules = {name for name in modules if "node_modules" not in name}
    assert modules - names == set()
    assert "yizhan/py.typed" in names


def test_sources_of_the_front_ends_are_not_inside(names: set[str]) -> None:
    assert [name for name in names if "node_modules" in name or name.endswith((".ts", ".tsx", ".vue"))] == []


def test_the_licence_is_inside(names: set[str]) -> None:
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
