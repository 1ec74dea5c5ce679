"""One connection to one folder of a mailbox, for one thread: every call blocks, and none without a limit.

``cut`` alone may be called from elsewhere: it ends the connection under whoever waits on it.
"""

import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout

from yizhan import __version__
from yizhan.channels.email.position import Position, begun
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.email.trouble import MailboxTrouble, Reason, trouble_of

T = TypeVar("T")

logging.getLogger("imapclient").setLevel(logging.WARNING)
"""Below that it logs what goes over the line: passwords, and what customers write."""

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
"""How long an answer, or the next piece of one, is waited for."""

HEADER_BYTES = 256 * 1024
"""Of a mail that is too large, as much is read."""

_SINCE_WINDOW = 500
"""Mails whose times are asked for in one command."""

_NEWS = (b"EXISTS", b"RECENT")
_CLOSING = b"BYE"
_A_DAY = timedelta(days=1)
_ID = ("name", "yizhan", "version", __version__, "vendor", "yizhan")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail of the folder. ``raw``: of one that is too large, its headers alone (``whole`` False)."""

    uid: int
    size: int
    whole: bool
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Haul:
    """Mails that were fetched together, in order. ``passed``: the UID up to which there is nothing more to fetch."""

    mails: tuple[Fetched, ...]
    passed: int


@dataclass(frozen=True, slots=True)
class Look:
    """What is new after a position: UIDs in order, at most as many as were asked for; ``more``: there are others."""

    position: Position
    uids: tuple[int, ...]
    more: bool


class Connection:
    """Signed in, with the folder open. Every method raises MailboxTrouble; then the connection is worthless."""

    def __init__(self, settings: EmailAccountSettings, folder: str, token: str = "") -> None:
        """``token``: an access token, where the account signs in with such."""
        self._settings = settings
        self._client = _named(lambda: _connected(settings))
        self._client._imap.debug = 0  # noqa: SLF001 - the library would format every line, passwords and mails included
        try:
            _named(lambda: self._enter(folder, token))
        except MailboxTrouble:
            self.cut()
            raise

    @property
    def idles(self) -> bool:
        """Whether the server tells of new mail by itself."""
        return _named(lambda: bool(self._client.has_capability("IDLE")))

    def look(self, known: Position | None, since: datetime, at: datetime, most: int) -> Look:
        """What there is to take."""
        return _named(lambda: self._look(known, since, at, most))

    def fetch(self, uids: Sequence[int], largest: int, most: int) -> Haul:
        """The first of these mails, and those behind it while they have no more than ``most`` bytes together.

        Their sizes are known before they come; of those above ``largest`` bytes come the headers. What is gone is left out.
        """
        return _named(lambda: self._fetch(uids, largest, most))

    def wait(self, seconds: float) -> bool:
        """Until the server tells of something new, or so long; whether it did."""
        return _named(lambda: self._wait(seconds))

    def mark(self, uids: Sequence[int]) -> None:
        """Mark as read, or move, as the account wants it."""
        _named(lambda: self._mark(uids))

    def sent(self, message_id: str) -> bool:
        """Whether the folder of sent mails has this one. The folder that is read is open no more."""
        return _named(lambda: self._sent(message_id))

    def leave(self) -> None:
        """Say goodbye. Raises nothing."""
        with contextlib.suppress(Exception):  # whatever it was, the connection ends
            self._client.logout()

    def cut(self) -> None:
        """End the connection at once, also under a call in another thread. Raises nothing."""
        with contextlib.suppress(Exception):  # it may be closed already, by either side
            self._client.socket().shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(Exception):
            self._client.shutdown()

    # --- inside the thread ---

    def _enter(self, folder: str, token: str) -> None:
        settings, client = self._settings, self._client
        if settings.oauth is not None:
            client.oauth2_login(settings.login, token)
        else:
            client.login(settings.login, settings.password.get_secret_value())
        if settings.identifies or client.has_capability("ID"):
            # The library sends it to servers alone that offer it; NetEase's wants it even where it does not.
            client._imap._simple_command("ID", f"({' '.join(chr(34) + word + chr(34) for word in _ID)})")  # noqa: SLF001
        try:
            selected = client.select_folder(folder)
        except Exception as error:
            found = trouble_of(error)
            if found.reason is Reason.PROTOCOL:
                raise MailboxTrouble(Reason.FOLDER, found.words) from error
            raise found from error
        self._validity = int(selected.get(b"UIDVALIDITY", 0))
        self._next_uid = int(selected.get(b"UIDNEXT", 0)) or self._highest() + 1

    def _highest(self) -> int:
        """Where the server does not say which UID comes next."""
        found = self._client.search(["UID", "*"])
        return max(found, default=0)

    def _look(self, known: Position | None, since: datetime, at: datetime, most: int) -> Look:
        position = begun(known, self._validity, self._next_uid, since, at)
        criteria: list[Any] = ["UID", f"{position.uid + 1}:*", "UNDELETED"]
        if position.again and position.since is not None:
            day = (position.since - _A_DAY).date()  # the server's day may be another one than ours
            criteria += ["OR", "UID", f"{position.until + 1}:*", "SINCE", day]
        found = sorted(uid for uid in self._client.search(criteria) if uid > position.uid)
        if not position.again:
            return Look(position, tuple(found[:most]), more=len(found) > most)
        if not found:
            return Look(position.after(position.until, at), (), more=False)
        window = found[:_SINCE_WINDOW]
        came = self._client.fetch(window, ["INTERNALDATE"])
        wanted = [uid for uid in window if position.wants(uid, _aware(came.get(uid, {}).get(b"INTERNALDATE")))]
        passed = window[-1] if not wanted else wanted[0] - 1
        more = len(wanted) > most or len(found) > len(window)
        return Look(position.after(passed, at), tuple(wanted[:most]), more)

    def _fetch(self, uids: Sequence[int], largest: int, most: int) -> Haul:
        told = self._client.fetch(list(uids), ["RFC822.SIZE"])
        sizes = {uid: int(told[uid][b"RFC822.SIZE"]) for uid in uids if b"RFC822.SIZE" in told.get(uid, {})}
        chosen, passed = _chosen(uids, sizes, largest, most)
        whole = self._bodies([uid for uid in chosen if sizes[uid] <= largest], "BODY.PEEK[]", b"BODY[]")
        part = f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"
        heads = self._bodies([uid for uid in chosen if sizes[uid] > largest], part, b"BODY[HEADER]<0>")
        came = whole | heads
        return Haul(tuple(Fetched(uid, sizes[uid], uid in whole, came[uid]) for uid in chosen if uid in came), passed)

    def _bodies(self, uids: Sequence[int], wanted: str, named: bytes) -> dict[int, bytes]:
        if not uids:
            return {}
        found = self._client.fetch(list(uids), [wanted])
        return {uid: bytes(parts[named]) for uid, parts in found.items() if parts.get(named) is not None}

    def _wait(self, seconds: float) -> bool:
        self._client.idle()
        # What was told between the last command and this one was taken for an answer to it; what came together with the
        # server's consent has been read from the socket already, which is all that the library watches.
        early = bool(self._client._imap.untagged_responses.pop("EXISTS", None)) or self._has_read_ahead()  # noqa: SLF001
        told = [] if early else self._client.idle_check(timeout=seconds)
        _, last = self._client.idle_done()
        lines = [line for line in (*told, *(last or ())) if isinstance(line, tuple)]
        if any(_CLOSING in line[:1] for line in lines):
            raise MailboxTrouble(Reason.UNREACHABLE, "the server said goodbye")
        return early or any(len(line) > 1 and line[1] in _NEWS for line in lines)

    def _has_read_ahead(self) -> bool:
        """Whether lines lie in the buffer that nobody has looked at."""
        line = self._client.socket()
        line.setblocking(False)
        try:
            return bool(self._client._imap.file.peek(1))  # noqa: SLF001
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            line.settimeout(READ_SECONDS)

    def _mark(self, uids: Sequence[int]) -> None:
        settings, client = self._settings, self._client
        if settings.after_reading == "seen":
            client.add_flags(list(uids), [b"\\Seen"], silent=True)
        elif settings.after_reading == "move":
            client.add_flags(list(uids), [b"\\Seen"], silent=True)
            if client.has_capability("MOVE"):
                client.move(list(uids), settings.move_to)
            else:
                client.copy(list(uids), settings.move_to)
                client.delete_messages(list(uids), silent=True)
                if client.has_capability("UIDPLUS"):
                    client.uid_expunge(list(uids))

    def _sent(self, message_id: str) -> bool:
        folder = self._client.find_special_folder(b"\\Sent")
        if not folder:
            return False
        self._client.select_folder(folder, readonly=True)
        return bool(self._client.search(["HEADER", "Message-ID", message_id]))


def _chosen(uids: Sequence[int], sizes: Mapping[int, int], largest: int, most: int) -> tuple[list[int], int]:
    """Which are fetched together, and up to which UID nothing is left to fetch then."""
    chosen: list[int] = []
    total, passed = 0, uids[0]
    for uid in uids:
        size = sizes.get(uid, 0)
        total += HEADER_BYTES if size > largest else size
        if chosen and total > most:
            break
        passed = uid
        if uid in sizes:
            chosen.append(uid)
    return chosen, passed


def _connected(settings: EmailAccountSettings) -> IMAPClient:
    server = settings.imap
    timeout = SocketTimeout(CONNECT_SECONDS, READ_SECONDS)
    if server.tls == "tls":
        return IMAPClient(server.host, server.port, ssl=True, ssl_context=settings.tls, timeout=timeout)
    client = IMAPClient(server.host, server.port, ssl=False, timeout=timeout)
    if server.tls == "starttls":
        try:
            client.starttls(settings.tls)
        except Exception:
            client.shutdown()
            raise
    return client


def _named(work: Callable[[], T]) -> T:
    """Raises MailboxTrouble for whatever the libraries raise: their own errors, the socket's, and of bad answers any other."""
    try:
        return work()
    except Exception as error:
        raise trouble_of(error) from error


def _aware(at: Any) -> datetime | None:
    """The library gives local times without a zone."""
    return at.astimezone(UTC) if isinstance(at, datetime) else None
