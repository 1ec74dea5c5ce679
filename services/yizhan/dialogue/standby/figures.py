"""How answers that stood by went out, as a metric; counted after the commit."""

from collections.abc import Iterable

from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.turn import Turn


class StandbyFigures:
    def __init__(self, metrics: Metrics) -> None:
        self._ends = metrics.counter(
            "yizhan_standby_ends_total",
            "Answers that waited for a model, by how they went out, and late results.",
            ["end"],
        )

    def count(self, turns: Iterable[Turn]) -> None:
        """What a committed batch holds."""
        for turn in turns:
            for end in turn.ends:
                self._ends.labels(end=end.value).inc()
