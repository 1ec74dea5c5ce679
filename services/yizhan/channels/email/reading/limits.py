"""How much of a mail is read. A mail may be made to cost more than it is worth; what is over a limit is named, not hidden."""

RAW_BYTES = 64 << 20
"""Mail providers take 20 to 50 MiB; the rest of a longer mail is not looked at."""

DEPTH = 10
PARTS = 200
ATTACHMENTS = 50
HEADERS = 1000
HEADER_BYTES = 16 << 10
"""Of one header, unfolded."""

HEAD_BYTES = 256 << 10
"""Of all headers of a part."""

MAILBOXES = 100
REFERENCES = 100
ID_CHARACTERS = 500
SUBJECT_CHARACTERS = 500
NAME_CHARACTERS = 120
TEXT_CHARACTERS = 20_000
FULL_TEXT_CHARACTERS = 200_000
TEXT_BYTES = 2 << 20
"""Of one part that is text, before it is decoded."""

HTML_CHARACTERS = 512 << 10
HTML_DEPTH = 200
"""Parsing a page takes time that grows with the square of its depth; pages that people write have some thirty levels."""

DIAGNOSTIC_CHARACTERS = 500
BOUNCES = 100


class Clipped:
    """Names of what was left out, in the order in which it was, each once."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def __call__(self, name: str) -> None:
        self._names[name] = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._names)
