"""The Message-IDs of our own mails, and what ids of others are known by. Pure.

``<yz.MESSAGE-PART.THREAD@domain>``: the 128 bits of our message's id in base 62, so that a mail that is tried again has the
same id, and a bounce that gives nothing but the id names the message.
"""

import hashlib
import re
import string
import uuid
from collections.abc import Iterable

MOST_CHARS = 500
"""Of an id that is kept. A longer one is known by its digest and cannot be referred to."""

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LENGTH = 22
_SAFE = re.compile(r"<[^<>\s\x00-\x1f\x7f-\U0010ffff]+>")


def own_id(message_id: str, part: int, thread: str, domain: str) -> str:
    """The Message-ID of one part of a message of ours."""
    try:
        number = uuid.UUID(message_id).int
    except ValueError:
        number = int.from_bytes(hashlib.blake2b(message_id.encode(), digest_size=16).digest(), "big")
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return f"<yz.{''.join(reversed(digits))}-{part}.{thread}@{domain}>"


def digest_of(message_id: str) -> str:
    """What an id is looked for by: whatever its length, and however its case was changed in the domain."""
    local, at, domain = message_id.strip().rpartition("@")
    return hashlib.sha256(f"{local}{at}{domain.lower()}".encode()).hexdigest()


def kept(message_id: str) -> str:
    """The id as it is kept, empty where it cannot stand in a header of ours."""
    return message_id if len(message_id) <= MOST_CHARS and _SAFE.fullmatch(message_id) else ""


def references(ids: Iterable[str], most: int = 20) -> tuple[str, ...]:
    """What a mail refers to: each id once, the first and the last ones when there are many."""
    known = tuple(dict.fromkeys(one for one in ids if kept(one)))
    return known if len(known) <= most else (known[0], *known[-(most - 1) :])
