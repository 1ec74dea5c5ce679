"""The ids that our messages have at the platform: from them the message is found again when it could not be delivered.

A UUID's 128 bits in base 62 (22 characters) and the number of the part: within the 32 of ``[0-9a-zA-Z_-]`` that the platform
takes (reference C.3), and the same however often the message is sent.
"""

import hashlib
import re
import string
import uuid

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LENGTH = 22
_OURS = re.compile(r"([0-9A-Za-z]{22})-[0-9]{1,5}")


def platform_id(message_id: str, part: int) -> str:
    """What the platform is to call one part of a message. Of an id that is no UUID there is no way back."""
    try:
        number = uuid.UUID(message_id).int
    except ValueError:
        return f"x{hashlib.blake2b(message_id.encode(), digest_size=10).hexdigest()}-{part}"
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return f"{''.join(reversed(digits))}-{part}"


def message_id_of(given: str) -> str:
    """The message of a platform's id; empty when it is none of ours."""
    found = _OURS.fullmatch(given)
    if found is None:
        return ""
    number = 0
    for digit in found[1]:
        number = number * 62 + _DIGITS.index(digit)
    return str(uuid.UUID(int=number)) if number < 1 << 128 else ""
