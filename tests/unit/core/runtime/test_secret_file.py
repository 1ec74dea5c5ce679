"""The signing key is made once, for its owner's eyes only, and losing it is never an accident of ours."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from yizhan.core.runtime.secret_file import SecretUnusable, read_or_create


def test_the_key_is_made_once_and_then_stays(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    key = read_or_create(home)
    assert len(key) == 64
    assert read_or_create(home) == key
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir()] == ["secret.key"]


@pytest.mark.parametrize(("existing", "mode"), [(None, 0o700), (0o755, 0o755)], ids=["made by us", "made by somebody"])
def test_a_home_that_we_make_is_private_and_one_that_is_there_keeps_its_mode(
    tmp_path: Path, existing: int | None, mode: int
) -> None:
    home = tmp_path / "home"
    if existing is not None:
        home.mkdir()
        home.chmod(existing)
    read_or_create(home)
    assert home.stat().st_mode & 0o777 == mode


def test_two_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(read_or_create, [tmp_path] * 32))) == 1


def test_a_key_of_ones_own_is_kept(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("my own key, long enough to be one\n")
    assert read_or_create(tmp_path) == "my own key, long enough to be one"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\x00"])
def test_a_file_that_holds_no_key_is_not_silently_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(SecretUnusable, match=r"secret\.key"):
        read_or_create(tmp_path)
    assert (tmp_path / "secret.key").read_bytes() == content


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(SecretUnusable, match="home"):
        read_or_create(tmp_path / "home")


_AS_NOBODY = """
import os, sys
from pathlib import Path
from yizhan.core.runtime.secret_file import SecretUnusable, read_or_create
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    read_or_create(Path(sys.argv[1]))
except SecretUnusable as error:
    print(error)
"""


def test_a_home_that_cannot_be_written_is_told_with_the_reason(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    told = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(home)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert "Permission denied" in told
    assert str(home / "secret.key") in told
