"""What a service gets from the process that runs it."""

import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.tokens import Signers

if TYPE_CHECKING:
    from yizhan.core.bus.interface import Bus
    from yizhan.core.store.database import Database
    from yizhan.core.store.media import MediaStore


@dataclass(frozen=True, slots=True)
class Core:
    """Everything shared in a process, open and ready; whoever gets it closes none of it."""

    database: "Database"
    bus: "Bus"
    media: "MediaStore"
    clock: Clock
    new_id: NewId
    signer: Signers
    """``core.signer("website-visitor")``: the signer of a purpose."""
    media_urls: MediaUrls
    replica: str
    """Names this process: unique per start, so that two lives of one host are told apart."""
    health: Health
    metrics: Metrics


def new_replica() -> str:
    """A name for a process that starts now: the host's name and a few random letters."""
    host = socket.gethostname().split(".")[0] or "host"
    return f"{host}-{secrets.token_hex(4)}"
