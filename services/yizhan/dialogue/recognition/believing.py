"""Which of a recogniser's answers is taken for the customer's words. Pure; in doubt none."""

import unicodedata
from dataclasses import dataclass

from yizhan.core.messages import command as k
from yizhan.dialogue.recognition.documents import DocumentUnreadable, Heard, decode_heard
from yizhan.dialogue.recognition.policy import Recognising

MOST_CHARACTERS = 500
"""A minute of speech is some 300; what is longer is a document, and nobody wants it read back."""

FAILED = "failed"
SLOW = "slow"
UNREADABLE = "unreadable"
UNSURE = "unsure"
EMPTY = "empty"
TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Words:
    """What was understood for certain; ``language`` as the recogniser told it."""

    text: str
    language: str = ""


def believed(end: k.JobFinished, rules: Recognising) -> Words | str:
    """The words, or why there are none (a static name)."""
    if end.outcome is not k.JobOutcome.DONE:
        return SLOW if end.outcome is k.JobOutcome.TIMED_OUT else FAILED
    try:
        heard = decode_heard(end.body)
    except DocumentUnreadable:
        return UNREADABLE
    if heard.confidence < rules.confidence:
        return UNSURE
    return _words(heard)


def _words(heard: Heard) -> Words | str:
    text = plain(heard.text)
    if not any(character.isalnum() for character in text):
        return EMPTY
    if len(text) > MOST_CHARACTERS:
        return TOO_LONG
    return Words(text, heard.language)


def plain(text: str) -> str:
    """As one line of printable characters."""
    shown = (" " if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in text)
    return " ".join("".join(shown).split())
