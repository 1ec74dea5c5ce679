"""When a mail says that it was sent. Its word is shown, never counted with: clocks start when it was received."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def sent_at(value: str) -> datetime | None:
    """The moment in UTC, None where the header is no date that a calendar has."""
    try:
        at = parsedate_to_datetime(value[:100])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
