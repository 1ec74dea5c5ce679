"""Many texts as arrays, and back."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.index.archive import Array, Parts, Unreadable


def packed_strings(name: str, texts: Iterable[str]) -> Mapping[str, Array]:
    """One text after the other, and how many characters each has."""
    kept = list(texts)
    whole = "".join(kept).encode("utf-8", "surrogatepass")
    return {
        f"{name}.text": np.frombuffer(whole, np.uint8),
        f"{name}.lengths": np.array([len(text) for text in kept], np.int32),
    }


def strings(parts: Parts, name: str) -> list[str]:
    """What ``packed_strings`` was given. Raises Unreadable."""
    try:
        whole = parts.line(f"{name}.text", np.uint8).tobytes().decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is no text") from error
    lengths: NDArray[np.int32] = parts.line(f"{name}.lengths", np.int32)
    if lengths.min(initial=0) < 0 or int(lengths.sum(dtype=np.int64)) != len(whole):
        raise Unreadable(f"{name} is cut otherwise")
    ends = np.cumsum(lengths, dtype=np.int64).tolist()
    return [whole[end - length : end] for end, length in zip(ends, lengths.tolist(), strict=True)]


def numbered(parts: Parts, name: str) -> dict[str, int]:
    """The number of every text; no two are equal. Raises Unreadable."""
    texts = strings(parts, name)
    numbers = {text: number for number, text in enumerate(texts)}
    if len(numbers) != len(texts):
        raise Unreadable(f"{name} has a text twice")
    return numbers
