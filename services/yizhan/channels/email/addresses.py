"""Mail addresses: one form for each, so that a person is the same person however their program writes them. Pure."""

import re

MOST_CHARS = 254
"""Of an address (RFC 5321, section 4.5.3.1.3)."""

MOST_LOCAL_CHARS = 64

NOBODY = "invalid"
"""The domain of senders whose address cannot be read (RFC 2606): nothing can be sent there."""

_PLAIN = re.compile(r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]+@[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]+")


def normal(address: str) -> str:
    """The address in small letters, its domain in the form that mail servers know. Empty for what is none.

    The part before the @ may tell capitals apart by the letter of the standard, and does so nowhere.
    """
    text = address.strip().lower()
    if len(text) > MOST_CHARS or not _PLAIN.fullmatch(text):
        return ""
    local, _, domain = text.rpartition("@")
    try:
        known = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    whole = f"{local}@{known}"
    return whole if local and known and len(local.encode()) <= MOST_LOCAL_CHARS and len(whole) <= MOST_CHARS else ""


def plain(address: str) -> str:
    """The address without what was added to the name of the mailbox after a plus."""
    local, at, domain = address.partition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def added(address: str) -> str:
    """What was added to the name of the mailbox after a plus, empty for nothing."""
    return address.rpartition("@")[0].partition("+")[2]


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def can_be_written_to(address: str) -> bool:
    """Whether there can be a mailbox of this address."""
    return bool(address) and domain_of(address) != NOBODY
