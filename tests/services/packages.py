"""Programs that tests need and that are not Python packages: installed with apt when root may, else asked for."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# Debian starts a server when its package is installed, unless this file says no. Tests start their own.
POLICY = Path("/usr/sbin/policy-rc.d")
NO_DAEMONS = "#!/bin/sh\nexit 101\n"
APT_SECONDS = 900
PACKAGES_OF = Path("/var/lib/dpkg")
"""Where this system keeps its book of packages."""


class Missing(Exception):
    """A program that a test needs is not here and cannot be installed. The text is one line for a person."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Look for programs and install them while no other run on this machine does; raise :class:`Missing` when it lasts.

    Several runs begin at once, and one that looks while another installs finds half a program.
    """
    folder = PACKAGES_OF if PACKAGES_OF.is_dir() else Path(tempfile.gettempdir())
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        until = time.monotonic() + 2 * APT_SECONDS
        while not _locked(held):
            if time.monotonic() > until:
                raise Missing(f"Another run has been installing what tests need for {2 * APT_SECONDS} s.")
            time.sleep(0.2)
        yield
    finally:
        os.close(held)


def _locked(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def install(packages: Sequence[str], otherwise: str) -> None:
    """Install Debian packages without starting their daemons; raise :class:`Missing` where that is not possible.

    ``otherwise`` is what a person can do instead, such as the name of an environment variable to set.
    """
    names = " ".join(packages)
    ask = f"Tests need {names}. Install it (apt-get install {names}){otherwise}."
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Missing(ask)
    with _no_daemons():
        _apt("update", "-qq", failing=ask)
        _apt("install", "-y", "-qq", "--no-install-recommends", *packages, failing=ask)


def _apt(*arguments: str, failing: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments]
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=APT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise Missing(f"{failing} apt-get {arguments[0]} failed: {reason}")


@contextmanager
def _no_daemons() -> Iterator[None]:
    if POLICY.exists():  # the machine has its own policy; it stays
        yield
        return
    POLICY.write_text(NO_DAEMONS, "utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
