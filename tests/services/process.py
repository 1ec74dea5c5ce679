"""Server processes of a test run: unprivileged, on loopback, in folders of their own, and gone when the run is gone."""

import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PREFIX = "yizhan-test"
MEMORY = Path("/dev/shm")
MEMORY_ROOM = 2 << 30
MEMORY_LEFT = 8 << 30
LOWEST_PORT = 10_240
USUALLY_FIRST_GIVEN = 32_768
PORT_TRIES = 100
SETPRIV = "/usr/bin/setpriv"
"""Of util-linux, which no Debian or Ubuntu is without."""

_random = random.SystemRandom()
"""Runs side by side must not choose alike, whatever seeds their tests set."""

# The kernel sends the parent-death signal when the *thread* that started the process ends. A thread of its own, alive
# until the interpreter ends, makes it safe to start servers from short-lived threads (`asyncio.to_thread`).
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")


class NotReady(Exception):
    """A server did not come up in time, or ended; the text holds the end of its log."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listens on now, and that no outgoing connection will be given.

    Of the ports that the kernel gives to connections, one may be taken before the server starts, or while it is down.
    """
    for _ in range(PORT_TRIES):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", _random.randrange(LOWEST_PORT, _first_given_port())))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise NotReady(f"no free port found in {PORT_TRIES} tries")


def _first_given_port() -> int:
    """Where the kernel begins to give ports to connections (``ip_local_port_range``)."""
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()[0])
    except OSError:
        first = USUALLY_FIRST_GIVEN
    return max(first, LOWEST_PORT + PORT_TRIES)


def unprivileged(*names: str) -> pwd.struct_passwd | None:
    """The first existing account of ``names`` to run a server as, or None when we are not root anyway."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NotReady("running as root, and there is no unprivileged account to start a server as")


def private_folder(name: str, account: pwd.struct_passwd | None, *, in_memory: bool = False) -> Path:
    """A new folder under the temporary directory that only ``account`` (or we) may enter.

    ``in_memory``: what is kept there need not outlive the machine, so where memory is plenty it stays there: making the
    files of a database takes a disk half a second. Folders left by runs that were killed are removed first.
    """
    disk = Path(tempfile.gettempdir())
    for left in (*disk.glob(f"{PREFIX}-*-*"), *MEMORY.glob(f"{PREFIX}-*-*")):
        owner = left.name.split("-")[2]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(left, ignore_errors=True)
    parent = MEMORY if in_memory and _memory_is_plenty() else disk
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-{name}-", dir=parent))
    give(folder, account)
    return folder


def _memory_is_plenty() -> bool:
    """Containers often have a small ``/dev/shm`` or none, and some machines little memory."""
    try:
        free = shutil.disk_usage(MEMORY).free
        told = Path("/proc/meminfo").read_text("ascii")
    except OSError:
        return False
    available = re.search(r"^MemAvailable:\s+(\d+) kB$", told, re.MULTILINE)
    enough = available is not None and int(available[1]) * 1024 >= MEMORY_LEFT
    return enough and free >= MEMORY_ROOM and os.access(MEMORY, os.W_OK | os.X_OK)


def give(path: Path, account: pwd.struct_passwd | None) -> None:
    """Make ``account`` the owner of a file or folder."""
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


class Process:
    """One server process in a session of its own, with its output in a file."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        account: pwd.struct_passwd | None,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.log = log
        self.name = Path(command[0]).name

        # Python would have to fork to do what `setpriv` does here, and a fork runs the handlers of whatever
        # is loaded: gRPC's ended the child now and then, before it became the server. Without, it uses vfork.
        prefix = [SETPRIV, f"--pdeathsig={death_signal.name.removeprefix('SIG')}"]
        if account is not None:
            prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]

        def start() -> subprocess.Popen[bytes]:
            with log.open("ab") as output:
                return subprocess.Popen(
                    [*prefix, "--", *command],
                    env=dict(environment),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )

        self._popen = _starter.submit(start).result()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, within: float) -> None:
        """Block until ``ready`` says so; raise :class:`NotReady` after ``within`` seconds or when the process ended."""
        deadline = time.monotonic() + within
        while not ready():
            if not self.running:
                raise NotReady(f"{self.name} ended with code {self._popen.returncode}\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} was not ready after {within:.0f} s\n{self.log_tail()}")
            time.sleep(0.05)

    def wait(self, within: float) -> int:
        """The exit code of a program that ends by itself; kills it and raises :class:`NotReady` after ``within`` seconds."""
        try:
            return self._popen.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise NotReady(f"{self.name} had not ended after {within:.0f} s\n{self.log_tail()}") from None

    def send(self, number: signal.Signals) -> None:
        if self.running:
            self._popen.send_signal(number)

    def pause(self) -> None:
        """Returns when it and what it started stand still: after the signal alone, threads that run may finish something."""
        self.send_to_tree(signal.SIGSTOP)
        tree = (self.pid, *descendants(self.pid))
        self.wait_until(lambda: all(_thread_states(pid) <= {"T", "Z"} for pid in tree), within=30.0)

    def resume(self) -> None:
        self.send_to_tree(signal.SIGCONT)

    def send_to_tree(self, number: signal.Signals) -> None:
        """Signal the process and everything that it started."""
        for pid in (self.pid, *descendants(self.pid)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def stop(self, number: signal.Signals, *, within: float) -> None:
        """Ask politely, wait, and kill what is left after ``within`` seconds."""
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            self._popen.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL the process and everything that it started, and wait until they are gone."""
        pids = [self.pid, *descendants(self.pid)]
        self.send_to_tree(signal.SIGKILL)
        self._popen.wait(10)
        deadline = time.monotonic() + 10
        while any(alive(pid) for pid in pids[1:]) and time.monotonic() < deadline:
            time.sleep(0.01)

    def log_tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


def descendants(pid: int) -> list[int]:
    """Ids of the processes that ``pid`` started, directly or not."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent does not."""
    try:
        state = Path("/proc", str(pid), "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def _thread_states(pid: int) -> set[str]:
    """As in proc(5): "T" was stopped by a signal, "Z" has ended. Empty: there is no such process any more."""
    try:
        stats = [task.joinpath("stat").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return set() if not Path(f"/proc/{pid}").exists() else {"R"}
    return {stat.rpartition(")")[2].split()[0] for stat in stats}
