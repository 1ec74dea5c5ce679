"""What is changed about a recorded day before it is played again: the rules, and who is there."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yizhan.routing.matching.day import Day, Staffed
from yizhan.routing.matching.escalation import STANDARD, LadderInvalid, Step, checked
from yizhan.routing.matching.facts import Level, Policy

OFFER = 15.0


class RulesInvalid(Exception):
    """A file of rules is wrong. ``problems``: what and where."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Rules:
    """``offer``: seconds that an agent has to accept. ``steps``: the ladder of those whom nobody serves."""

    policy: Policy = field(default_factory=Policy)
    steps: tuple[Step, ...] = STANDARD
    offer: float = OFFER


@dataclass(frozen=True, slots=True)
class Staffing:
    """``without``: agents who are not there. ``capacity``: that of everybody who is there; None: as recorded.
    ``extra``: so many more, each a copy of one who is there, in turn.
    """

    without: frozenset[str] = frozenset()
    capacity: int | None = None
    extra: int = 0


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _StepShape(_Strict):
    after: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    level: Annotated[int, Field(ge=Level.OWN_GROUP, le=Level.SUPERVISORS)] = Level.OWN_GROUP
    ticket: bool = False


class _RulesShape(_Strict):
    skill_level: Annotated[int, Field(ge=1, le=5)] = Policy().skill_level
    supervisors_from: Annotated[int, Field(ge=Level.OWN_GROUP, le=Level.SUPERVISORS)] = Policy().supervisors_from
    wider: dict[str, tuple[str, ...]] = {}
    credit: tuple[float, float, float, float] = Policy().credit
    patience: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Policy().patience
    offer: Annotated[float, Field(gt=0, allow_inf_nan=False)] = OFFER
    steps: tuple[_StepShape, ...] | None = None


def read_rules(text: str) -> Rules:
    """Rules from YAML; what is not said is as shipped. Raises RulesInvalid."""
    try:
        content: Any = yaml.safe_load(text)
        shape = _RulesShape.model_validate({} if content is None else content)
        steps = STANDARD if shape.steps is None else checked(Step(**step.model_dump()) for step in shape.steps)
    except yaml.YAMLError as error:
        raise RulesInvalid([f"not YAML: {' '.join(str(error).split())}"]) from error
    except ValidationError as error:
        raise RulesInvalid([f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]) from error
    except LadderInvalid as error:
        raise RulesInvalid([f"steps: {error}"]) from error
    policy = Policy(
        skill_level=shape.skill_level,
        supervisors_from=shape.supervisors_from,
        wider=tuple(sorted(shape.wider.items())),
        credit=shape.credit,
        patience=shape.patience,
    )
    return Rules(policy, steps, shape.offer)


def written_rules(rules: Rules) -> str:
    """YAML that ``read_rules`` reads as these rules."""
    policy = rules.policy
    shape = _RulesShape(
        skill_level=policy.skill_level,
        supervisors_from=policy.supervisors_from,
        wider=dict(policy.wider),
        credit=policy.credit,
        patience=policy.patience,
        offer=rules.offer,
        steps=tuple(_StepShape(after=step.after, level=step.level, ticket=step.ticket) for step in rules.steps),
    )
    return yaml.safe_dump(shape.model_dump(mode="json"), allow_unicode=True, sort_keys=False)


def restaffed(day: Day, staffing: Staffing) -> Day:
    """The day with other people."""
    staffed = [each for each in day.staffed if each.seat.agent_id not in staffing.without]
    if staffing.capacity is not None:
        staffed = [replace(each, seat=replace(each.seat, capacity=staffing.capacity)) for each in staffed]
    staffed += _copies(staffed, staffing.extra)
    return replace(day, staffed=tuple(sorted(staffed, key=lambda each: each.at)))


def _copies(staffed: list[Staffed], extra: int) -> Iterator[Staffed]:
    originals = sorted({each.seat.agent_id for each in staffed if not each.seat.supervisor})
    for number in range(extra if originals else 0):
        original = originals[number % len(originals)]
        name = f"{original}+{number // len(originals) + 1}"
        yield from (
            replace(each, seat=replace(each.seat, agent_id=name)) for each in staffed if each.seat.agent_id == original
        )
