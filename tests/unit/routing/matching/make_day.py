"""Makes ``day.jsonl``, an example of a recorded day: ``python -m tests.unit.routing.matching.make_day``."""

import json
import random
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("day.jsonl")
HOURS = 9
CASES = 420
Row = dict[str, Any]


def rows(seed: int = 20260923) -> list[Row]:
    """Twelve agents in two groups with a lunch break, a supervisor, and customers who come mostly before noon."""
    chance = random.Random(seed)
    return sorted([*_agents(chance), *_cases(chance)], key=lambda row: row["at"])


def _agents(chance: random.Random) -> list[Row]:
    made: list[Row] = [{"at": 0, "agent": "chief", "capacity": 2, "groups": ["sales"], "supervisor": True}]
    for number in range(12):
        name = f"agent{number + 1:02}"
        groups = ["sales"] if number < 7 else ["support"]
        languages = ["en", "zh"] if number % 3 == 0 else ["zh"]
        skills = {"refund": chance.randint(1, 5)} if number % 2 else {}
        come, lunch = chance.randint(0, 600), 3600 * (3 + number % 2)
        made += [
            {"at": come, "agent": name, "capacity": 3, "groups": groups, "languages": languages, "skills": skills},
            {"at": lunch, "agent": name, "presence": "away"},
            {"at": lunch + 3600, "agent": name, "presence": "online"},
            {"at": HOURS * 3600, "agent": name, "online": False},
        ]
    return made


def _cases(chance: random.Random) -> list[Row]:
    made: list[Row] = []
    for number in range(CASES):
        group = chance.choice(["sales", "sales", "support"])
        row: Row = {
            "at": round(chance.triangular(300, HOURS * 3600 - 600, 2.5 * 3600), 1),
            "case": f"case{number + 1:03}",
            "handling": round(chance.lognormvariate(6.6, 0.7), 1),
            "group": group,
            "language": chance.choice(["zh-CN", "zh-CN", "zh-CN", "en"]),
        }
        if chance.random() < 0.1:
            row["priority"] = 3
        if chance.random() < 0.15:
            row["skills"] = ["refund"]
        if chance.random() < 0.1:
            row["weight"] = 2
        if chance.random() < 0.08:
            row["declines"] = 1
        made.append(row)
    return made


def text() -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
