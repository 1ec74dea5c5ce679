"""Which case a mail belongs to. Pure; what is known of cases is given.

A mail belongs to a case that it names (by our token in the address it was sent to, then by what it refers to, the newest
first) when its sender is the case's customer or was brought into it by the business. A mail of somebody else that names a
case begins a case of its own, which is linked with the named one and shares nothing with it. Without a case that it names
a mail begins one; that case's id follows from its sender and the oldest mail that it refers to, so that a mail that comes
again, or before the one that it answers, finds the same case in every replica.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yizhan.channels.email.addresses import NOBODY, normal
from yizhan.channels.email.ids import digest_of
from yizhan.channels.email.letter import Letter
from yizhan.channels.email.reply_token import ReplyTokens, thread_id
from yizhan.channels.store.mail import ThreadRow

MOST_REFERENCES = 50
"""Of a mail, as many are looked for, the newest."""

_REPLY = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|sv|回复|答复|回覆|转发|轉寄|转寄)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Clues:
    """What a mail names. ``tokens``: cases named in its addresses, each with the seal that has to prove it."""

    sender: str
    own: bool
    tokens: tuple[tuple[str, str], ...]
    digests: tuple[str, ...]

    @property
    def threads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(thread for thread, _ in self.tokens))


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a mail goes. ``linked``: the case of somebody else that it named. ``known``: the case is there already."""

    thread: str
    customer: str
    linked: str = ""
    known: bool = False


def sender_of(letter: Letter) -> str:
    """Who wrote a mail. Of whom that cannot be read there is one for each mail, so that nobody becomes somebody else."""
    known = normal(letter.sender.address)
    if known:
        return known
    digest = hashlib.sha256(f"{letter.message_id}\x1f{letter.sender.address}".encode()).hexdigest()
    return f"unknown-{digest[:24]}@{NOBODY}"


def clues_of(letter: Letter, own: frozenset[str], tokens: ReplyTokens) -> Clues:
    """What a mail to the mailbox with these addresses names."""
    sender = sender_of(letter)
    named = (
        tokens.thread_named(address, own)
        for address in (*letter.delivered_to, *(box.address for box in (*letter.to, *letter.cc)))
    )
    ids = [*reversed(letter.in_reply_to), *reversed(letter.references)][:MOST_REFERENCES]
    found = tuple(dict.fromkeys(one for one in named if one is not None))
    return Clues(sender, sender in own, found, tuple(dict.fromkeys(digest_of(one) for one in ids)))


def file(
    account: str,
    letter: Letter,
    clues: Clues,
    tokens: ReplyTokens,
    known: Mapping[str, ThreadRow],
    named: Mapping[str, Sequence[str]],
    people: Mapping[str, frozenset[str]],
) -> Filed:
    """``known``: the cases that are named. ``named``: the cases of each digest. ``people``: who takes part besides."""
    linked = ""
    for thread in _candidates(account, clues, tokens, known, named):
        row = known[thread]
        if clues.own or clues.sender == row.customer or clues.sender in people.get(thread, frozenset()):
            return Filed(thread, row.customer, known=True)
        linked = linked or thread
    root = (*letter.references, *letter.in_reply_to, letter.message_id)[0]
    return Filed(thread_id(account, clues.sender, digest_of(root)), clues.sender, linked)


def _candidates(
    account: str,
    clues: Clues,
    tokens: ReplyTokens,
    known: Mapping[str, ThreadRow],
    named: Mapping[str, Sequence[str]],
) -> Iterable[str]:
    """The cases that are named, the surest first."""
    for thread, seal in clues.tokens:
        row = known.get(thread)
        if row is not None and tokens.holds(account, thread, row.customer, seal):
            yield thread
    for digest in clues.digests:
        for thread in named.get(digest, ()):
            if thread in known:
                yield thread


def plain_subject(subject: str) -> str:
    """The subject without what answers put in front of it, on one line."""
    line = " ".join("".join(one if one.isprintable() else " " for one in subject).split())
    return _REPLY.sub("", line).strip()


def subject_key(subject: str) -> str:
    """What subjects are compared by; empty for none."""
    known = plain_subject(subject).casefold()
    return hashlib.sha256(known.encode()).hexdigest() if known else ""
