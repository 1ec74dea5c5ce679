"""Small guard documents for tests."""

from yizhan.core.documents.reasons import Problem
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import Problems, parse_guards

HUMAN = """
  - name: human-request
    kind: human
    action: hand_off
    match:
      - recognised: wish_for_human
    fires: [转人工]
    passes: [人工智能]
"""


def document(rules: str, *, before: str = "", human: str = HUMAN) -> str:
    """A document of which only some lines matter: the human rule comes first, then ``rules`` in YAML."""
    return f"version: 1\n{before}\nrules:{human}{rules}"


def rule(match: str, fires: str, passes: str, more: str = "") -> str:
    """A rule named ``tried`` that hands off; each part as it stands in YAML."""
    return f"""
  - name: tried
    kind: fault
    action: hand_off
    match: {match}
    fires: {fires}
    passes: {passes}
{more}"""


def guards(text: str) -> Guards:
    parsed = parse_guards(text)
    assert isinstance(parsed, Guards), parsed
    return parsed


def problems(text: str) -> tuple[Problem, ...]:
    parsed = parse_guards(text)
    assert isinstance(parsed, Problems), "the document was accepted"
    return parsed.found
