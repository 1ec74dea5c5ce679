"""An IMAP server for tests: a private Dovecot with ports, accounts and mail folders of its own.

Usable without pytest::

    with DovecotServer.open() as dovecot:
        account = dovecot.new_account()
        dovecot.deliver(account, b"Subject: hello\r\n\r\n...")
        dovecot.kill9()
        dovecot.start()

Mail folders are Maildir, and to deliver is to write a file: a thousand mails take no longer than a thousand files.
All calls block; an async test says ``await asyncio.to_thread(dovecot.restart)``.
"""

import grp
import imaplib
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services import packages
from tests.services.certificate import identity
from tests.services.process import NotReady, Process, free_port, give, private_folder, unprivileged

LIBRARIES = (Path("/usr/lib/dovecot"), Path("/usr/libexec/dovecot"))
START_SECONDS = 30
STOP_SECONDS = 30
INBOX = "INBOX"
SEPARATOR = "/"
"""Between the names of a folder and of one inside it, as IMAP shows them."""

# Dovecot as nobody in particular, see https://doc.dovecot.org/2.3/configuration_manual/howto/rootless/: no chroot, and
# every service runs as whoever started it. Passwords in the clear are welcome, wrong ones are turned away at once, and
# processes serve one connection after another, which saves starting three for each.
CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}

ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 100

mail_location = maildir:~/Maildir:UTF-8
mail_fsync = never
namespace inbox {{
  inbox = yes
  separator = {separator}
}}

passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/accounts/%u
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}

