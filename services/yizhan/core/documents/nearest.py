"""Which known name was meant by one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like this one; empty when none is like it."""
    by_form = {_form(one): one for one in known}
    close = get_close_matches(_form(name), by_form, n=1, cutoff=0.6)
    return by_form[close[0]] if close else ""


def _form(name: str) -> str:
    return name.lower().replace("-", "_").replace("_", "")
