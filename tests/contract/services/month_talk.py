"""A conversation with an agent in a simulated month, and how it goes: drawn from the customer's own chance."""

import random
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from tests.contract.services.month_books import Call, Owed, Slip, Wait


@dataclass(eq=False)
class Talk:
    """A customer's conversation. ``epoch`` as dialogue counts it; ``steps`` are what will be said, with the seconds before."""

    name: str
    chance: random.Random
    epoch: int = 1
    seq: int = 0
    wait: Wait | None = None
    agent: str = ""
    case_id: str = ""
    owed: Owed | None = None
    slip: Slip | None = None
    leaves: float | None = None
    wishes: float | None = None
    group: bool = False
    urgent: bool = False
    handed_on: int = 0
    steps: deque[tuple[float, str]] = field(default_factory=deque)
    off_hours_told: datetime | None = None
    planned: bool = False


def script(talk: Talk, call: Call | None) -> list[tuple[float, str]]:
    """Agents answer at once, or late, or never; customers write again, also while they wait; and it ends somehow."""
    chance = talk.chance
    if call is not None:
        if chance.random() < 0.3:
            return [(chance.uniform(20, 90), "not_reached")]
        return [(chance.uniform(5, 50), "reply"), (chance.uniform(30, 200), "close")]
    steps: list[tuple[float, str]] = []
    if chance.random() < 0.94:
        steps.append((chance.choice((5, 20, 40, 58, 61, 90)) + chance.random() * 8, "reply"))
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        steps.append((chance.uniform(2, 90), "write"))
        if chance.random() < 0.3:
            steps.append((chance.uniform(1, 20), "write"))
        if chance.random() < 0.8:
            late = chance.random() < 0.15
            steps.append((chance.uniform(180, 900) if late else chance.uniform(3, 170), "reply"))
    hands_on = 0.0 if talk.handed_on or talk.slip else 0.6
    ending = chance.choices(("close", "leave", "return", "transfer"), (6, 3, 1, hands_on))[0]
    wait = chance.uniform(60, 900) if chance.random() < 0.25 else chance.uniform(1, 60)
    return [*steps, (wait, ending)]


def ticket_moves(chance: random.Random) -> deque[str]:
    """What is done to a ticket, in parts: statuses, and ``words`` or ``doubt`` of the customer, who answers or was not helped."""
    moves = ["pending", "words"] if chance.random() < 0.6 else ["on_hold", "open"]
    if chance.random() < 0.4:
        moves += ["pending", "open"] if chance.random() < 0.5 else ["on_hold", "pending", "words"]
    moves.append("solved")
    if chance.random() < 0.3:
        moves += ["doubt", "solved"]
    return deque(moves)


def some_hours(chance: random.Random, mean: float) -> float:
    """In seconds; at most as long as a customer may doubt a solution."""
    return min(chance.expovariate(1 / mean), 65) * 3600 + chance.random()
