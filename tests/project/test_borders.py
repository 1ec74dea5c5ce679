"""The borders between packages are watched: an import across one is reported."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [
    "channels",
    "channels/screens",
    "channels/website",
    "console",
    "contract",
    "core",
    "core/bus",
    "core/documents",
    "core/messages",
    "core/runtime",
    "core/security",
    "core/store",
    "dialogue",
    "metrics",
    "pb",
    "routing",
]


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's packages, empty, under the project's own rules."""
    folder = tmp_path_factory.mktemp("borders")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in ["", *PACKAGES]:
        package = folder / "services" / "yizhan" / name
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
    return folder


def lint(folder: Path, module: str, statement: str) -> subprocess.CompletedProcess[str]:
    planted = folder / "services" / "yizhan" / f"{module}.py"
    planted.write_text(f"{statement}\n", "utf-8")
    program = Path(sys.executable).with_name("lint-imports")
    try:
        return subprocess.run(
            [program, "--no-cache"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder / "services")},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
    finally:
        planted.unlink()


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        pytest.param("dialogue/writer", "import yizhan.routing", id="a service knows another"),
        pytest.param("console/api", "import yizhan.dialogue", id="the console reads a service directly"),
        pytest.param("core/bus/rabbitmq", "import yizhan.channels", id="core knows a service"),
        pytest.param("core/messages/codec", "import yizhan.core.bus", id="messages know the bus"),
        pytest.param("core/documents/tree", "import yizhan.core.store", id="documents know the store"),
        pytest.param("contract/file", "import yizhan.routing", id="the contract knows a service"),
        pytest.param("routing/assign", "import aio_pika", id="AMQP outside the bus"),
        pytest.param("core/store/outbox", "from aio_pika import Message", id="AMQP in the store"),
        pytest.param("dialogue/turn", "import sqlalchemy", id="SQL outside a store module"),
        pytest.param("channels/website/server", "from sqlalchemy import select", id="SQL in a channel"),
        pytest.param("channels/website/server", "import wechatpy", id="a platform library outside its channel"),
    ],
)
def test_a_crossing_is_reported(skeleton: Path, module: str, statement: str) -> None:
    done = lint(skeleton, module, statement)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        pytest.param("dialogue/store", "import sqlalchemy", id="SQL in a store module"),
        pytest.param("core/store/database", "import sqlalchemy, asyncpg, alembic", id="SQL in core.store"),
        pytest.param("core/bus/rabbitmq", "import aio_pika", id="AMQP in the bus"),
        pytest.param("routing/service", "import yizhan.core.runtime", id="a service stands on core"),
        pytest.param("metrics/clocks", "import yizhan.contract", id="a service goes by the contract"),
        pytest.param("cli", "import yizhan.dialogue, yizhan.routing", id="the command line starts services"),
    ],
)
def test_a_permitted_import_passes(skeleton: Path, module: str, statement: str) -> None:
    done = lint(skeleton, module, statement)
    assert done.returncode == 0, done.stdout + done.stderr
