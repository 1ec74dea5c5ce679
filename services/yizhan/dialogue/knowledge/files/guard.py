"""Spreadsheets run cells that begin with = + - @ as formulas. A leading apostrophe makes them text.

``on`` writes it, ``off`` takes it away again, so that what is exported and imported is the same to the character:
``off(on(text)) == text`` for every text. A cell that was typed as '=1 therefore comes in as =1.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def on(text: str) -> str:
    return "'" + text if _DANGEROUS.match(text) else text


def off(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text
