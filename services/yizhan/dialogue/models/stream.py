"""Server-sent events, as chat completions stream them: bytes in any pieces to the data of whole events.

Source of facts: the event stream format of the HTML standard (lines end in CR, LF or both, a blank line ends an event,
several ``data`` lines are one datum, lines that begin with a colon are comments).
"""

import re

_LINE_END = re.compile(rb"\r\n|\n|\r(?!$)")


class EventStream:
    """Feed it what arrives; it gives the data of the events that are complete. What is never completed is dropped."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> list[str]:
        """Raises UnicodeDecodeError where an event is no UTF-8."""
        lines = _LINE_END.split(self._rest + piece)  # a CR at the very end may be half of a CRLF: it waits
        self._rest = lines.pop()
        found = []
        for line in lines:
            if line:
                self._line(line.decode("utf-8"))
            elif self._data:
                found.append("\n".join(self._data))
                self._data = []
        return found

    def _line(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
