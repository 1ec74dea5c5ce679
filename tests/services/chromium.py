"""Chromium for browser tests: ``YIZHAN_TEST_CHROMIUM``, an installed one, or Debian's package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.services import packages

VARIABLE = "YIZHAN_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # the sandbox does not work as root or in most containers; pages come from our own server
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def program() -> Path | None:
    """The browser to use, if there is one."""
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).exists():
            raise packages.Missing(f"{VARIABLE}={named} is not there")
        return Path(named)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None


def has_chinese_font() -> bool:
    """Whether Chinese text is drawn as text, not as boxes."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    listed = subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, text=True, timeout=60, check=False)
    return bool(listed.stdout.strip())


def driver_starts() -> bool:
    """Whether Playwright's own Node runs: it needs a library that the smallest systems lack."""
    command = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


def ensure_installed() -> Path:
    """The browser's path, with what it needs at its side; raise :class:`packages.Missing` with one line when not."""
    wanted = [
        *([] if program() else ["chromium"]),
        *([] if has_chinese_font() else ["fontconfig", "fonts-noto-cjk"]),
        *([] if driver_starts() else ["libatomic1"]),
    ]
    if wanted:
        packages.install(wanted, f" or set {VARIABLE}=/path/to/chromium" if "chromium" in wanted else "")
    path = program()
    if path is None:
        raise packages.Missing(f"Chromium was installed but is not on PATH; set {VARIABLE}=/path/to/chromium.")
    return path
