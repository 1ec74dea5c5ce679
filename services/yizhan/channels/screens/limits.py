"""How much a visitor, and an address on the internet, may do."""

from dataclasses import dataclass, field

from yizhan.channels.screens.protocol import MAX_TEXT_CHARS
from yizhan.channels.screens.view import Json
from yizhan.core.security.ratelimit import Rate, RateLimit

MIB = 1024 * 1024
VISITORS_PER_ADDRESS = 20
"""How many busy visitors one internet address (an office, a school) is taken to stand for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Figures of a deployment. ``…_per_minute`` are buckets that refill evenly within a minute."""

    sends_per_minute: int = 30
    sessions_per_minute: int = 60
    uploads_per_minute: int = 10
    typing_per_minute: int = 30
    connections: int = 10
    file_bytes: int = 20 * MIB
    image_bytes: int = 10 * MIB

    def shown(self) -> Json:
        """As clients are told."""
        return {
            "text_chars": MAX_TEXT_CHARS,
            "file_bytes": self.file_bytes,
            "image_bytes": self.image_bytes,
            "sends_per_minute": self.sends_per_minute,
        }


@dataclass(slots=True)
class Buckets:
    """Who has spent how much. Every ``spend`` raises RateLimited."""

    limits: Limits
    sends: RateLimit = field(init=False)
    sends_by_ip: RateLimit = field(init=False)
    sessions_by_ip: RateLimit = field(init=False)
    uploads: RateLimit = field(init=False)
    typing: RateLimit = field(init=False)

    def __post_init__(self) -> None:
        limits = self.limits
        self.sends = _per_minute(limits.sends_per_minute, 50_000)
        self.sends_by_ip = _per_minute(limits.sends_per_minute * VISITORS_PER_ADDRESS, 50_000)
        self.sessions_by_ip = _per_minute(limits.sessions_per_minute, 50_000)
        self.uploads = _per_minute(limits.uploads_per_minute, 10_000)
        self.typing = _per_minute(limits.typing_per_minute, 10_000)


def _per_minute(times: int, keys: int) -> RateLimit:
    return RateLimit(Rate(times, 60.0), max_keys=keys)
