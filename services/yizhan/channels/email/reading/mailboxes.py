"""Addresses in From, To and the like (RFC 5322), as they really come: unclosed, unquoted, with names of any kind."""

import re

from yizhan.channels.email.letter import Mailbox
from yizhan.channels.email.reading import limits
from yizhan.channels.email.reading.words import header_text

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,128}@[^\s<>()\[\],;:\"@]{1,255}")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>?|[,;]|=\?[^?\s]*\?[bBqQ]\?[^?]*\?=|[^",;<=]+|.', re.DOTALL)

_LONGEST = 32 << 10


def mailboxes(value: str) -> tuple[Mailbox, ...]:
    """Everyone named in a header, each address once; a group's name and whatever has no address is left out."""
    found: dict[str, Mailbox] = {}
    for entry in _entries(value[:_LONGEST]):
        if len(found) >= limits.MAILBOXES:
            break
        if box := _mailbox(entry):
            found.setdefault(box.address, box)
    return tuple(found.values())


def _entries(value: str) -> list[list[str]]:
    """The header cut at commas and semicolons that stand outside quotes, brackets and encoded words."""
    entries: list[list[str]] = [[]]
    for token in _TOKEN.findall(value):
        if token in {",", ";"}:
            entries.append([])
        else:
            entries[-1].append(token)
    return entries


def _mailbox(tokens: list[str]) -> Mailbox | None:
    angled = next((token for token in reversed(tokens) if token.startswith("<") and _ADDRESS.search(token)), None)
    if angled is not None:
        name = "".join(token for token in tokens if token is not angled)
        return Mailbox(_address(angled), _name(name))
    whole = "".join(tokens)
    if _ADDRESS.search(whole) is None:
        return None
    address = _address(whole)
    return Mailbox(address, _name(re.sub(re.escape(address), "", whole, flags=re.IGNORECASE)))


def _address(text: str) -> str:
    """A route before the address is old and says nothing: the last one counts."""
    return str(_ADDRESS.findall(text)[-1]).strip(".'").lower()


def _name(raw: str) -> str:
    """The display name without its quotes; a group's ``name:`` before it is no part of it."""
    name = header_text(re.sub(r"\\(.)", r"\1", raw.strip()), limits.NAME_CHARACTERS)
    return name.strip(" \t\"'<>()").strip()
