"""What a device is told, and what can come of telling it."""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from yizhan.channels.store.devices import DeviceRow
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import plain_text
from yizhan.core.messages.message import Message

MAX_BODY_CHARS: Final = 120
"""Of what was written: more does not show on a locked screen, and 4 KiB is all that the services take."""

_NEW = {"zh": "您有一条新消息", "en": "You have a new message"}


@dataclass(frozen=True, slots=True)
class Notice:
    """``badge``: how many messages are unread. ``collapse``: the same for all of a conversation, so that one takes the
    place of the one before.
    """

    message_id: str
    seq: int
    device: DeviceRow
    address: Address
    title: str
    body: str = field(repr=False)
    badge: int
    collapse: str

    @property
    def id(self) -> str:
        """The same however often it is tried."""
        return f"{self.message_id}:{self.device.device}"

    def facts(self) -> dict[str, str]:
        """What the app needs to open the right place."""
        return {"account": self.address.account, "seq": str(self.seq), "message_id": self.message_id}


@dataclass(frozen=True, slots=True)
class Told:
    """The push service has it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The push service does not know this device any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """It certainly was not told; the same may be tried again after so many seconds (0: as one thinks best)."""

    reason: str
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken like this."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The device may have been told."""

    reason: str


Outcome = Told | Gone | Later | Refused | Unknown


def body_of(message: Message | None, locale: str) -> str:
    """What was written, cut; without it, that something was."""
    words = " ".join(plain_text(message.content).split()) if message is not None else ""
    if not words:
        return _NEW["zh" if locale.lower().startswith("zh") else "en"]
    return words if len(words) <= MAX_BODY_CHARS else words[: MAX_BODY_CHARS - 1] + "…"


def collapse_key(address: Address) -> str:
    """32 characters (APNs takes 64 bytes) that do not tell who the customer is."""
    return hashlib.sha256(address.key().encode()).hexdigest()[:32]
