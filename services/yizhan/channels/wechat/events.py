"""Events: what a customer, or the platform, did without writing. Source: reference A.5, B and C.1."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, slots=True)
class EventHead:
    """Common to events. ``name`` and ``key`` are Event and EventKey as they came. ``sender`` is empty where nobody acted."""

    receiver: str
    sender: str
    at: datetime
    name: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """``scene``: what the QR code stood for through which they came."""

    head: EventHead
    scene: str = ""


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    head: EventHead


@dataclass(frozen=True, slots=True)
class Scanned:
    """Somebody who follows already scanned a QR code with a scene."""

    head: EventHead
    scene: str


@dataclass(frozen=True, slots=True)
class WhereaboutsReported:
    """Sent by the app every now and then, where the customer agreed to it. No chat message."""

    head: EventHead
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class MenuTouched:
    """An entry of the account's menu that says something (CLICK)."""

    head: EventHead
    key: str


@dataclass(frozen=True, slots=True)
class MenuScanned:
    """A scan by an entry of the menu. ``waits``: the customer is shown that an answer is on its way."""

    head: EventHead
    key: str
    result: str
    waits: bool


@dataclass(frozen=True, slots=True)
class MenuFollowed:
    """An entry of the menu that opens something: a page, a mini program, the camera, a map. What was picked comes as a message."""

    head: EventHead
    key: str


class Job(Enum):
    TEMPLATE = "template"
    SUBSCRIBE = "subscribe"
    MASS = "mass"


@dataclass(frozen=True, slots=True)
class JobFinished:
    """What became of a message that was sent by ``job``; ``job_id`` is what the platform answered when it was handed over.

    ``status`` is in the platform's own words.
    """

    head: EventHead
    job: Job
    job_id: str
    done: bool
    status: str


@dataclass(frozen=True, slots=True)
class JobsFinished:
    """Several at once: the platform reports subscription messages in lists."""

    head: EventHead
    jobs: tuple[JobFinished, ...]


@dataclass(frozen=True, slots=True)
class DeskEvent:
    """Something at WeChat's own desk (kf_create_session, kf_close_session, kf_switch_session)."""

    head: EventHead
    agent: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Consented:
    """What the customer said when asked whether a subscription message may be sent: ``accept``, ``reject`` and others."""

    head: EventHead
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SessionEntered:
    """A mini program's customer opened the chat; ``origin`` is what the business wrote on the button (session-from)."""

    head: EventHead
    origin: str


@dataclass(frozen=True, slots=True)
class KfHint:
    """微信客服 has something to be fetched. ``token`` opens a faster lane for fetching it, for ten minutes."""

    head: EventHead
    open_kfid: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    head: EventHead


EventPush = (
    Subscribed
    | Unsubscribed
    | Scanned
    | WhereaboutsReported
    | MenuTouched
    | MenuScanned
    | MenuFollowed
    | JobFinished
    | JobsFinished
    | DeskEvent
    | Consented
    | SessionEntered
    | KfHint
    | UnknownEvent
)
