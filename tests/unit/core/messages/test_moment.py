"""Times of documents: their offset is kept, and nothing of pydantic's lives on in them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from yizhan.core.messages.moment import Moment

MOMENTS: TypeAdapter[datetime] = TypeAdapter(Moment)
CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-05-01T09:30:00+08:00", datetime(2026, 5, 1, 9, 30, tzinfo=CHINA)),
        ("2026-05-01T01:30:00Z", datetime(2026, 5, 1, 1, 30, tzinfo=UTC)),
        ("2026-05-01T01:30:00-03:30", datetime(2026, 5, 1, 1, 30, tzinfo=timezone(-timedelta(hours=3, minutes=30)))),
    ],
)
def test_a_time_keeps_its_offset_and_is_pythons_own(written: str, meant: datetime) -> None:
    moment = MOMENTS.validate_python(written)
    assert (moment, moment.utcoffset()) == (meant, meant.utcoffset())
    assert type(moment.tzinfo) is timezone, "pydantic's TzInfo crashes a Python that ends while it is held"


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValidationError):
        MOMENTS.validate_python("2026-05-01T09:30:00")
