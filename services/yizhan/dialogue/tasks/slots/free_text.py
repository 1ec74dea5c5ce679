"""What a customer wants to say in their own words, within limits."""

from dataclasses import dataclass

from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Span, Unclear

_KEPT_CONTROLS = "\n\t"


@dataclass(frozen=True, slots=True)
class FreeTextRules:
    """How many characters, after what cannot be seen is taken away."""

    least: int = 1
    most: int = 500


def read(text: str, rules: FreeTextRules, context: Context) -> Reading:
    """The whole message, trimmed; only the answer to the question for it."""
    if not context.asked:
        return None
    value = "".join(character for character in text if character.isprintable() or character in _KEPT_CONTROLS).strip()
    if not any(character.isalnum() for character in value):
        return None
    span = Span(0, len(text))
    if len(value) < rules.least:
        return Unclear(Reason.TOO_SHORT, span)
    if len(value) > rules.most:
        return Unclear(Reason.TOO_LONG, span)
    return Found(value, value, span)
