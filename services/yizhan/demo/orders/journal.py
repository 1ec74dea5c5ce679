"""What was registered with the demo shop, one JSON line each, so that a restart forgets no idempotency key."""

import os
from pathlib import Path
from typing import Annotated, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from yizhan.dialogue.connectors.model import (
    AfterSales,
    AfterSalesRequest,
    Appointment,
    AppointmentRequest,
    CancelRequest,
)

log = structlog.get_logger(__name__)


class Applied(BaseModel):
    """An after-sales application."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["applied"] = "applied"
    key: str
    request: AfterSalesRequest
    result: AfterSales


class Reserved(BaseModel):
    """An appointment."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["reserved"] = "reserved"
    key: str
    request: AppointmentRequest
    result: Appointment


class Cancelled(BaseModel):
    """An appointment given up."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["cancelled"] = "cancelled"
    key: str
    request: CancelRequest
    result: Appointment


Entry = Applied | Reserved | Cancelled
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


class Journal:
    """The entries of a file, or of nothing where there is no path: then they live as long as the process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def entries(self) -> list[Entry]:
        """What was written; a last line that was cut off by a crash had not been answered, and is dropped."""
        if self._path is None or not self._path.exists():
            return []
        found: list[Entry] = []
        for line in self._path.read_bytes().splitlines():
            try:
                found.append(_ENTRY.validate_json(line))
            except ValidationError:
                log.warning("demo_order_line_unreadable", entries=len(found))
        return found

    def write(self, entry: Entry) -> None:
        """Returns when it is on the disk."""
        if self._path is None:
            return
        self._path.parent.mkdir(0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(b"\n" if _cut_off(self._path) else b"")
            file.write(_ENTRY.dump_json(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _cut_off(path: Path) -> bool:
    """Whether the last line has no end: what comes next must not be glued to it."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
