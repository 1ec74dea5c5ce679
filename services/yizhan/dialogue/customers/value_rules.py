"""Value tags: which customers are worth a second look, by rules over the figures of their profiles. Pure."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yizhan.dialogue.customers.figures import Figure, Figures

MOST_RULES = 50
MOST_CONDITIONS = 8
MOST_BYTES = 50_000

_CONDITION = re.compile(r"\s*([a-z0-9_]+)\s*(>=|<=|==|>|<)\s*(-?\d{1,9}(?:\.\d{1,4})?)\s*")
_FIGURES = frozenset(Figure)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


class RulesInvalid(Exception):
    """The document is not one of value rules; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a figure with a number, as it is written in ``text``."""

    text: str
    figure: Figure
    compare: str
    number: float

    def holds(self, figures: Figures) -> bool:
        """A figure that is not known lets nothing hold."""
        value = figures.get(self.figure)
        return value is not None and _COMPARE[self.compare](value, self.number)


@dataclass(frozen=True, slots=True)
class Rule:
    """Gives ``tag`` to those for whom all conditions hold."""

    tag: str
    label_zh: str
    label_en: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A value tag and why: each condition with the figure that it held for."""

    rule: Rule
    because: tuple[tuple[Condition, float], ...]


def value_tags(rules: Sequence[Rule], figures: Figures) -> Sequence[Given]:
    """What the rules give to a customer with these figures, in their order."""
    given: list[Given] = []
    for rule in rules:
        because = [(one, figures.get(one.figure)) for one in rule.conditions if one.holds(figures)]
        if len(because) == len(rule.conditions):
            given.append(Given(rule, tuple((one, value) for one, value in because if value is not None)))
    return given


@dataclass(frozen=True, slots=True)
class ValueRules:
    """``own``: of workspaces that have rules of their own; all others go by ``rules``."""

    rules: tuple[Rule, ...]
    own: Mapping[str, tuple[Rule, ...]]

    def of(self, workspace: str) -> tuple[Rule, ...]:
        return self.own.get(workspace, self.rules)


def parse_rules(text: str) -> ValueRules:
    """Raises RulesInvalid with the first thing that is wrong."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise RulesInvalid(f"more than {MOST_BYTES} bytes")
    try:
        document = _Document.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RulesInvalid(f"line {mark.line + 1}: no YAML" if mark else "no YAML") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise RulesInvalid(f"{'.'.join(map(str, first['loc'])) or 'document'}: {first['msg']}") from error
    own = {name: _rules(f"workspaces.{name}", written) for name, written in document.workspaces.items()}
    return ValueRules(default_rules() if document.rules is None else _rules("rules", document.rules), own)


@cache
def default_rules() -> tuple[Rule, ...]:
    """The shipped ones, which are tested to be right."""
    return parse_rules((files("yizhan.dialogue.customers") / "value_rules.yaml").read_text("utf-8")).rules


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Label(_Strict):
    zh: Annotated[str, Field(min_length=1, max_length=40)]
    en: Annotated[str, Field(min_length=1, max_length=40)]


class _Rule(_Strict):
    tag: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    label: _Label
    all: Annotated[list[Annotated[str, Field(max_length=80)]], Field(min_length=1, max_length=MOST_CONDITIONS)]


_Written = Annotated[list[_Rule], Field(max_length=MOST_RULES)]


class _Document(_Strict):
    version: Annotated[str, Field(pattern="^1$")]
    rules: _Written | None = None
    workspaces: dict[Annotated[str, Field(min_length=1, max_length=64)], _Written] = {}


def _rules(place: str, written: Sequence[_Rule]) -> tuple[Rule, ...]:
    rules = tuple(_rule(f"{place}.{number}", one) for number, one in enumerate(written))
    twice = {rule.tag for rule in rules if sum(other.tag == rule.tag for other in rules) > 1}
    if twice:
        raise RulesInvalid(f"{place}: the tag {min(twice)} is given by two rules")
    return rules


def _rule(place: str, written: _Rule) -> Rule:
    conditions = tuple(_condition(f"{place}.all.{at}", text) for at, text in enumerate(written.all))
    return Rule(written.tag, written.label.zh, written.label.en, conditions)


def _condition(place: str, text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise RulesInvalid(f"{place}: a condition reads like sessions_90d >= 5")
    name, compare, number = match.groups()
    if name not in _FIGURES:
        raise RulesInvalid(f"{place}: there is no figure {name}; there are {', '.join(Figure)}")
    return Condition(" ".join(text.split()), Figure(name), compare, float(number))
