"""Everything that is kept about a customer, as files: one line of JSON per row, the transcript to read, and the attachments.

What colleagues wrote about the customer is in it, for it is about them; which colleague did, is not (``COLLEAGUES``). The
inventories say which tables there are, so that what is erased and what is exported are the same.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import orjson

from yizhan import __version__
from yizhan.core.store.database import Database
from yizhan.core.store.media import MediaMissing, MediaStore
from yizhan.core.store.personal import Inventory, Subject
from yizhan.privacy.transcript import page, said

COLLEAGUES: Final = frozenset(
    {
        "agent_id", "author_id", "author_name", "by_id", "by_name", "from_agent", "last_agent", "only_agent", "passed",
        "served_by", "to_agent", "whisper_to",
    }
)  # fmt: skip
"""Columns that say which colleague it was. Names under which agents spoke to the customer stay in the messages."""

MESSAGES: Final = "messages"


DIALOGUE: Final = "dialogue"


class Target(Protocol):
    """Where the files go: a folder or an archive. Raises OSError."""

    def write(self, path: str, data: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the export."""

    path: str
    sha256: str
    size_bytes: int


class _Files:
    def __init__(self, target: Target) -> None:
        self._target = target
        self.written: list[Written] = []

    def write(self, path: str, data: bytes) -> None:
        self._target.write(path, data)
        self.written.append(Written(path, hashlib.sha256(data).hexdigest(), len(data)))


async def export(
    database: Database,
    media: MediaStore,
    inventories: Sequence[Inventory],
    subject: Subject,
    target: Target,
    *,
    now: datetime,
) -> Sequence[Written]:
    """Write everything, the manifest last. Raises StoreUnavailable and OSError; what was written is then no export."""
    files = _Files(target)
    attachments, missing = await _attachments(media, subject, files)
    rows: dict[str, int] = {}
    for inventory in inventories:
        lines: dict[str, list[bytes]] = {}
        async with database.read() as tx:
            async for table, row in inventory.shown(tx, subject):
                lines.setdefault(table, []).append(_line(row))
        for table, of_table in lines.items():
            name = f"{inventory.service}.{table}"
            rows[name] = len(of_table)
            files.write(f"data/{name}.jsonl", b"".join(of_table))
    files.write("transcript.html", await _transcript(database, inventories, subject, attachments))
    manifest = {
        "kind": "yizhan-customer-export",
        "version": 1,
        "program": __version__,
        "workspace": subject.workspace,
        "customer": subject.customer_id,
        "identities": list(subject.identities),
        "made_at": now,
        "rows": rows,
        "files": files.written,
        "missing_attachments": missing,
        "left_out": sorted(COLLEAGUES),
    }
    files.write("manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    return files.written


async def _attachments(media: MediaStore, subject: Subject, files: _Files) -> tuple[Mapping[str, str], Sequence[str]]:
    """Paths by id, and ids of files that are not kept any more."""
    paths: dict[str, str] = {}
    missing: list[str] = []
    for media_id in subject.media:
        known = await media.find(media_id)
        if known is None:
            missing.append(media_id)
            continue
        try:
            data = b"".join([piece async for piece in await media.get(media_id)])
        except MediaMissing:
            missing.append(media_id)
            continue
        paths[media_id] = f"attachments/{media_id[:16]}-{known.name}"
        files.write(paths[media_id], data)
    return paths, missing


async def _transcript(
    database: Database, inventories: Sequence[Inventory], subject: Subject, files: Mapping[str, str]
) -> bytes:
    (dialogue,) = (one for one in inventories if one.service == DIALOGUE)
    async with database.read() as tx:
        items = [said(row) for row in await dialogue.rows(tx, MESSAGES, subject)]
    return page(items, files).encode()


def _line(row: Mapping[str, object]) -> bytes:
    return orjson.dumps({str(name): _plain(value) for name, value in row.items() if name not in COLLEAGUES}) + b"\n"


def _plain(value: object) -> object:
    """JSON as it is, without colleagues; other bytes in base64."""
    match value:
        case bytes():
            try:
                return _plain(orjson.loads(value))
            except orjson.JSONDecodeError:
                return {"base64": base64.b64encode(value).decode()}
        case dict():
            return {str(name): _plain(item) for name, item in value.items() if name not in COLLEAGUES}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
