"""What is taken out of customers' text before anything else sees it."""

import re

LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
"""Control characters but tab and line feed: they mean nothing in a chat, and some databases take no NUL."""

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")


def clean_text(text: str) -> str:
    """Without control characters, with plain line ends, without blanks around. Nothing else is changed: code stays code."""
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text)).strip()


def clean_line(text: str, limit: int) -> str:
    """One line of at most ``limit`` characters, for names and titles."""
    return " ".join(clean_text(text[: 4 * limit]).split())[:limit]
