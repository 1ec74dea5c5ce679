"""Times in documents and requests, as pydantic reads them."""

from datetime import datetime, timedelta, timezone
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime  # noqa: TID251 - the one place that makes it safe


def _plain(at: datetime) -> datetime:
    return at.replace(tzinfo=timezone(at.utcoffset() or timedelta()))


Moment = Annotated[AwareDatetime, AfterValidator(_plain)]
"""A time with its offset, whose ``tzinfo`` is Python's own.

Python up to 3.12 may crash when it ends while a time with pydantic's ``TzInfo`` is still held (pydantic issue 12867): a
service that stops cleanly would be reported as killed.
"""
