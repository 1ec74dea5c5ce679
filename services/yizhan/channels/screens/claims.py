"""What a business says of its users, as far as it can be used."""

from yizhan.channels.screens.text import LOCALE, clean_line

MAX_USER_ID_CHARS = 128
MAX_NAME_CHARS = 100


def user_id_of(value: object) -> str | None:
    """The id as it is; None where it can be none."""
    if not isinstance(value, str) or not value or len(value) > MAX_USER_ID_CHARS or not value.isprintable():
        return None
    return value


def name_of(value: object) -> str:
    """One line, empty where there is none."""
    return clean_line(value, MAX_NAME_CHARS) if isinstance(value, str) else ""


def locale_of(value: object) -> str:
    """As in BCP 47, empty where there is none."""
    return value if isinstance(value, str) and LOCALE.fullmatch(value) else ""
