"""How recognitions end, as a metric; counted after the commit."""

from collections.abc import Iterable

from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.turn import Turn


class RecognitionFigures:
    def __init__(self, metrics: Metrics) -> None:
        self._ends = metrics.counter(
            "yizhan_recognitions_total", "Recordings and pictures put into words, by what became of it.", ["outcome"]
        )

    def count(self, turns: Iterable[Turn]) -> None:
        """What a committed batch holds."""
        for turn in turns:
            for one in turn.recognised:
                self._ends.labels(outcome=one.outcome).inc()
