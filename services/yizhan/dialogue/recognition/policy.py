"""What is given to the recogniser, and which of its answers are believed. Kept with every decision, so that it can be made again."""

from dataclasses import dataclass

from yizhan.core.messages import content as c

VOICE = "voice"
IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Recognising:
    """``kinds``: of ``voice`` and ``image``. An answer is believed from ``confidence`` (0 to 1) on, and waited for at most
    ``seconds``. What weighs more than ``most_bytes`` is not given away.
    """

    kinds: tuple[str, ...]
    confidence: float
    seconds: float
    most_bytes: int

    def takes(self, content: c.Content) -> bool:
        """Whether this content is given to the recogniser. Its size may be unknown here; the job looks again."""
        media = c.media_of(content)
        return media is not None and kind_of(content) in self.kinds and media.size_bytes <= self.most_bytes


def kind_of(content: c.Content) -> str:
    """``voice`` or ``image``; empty for everything else."""
    match content:
        case c.Voice():
            return VOICE
        case c.Image():
            return IMAGE
        case _:
            return ""
