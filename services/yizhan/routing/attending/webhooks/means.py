"""What everything that tells systems by webhook shares."""

from collections.abc import Callable
from dataclasses import dataclass

from yizhan.core.messages.ids import NewId
from yizhan.core.messages.json_form import MediaUrl
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.sealing import Sealer
from yizhan.core.store.database import Database
from yizhan.routing.attending.stream import Pace
from yizhan.routing.attending.webhooks.figures import PostFigures
from yizhan.routing.attending.webhooks.post import Poster
from yizhan.routing.attending.webhooks.transcripts import Transcripts
from yizhan.routing.switchboard import Switchboard

Chance = Callable[[], float]
"""Gives a random number from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Means:
    """Of one process, which ``replica`` names."""

    database: Database
    switchboard: Switchboard
    transcripts: Transcripts
    poster: Poster
    sealer: Sealer
    figures: PostFigures
    media_url: MediaUrl
    clock: Clock
    new_id: NewId
    replica: str
    pace: Pace
    chance: Chance


class WebhookGone(Exception):
    """The system is told by webhook no more."""
