"""How often questions are missed and what agents make of suggestions, as metrics; counted after the commit."""

from collections.abc import Iterable

from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.turn import Turn


class LearningFigures:
    def __init__(self, metrics: Metrics) -> None:
        self._misses = metrics.counter("yizhan_misses_total", "Questions that were not answered well.", ["reason"])
        self._suggestions = metrics.counter(
            "yizhan_suggestions_total", "Answers suggested to agents, by what became of them.", ["outcome"]
        )

    def count(self, turns: Iterable[Turn]) -> None:
        """What a committed batch holds."""
        for turn in turns:
            for miss in turn.misses:
                self._misses.labels(reason=miss.reason.value).inc()
            for use in turn.suggestions:
                self._suggestions.labels(outcome=use.outcome.value).inc()
