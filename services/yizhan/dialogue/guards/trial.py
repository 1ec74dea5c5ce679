"""Guards tried on sentences of which it is known what they are: who was caught, who was missed, who was disturbed."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.guards.guards import Guards

NOTHING = ""
"""Stands for no rule: the assistant may go on."""


@dataclass(frozen=True, slots=True)
class Case:
    """``expected``: the rule that should decide, or NOTHING. ``about``: the rule for which it is a hard case."""

    text: str
    expected: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """``decided[i]`` is the rule that decided on ``cases[i]``."""

    cases: tuple[Case, ...]
    decided: tuple[str, ...]

    @property
    def wrong(self) -> tuple[tuple[Case, str], ...]:
        pairs = zip(self.cases, self.decided, strict=True)
        return tuple((case, decided) for case, decided in pairs if case.expected != decided)

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """The confusion table: how many by (expected, decided)."""
        return Counter((case.expected, decided) for case, decided in zip(self.cases, self.decided, strict=True))

    def caught(self, rule: str = "") -> tuple[int, int]:
        """Sentences that should fire a rule (any rule): those that it decided, and all."""
        counts = self.counts
        wanted = {expected for expected, _ in counts if expected and expected == (rule or expected)}
        return (
            sum(counts[name, name] for name in wanted),
            sum(number for (expected, _), number in counts.items() if expected in wanted),
        )

    def left_alone(self, rule: str = "") -> tuple[int, int]:
        """Sentences that should fire nothing (the near misses of a rule): those that nothing fired on, and all."""
        quiet = [
            decided
            for case, decided in zip(self.cases, self.decided, strict=True)
            if case.expected == NOTHING and (not rule or case.about == rule)
        ]
        return quiet.count(NOTHING), len(quiet)


def try_out(guards: Guards, cases: Sequence[Case], locale: str = "zh-CN") -> Trial:
    """Each sentence by itself, as the first message of a session."""
    verdicts = (guards.judge(case.text, locale) for case in cases)
    return Trial(tuple(cases), tuple(verdict.rule if verdict else NOTHING for verdict in verdicts))


def read_cases(text: str) -> tuple[Case, ...]:
    """From CSV with the columns ``text``, ``expected`` and optionally ``about``. Raises ValueError, naming the line."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if not {"text", "expected"} <= set(reader.fieldnames or ()):
        raise ValueError("line 1: the columns 'text' and 'expected' are needed")
    cases = []
    for row in reader:
        sentence = (row["text"] or "").strip()
        if not sentence:
            raise ValueError(f"line {reader.line_num}: there is no text")
        cases.append(Case(sentence, (row["expected"] or "").strip(), (row.get("about") or "").strip()))
    return tuple(cases)


def table(trial: Trial, names: Sequence[str]) -> str:
    """Per rule: caught of those meant for it, near misses left alone, and what was decided instead."""
    lines = [f"{'rule':24}{'caught':>10}{'left alone':>12}  decided instead"]
    for name in names:
        instead = Counter(
            decided or "nothing" for case, decided in _pairs(trial) if case.expected == name != decided
        ) + Counter(decided for case, decided in _pairs(trial) if case.about == name and not case.expected and decided)
        others = ", ".join(f"{decided} {number}" for decided, number in sorted(instead.items()))
        lines.append(
            f"{name:24}{_share(*trial.caught(name)):>10}{_share(*trial.left_alone(name)):>12}  {others}".rstrip()
        )
    lines.append(f"{'all':24}{_share(*trial.caught()):>10}{_share(*trial.left_alone()):>12}")
    return "\n".join(lines)


def _pairs(trial: Trial) -> list[tuple[Case, str]]:
    return list(zip(trial.cases, trial.decided, strict=True))


def _share(right: int, of: int) -> str:
    return f"{right}/{of}" if of else "-"
