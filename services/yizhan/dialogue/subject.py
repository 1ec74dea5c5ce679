"""What a customer's words are about, where they are about anything: for offers, queues and the titles of tickets. Pure."""

import re

from yizhan.core.messages import content as c
from yizhan.dialogue.replies import CLARIFY, HUMAN_OPTION, NONE_OPTION
from yizhan.dialogue.served import plain_intent

_STOPS = re.compile(r"[，。！？、；,.!?;\n]+")
_MOST_CHARACTERS = 400
_MOST_CLAUSES = 8


def says_what(content: c.Content) -> bool:
    """Whether the content names what the customer wants; a greeting, a nod, a number alone or a bare 转人工 does not."""
    match content:
        case c.Text(text):
            return _says(text)
        case c.Voice(media):
            return _says(media.recognised)
        case c.Choice(menu_id, option_id, label):
            return menu_id.startswith(CLARIFY) and option_id not in {HUMAN_OPTION, NONE_OPTION} and bool(label)
        case _:
            return False


def _says(text: str) -> bool:
    clauses = _STOPS.split(text[:_MOST_CHARACTERS], _MOST_CLAUSES)
    return any(any(map(str.isalpha, clause)) and plain_intent(clause) is None for clause in clauses)
