"""A customer's rating of a session, as it is kept for good."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Rated:
    """What a customer gave a session (``score`` 1 to 5). ``id`` is that of the message; ``agent_id``: who is rated, if anyone."""

    id: str
    conversation_id: str
    session: int
    score: int
    agent_id: str
    at: datetime