service imap-login {{
  chroot =
  service_count = 0
  process_limit = 1
  client_limit = 1000
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  service_count = 100
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with a mailbox; the name is an address."""

    name: str
    password: str


def ensure_installed() -> None:
    """Make sure that a server can be had; raise :class:`packages.Missing` with one line when not."""
    if _program() is None:
        packages.install(["dovecot-imapd"], "")
    program = _program()
    if program is None:
        raise packages.Missing("Tests need Dovecot with IMAP, and the package dovecot-imapd did not bring it.")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    if not told.startswith("2.3."):  # 2.4 reads another language of settings
        raise packages.Missing(
            f"Tests need Dovecot 2.3, as Debian 12 and Ubuntu 24.04 have it; here is {told.split()[0]}."
        )


def _program() -> Path | None:
    """The server, where it can speak IMAP. It lies outside an ordinary user's path."""
    if not any((folder / "imap").exists() for folder in LIBRARIES):
        return None
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


class DovecotServer:
    """A server. Give every test an account of its own."""

    def __init__(self, *, in_memory: bool = True) -> None:
        program = _program()
        if program is None:
            raise packages.Missing("Dovecot is not installed")
        self._program = program
        self._account = unprivileged()
        self._folder = private_folder("dovecot", self._account, in_memory=in_memory)
        self._server: Process | None = None
        self._numbers = itertools.count(time.time_ns() // 1000)
        self.host = "127.0.0.1"
        self.port = free_port()
        """Without TLS."""
        self.tls_port = free_port()
        self.certificate = self._folder / "certificate.pem"
        """What clients have to trust, as PEM."""
        self._configure()

    @classmethod
    def open(cls) -> Self:
        """Start a server for this run alone."""
        ensure_installed()
        server = cls()
        try:
            server.start()
        except BaseException:
            server.close()
            raise
        return server

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is kept, so the server need not be asked politely."""
        if self._server is not None:
            self._server.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _configure(self) -> None:
        for name in ("accounts", "mail"):
            self._make_folder(self._folder / name)
        own = identity("mail.test")
        self._write(self.certificate, own.certificate)
        self._write(self._folder / "key.pem", own.key)
        uid = self._account.pw_uid if self._account else os.getuid()
        gid = self._account.pw_gid if self._account else os.getgid()
        settings = CONFIGURATION.format(
            folder=self._folder,
            user=pwd.getpwuid(uid).pw_name,
            group=grp.getgrgid(gid).gr_name,
            uid=uid,
            gid=gid,
            separator=SEPARATOR,
            port=self.port,
            tls_port=self.tls_port,
        )
        self._write(self._folder / "dovecot.conf", settings.encode())

    # Accounts and mails ----------------------------------------------------------------------------------------------

    def new_account(self, name: str = "") -> Account:
        """Somebody new, with an empty inbox; they may log in at once."""
        account = Account(name or f"test-{secrets.token_hex(6)}@mail.test", secrets.token_hex(8))
        self._write(self._folder / "accounts" / account.name, _line(account))
        self._make_folder(self._folder / "mail" / account.name)
        self._make_folder(self._home(account))
        self._make_mailbox(self._home(account))
        return account

    def change_password(self, account: Account) -> Account:
        """The account as it is from now on; the old password is refused. Open connections stay.

        Dovecot looks once a second whether the file has another size or second, so this returns when it has looked.
        """
        changed = replace(account, password=account.password + secrets.token_hex(1))
        self._write(self._folder / "accounts" / account.name, _line(changed))
        self._wait_until(lambda: self._may_enter(changed) and not self._may_enter(account))
        return changed

    def new_folder(self, account: Account, name: str) -> None:
        """Make a mail folder, such as "Shop/退换货", without a dot in its name; IMAP's CREATE does the same."""
        self._make_mailbox(self._path(account, name))

    def deliver(
        self,
        account: Account,
        mail: bytes,
        folder: str = INBOX,
        *,
        flags: str = "",
        received: datetime | None = None,
    ) -> None:
        """Put a raw mail into a folder, behind those that are there; who waits in IDLE is told.

        ``flags`` are Maildir's letters in alphabetical order, such as "RS" for answered and seen. ``received`` is what
        IMAP calls INTERNALDATE, now if not said.
        """
        number = next(self._numbers)  # Dovecot numbers new mails by seconds and microseconds in their files' names
        name = f"{number // 1_000_000}.M{number % 1_000_000:06d}P{os.getpid()}.test"
        mailbox = self._path(account, folder)
        written = mailbox / "tmp" / name
        self._write(written, mail)
        if received is not None:
            os.utime(written, (received.timestamp(), received.timestamp()))
        written.rename(mailbox / "cur" / f"{name}:2,{flags}" if flags else mailbox / "new" / name)

    def forget_numbers(self, account: Account, folder: str = INBOX) -> None:
        """From the next SELECT on the mails have other UIDs, and the folder another UIDVALIDITY, as after a restored backup.

        Nobody may have the folder open.
        """
        mailbox = self._path(account, folder)
        for path in (*mailbox.glob("dovecot-uidlist*"), *mailbox.glob("dovecot.index*")):
            path.unlink(missing_ok=True)

    def _home(self, account: Account) -> Path:
        return self._folder / "mail" / account.name / "Maildir"

    def _path(self, account: Account, folder: str) -> Path:
        """Maildir++ keeps all folders side by side, and those inside others by names with dots."""
        home = self._home(account)
        return home if folder.upper() == INBOX else home / f".{folder.replace(SEPARATOR, '.')}"

    def _make_mailbox(self, path: Path) -> None:
        for part in (path, path / "tmp", path / "new", path / "cur"):
            self._make_folder(part)

    def _make_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        give(path, self._account)

    def _write(self, path: Path, content: bytes) -> None:
        """At once, also for who reads meanwhile."""
        fresh = path.with_name(f".{path.name}.fresh")
        fresh.write_bytes(content)
        fresh.chmod(0o600)
        give(fresh, self._account)
        fresh.replace(path)

    # Control ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start again after :meth:`stop` or :meth:`kill9`, with the same address and mails; nothing when it runs."""
        if self._server is not None and self._server.running:
            return
        self._server = Process(
            [str(self._program), "-F", "-c", str(self._folder / "dovecot.conf")],
            environment={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "TZ": "UTC"},
            folder=self._folder,
            log=self._folder / "dovecot.log",
            account=self._account,
            death_signal=signal.SIGTERM,  # the server then ends its children itself
        )
        self._server.wait_until(self._ready, within=START_SECONDS)

    def stop(self) -> None:
        """Stop in an orderly way: clients are told good-bye."""
        self._running.stop(signal.SIGTERM, within=STOP_SECONDS)

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill9(self) -> None:
        """SIGKILL the server and all that serve its connections."""
        self._running.kill()

    def pause(self) -> None:
        """Freeze the server: connections stay open, nothing answers."""
        self._running.pause()

    def resume(self) -> None:
        self._running.resume()

    @property
    def _running(self) -> Process:
        if self._server is None:
            raise NotReady("the server was never started")
        return self._server

    def _ready(self) -> bool:
        return _greets(self.port)  # both ports are the same process's, which opens them before it greets

    def _may_enter(self, account: Account) -> bool:
        with imaplib.IMAP4(self.host, self.port, timeout=10) as connection:
            try:
                connection.login(account.name, account.password)
            except connection.error:
                return False
            return True

    def _wait_until(self, happened: Callable[[], bool]) -> None:
        self._running.wait_until(happened, within=10)


def _line(account: Account) -> bytes:
    return f"{account.name}:{account.password}\n".encode()


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(64).startswith(b"* OK")
    except OSError:
        return False
