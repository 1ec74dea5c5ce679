"""Ids that tie mails together (reference F.1): folded, surrounded by prose, far too many, or missing."""

import hashlib
import re

from yizhan.channels.email.reading import limits

_ANGLED = re.compile(r"<([^<>]*)>")
_SPACE = re.compile(r"\s+")


def ids_in(value: str) -> tuple[str, ...]:
    """Every id of a header, in order, each once; ``value`` may hold prose and folds within ids."""
    found = [_id(_SPACE.sub("", inner)) for inner in _ANGLED.findall(value)]
    if not found and "@" in value and not value.strip().count(" "):
        found = [_id(value.strip().strip("<>"))]  # some write it without brackets
    return tuple(dict.fromkeys(one for one in found if one))


def parent_ids(in_reply_to: str, references: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the mail answers, and what came before that, oldest first; at most as many as are useful."""
    parents = ids_in(in_reply_to)[: limits.REFERENCES]
    before = [one for one in ids_in(references) if one not in parents]
    if len(before) > limits.REFERENCES:
        half = limits.REFERENCES // 2
        before = before[:half] + before[-half:]
    return parents, tuple(before)


def made_id(*parts: bytes) -> str:
    """An id for a mail without one: the same mail gets the same, fetched again or not."""
    digest = hashlib.sha256(b"\x00".join(parts)).hexdigest()
    return f"<{digest}@no-message-id.invalid>"


def _id(inner: str) -> str:
    """The id in brackets. One that is too long to keep is known by its digest, wherever it is named."""
    if not inner or not inner.isprintable():
        return ""
    if len(inner) > limits.ID_CHARACTERS:
        return f"<{hashlib.sha256(inner.encode()).hexdigest()}@long-message-id.invalid>"
    return f"<{inner}>"
