"""All places of many words in a text, in one pass over it (Aho and Corasick, 1975)."""

from collections import deque
from collections.abc import Iterator, Sequence


class Automaton:
    """Built once; reading takes time in proportion to the text and what is found, however many words there are."""

    __slots__ = ("_ends", "_fallback", "_next")

    def __init__(self, words: Sequence[str]) -> None:
        """``words`` are known by their position; none may be empty."""
        self._next: list[dict[str, int]] = [{}]
        self._fallback: list[int] = [0]
        self._ends: list[tuple[tuple[int, int], ...]] = [()]
        for number, word in enumerate(words):
            self._plant(number, word)
        self._link()

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Each occurrence as (number of the word, start, end), by end; overlapping ones too."""
        following, fallback, ends = self._next, self._fallback, self._ends
        node = 0
        for at, character in enumerate(text, 1):
            while (step := following[node].get(character)) is None and node:
                node = fallback[node]
            node = step or 0
            for number, length in ends[node]:
                yield number, at - length, at

    def _plant(self, number: int, word: str) -> None:
        node = 0
        for character in word:
            step = self._next[node].get(character)
            if step is None:
                step = len(self._next)
                self._next[node][character] = step
                self._next.append({})
                self._fallback.append(0)
                self._ends.append(())
            node = step
        self._ends[node] += ((number, len(word)),)

    def _link(self) -> None:
        """Where to go on when a word breaks off: the longest ending that begins another word."""
        waiting = deque(self._next[0].values())
        while waiting:
            node = waiting.popleft()
            for character, step in self._next[node].items():
                back = self._fallback[node]
                while back and character not in self._next[back]:
                    back = self._fallback[back]
                self._fallback[step] = self._next[back].get(character, 0)
                self._ends[step] += self._ends[self._fallback[step]]
                waiting.append(step)
