"""``make bench-answers``: what the demo shop's assistant makes of sentences that nobody built it for, by category.

Every sentence of a held-out file is a customer's first words, put through the very steps of a conversation: guards, tasks,
knowledge. Writes ``build/bench-answers.json``. Run it on ``test.csv`` to state a figure, and on ``dev.csv`` to work.
"""

import argparse
import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.machine import ROOT, commit
from tests.unit.dialogue.tasks.demo_shop import ZONE, answerer
from yizhan.core.messages import content as c
from yizhan.dialogue.replay import Setting
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.trying import Question, Tried, try_out

HELD_OUT = ROOT / "tests" / "knowledge" / "heldout"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    expected: frozenset[str]
    """The entries that answer it; none: nothing may."""
    category: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Of the sentences of one group. Shares are 0 to 1; ``precision`` is of entries sent, 1 where none was.

    In scope each is ``answered`` by an entry, begins a ``task``, is ``asked`` back or is ``passed`` on to a human;
    ``offered``: of those asked back, how many were offered the right entry. ``silent``: of those out of scope, how many were
    not answered by an entry.
    """

    group: str
    in_scope: int
    answered: float
    precision: float
    task: float
    asked: float
    offered: float
    passed: float
    out_of_scope: int
    silent: float


def rows(file: Path) -> Sequence[Row]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return [
            Row(
                one["text"],
                frozenset(filter(None, one["entry"].split("|"))),
                one["category"],
                tuple(filter(None, one["tags"].split("|"))),
            )
            for one in csv.DictReader(opened)
        ]


def tried(row: Row) -> Tried:
    setting = Setting(Voice("山居好物"), timedelta(minutes=30), ZONE)
    return try_out(Question("shop", row.text, "website", AT), answerer(), setting)


def groups(asked: Sequence[Row]) -> Iterator[tuple[str, list[int]]]:
    """Everything, then each category, then each tag; as positions."""
    yield "all", list(range(len(asked)))
    for category in sorted({row.category for row in asked}):
        yield category or "(none)", [place for place, row in enumerate(asked) if row.category == category]
    for tag in sorted({tag for row in asked for tag in row.tags}):
        yield f"#{tag}", [place for place, row in enumerate(asked) if tag in row.tags]


def shown(group: str, asked: Sequence[Row], came: Sequence[Tried]) -> Shown:
    inside = [(row, one) for row, one in zip(asked, came, strict=True) if row.expected]
    outside = [one for row, one in zip(asked, came, strict=True) if not row.expected]
    answers = [one.grounding.entry_id in row.expected for row, one in zip(asked, came, strict=True) if one.grounding]
    back = [_offered(row, one) for row, one in inside if one.decision == "clarify"]
    return Shown(
        group=group,
        in_scope=len(inside),
        answered=_share(one.grounding is not None for _, one in inside),
        precision=_share(answers, 1.0),
        task=_share(one.decision == "task" for _, one in inside),
        asked=_share(one.decision == "clarify" for _, one in inside),
        offered=_share(back),
        passed=_share(one.decision in ("handoff", "human") for _, one in inside),
        out_of_scope=len(outside),
        silent=_share((one.grounding is None for one in outside), 1.0),
    )


def _offered(row: Row, one: Tried) -> bool:
    offered = {option.id for menu in one.says if isinstance(menu, c.Menu) for option in menu.options}
    return not row.expected.isdisjoint(offered)


def _share(found: Iterable[bool], empty: float = 0.0) -> float:
    every = list(found)
    return round(sum(every) / len(every), 3) if every else empty


def line(values: Mapping[str, object]) -> str:
    return "  ".join(f"{value:>8}" if name != "group" else f"{value!s:<14}" for name, value in values.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-answers")
    parser.add_argument("file", nargs="?", default="dev.csv", help="a file of tests/knowledge/heldout")
    name = parser.parse_args().file
    asked = rows(HELD_OUT / name)
    came = [tried(row) for row in asked]
    table = [
        shown(group, [asked[place] for place in places], [came[place] for place in places])
        for group, places in groups(asked)
    ]
    print(line({field: field for field in asdict(table[0])}))
    for one in table:
        print(line(asdict(one)), flush=True)
    (ROOT / "build").mkdir(exist_ok=True)
    found = {"file": name, "commit": commit(), "groups": [asdict(one) for one in table]}
    (ROOT / "build" / "bench-answers.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
