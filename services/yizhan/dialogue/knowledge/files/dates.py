"""Days as editors write them: 2026-11-22, 2026/11/22, 2026.11.22 and 2026年11月22日, full width too."""

import re
import unicodedata
from datetime import date

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})(日?)")


def day(text: str) -> date | None:
    """The day, or None when the text is none, such as the thirtieth of February or the tenth of an unknown month."""
    found = _DAY.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    if found is None or bool(found[7]) != bool(found[5]):
        return None
    year, *months, of_month, _ = found.groups()
    try:
        return date(int(year), int(next(month for month in months if month)), int(of_month))
    except ValueError:
        return None
