"""A text line by line, without a list of all of them: a file may be nothing but line ends."""

from collections.abc import Iterator


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line without its end, and its number from 1 on; see ``texts.with_newlines`` for other ends."""
    number, start = 0, 0
    while start <= len(text):
        number += 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield number, text[start:end]
        start = end + 1
