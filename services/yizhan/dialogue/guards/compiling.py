"""From a document to compiled guards: lists put in, words numbered, what contradicts itself refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from yizhan.core.documents.reasons import Reason
from yizhan.core.documents.tree import Path
from yizhan.dialogue.guards.document import MOST_UNORDERED, Document, Guide, Item, Rule
from yizhan.dialogue.guards.guards import CompiledGuide, CompiledRule, Guards, Matcher
from yizhan.dialogue.guards.pattern import Near, Pattern
from yizhan.dialogue.guards.reasons import (
    AGAIN_UNUSED,
    BEFORE_HUMAN,
    GUIDE_EMPTY,
    HUMAN_HANDS_OFF,
    MENU_UNUSED,
    NO_HUMAN_RULE,
    ONE_CHARACTER,
    ONE_OF_FOUR,
    ONLY_WITH_NEAR,
    REFERS_ON,
    REPEATED_NAME,
    SAY_MISSING,
    SAY_UNUSED,
    too_many_unordered,
    unknown_list,
)
from yizhan.dialogue.guards.verdict import Action, Again, Kind
from yizhan.dialogue.guards.words import Words
from yizhan.dialogue.knowledge.normalise import fold, normalise

Report = Callable[[Path, Reason], None]
"""Told of everything that is wrong, with its place."""


@dataclass(slots=True)
class _Vocabulary:
    """The words of all rules, numbered as they come."""

    lists: dict[str, list[str]]
    report: Report
    numbers: dict[str, int] = field(default_factory=dict)
    tolerant: set[int] = field(default_factory=set)

    def number(self, word: str, *, typos: bool) -> int:
        number = self.numbers.setdefault(word, len(self.numbers))
        if typos:
            self.tolerant.add(number)
        return number

    def spelt(self, written: Sequence[str], place: Path) -> list[str]:
        """The folded words of a group, with the lists it refers to."""
        words: list[str] = []
        for word in written:
            if not word.startswith("@"):
                words.append(fold(word))
            elif (listed := self.lists.get(word[1:])) is not None:
                words += (fold(one) for one in listed if not one.startswith("@"))
            else:
                self.report(place, unknown_list(word[1:]))
        return words


def compile_document(document: Document, report: Report) -> Guards:
    """What is returned is only of use when nothing was reported."""
    vocabulary = _Vocabulary(document.lists, report)
    for name, listed in document.lists.items():
        if any(word.startswith("@") for word in listed):
            report(("lists", name), REFERS_ON)
    _check_order(document, report)
    names: set[str] = set()
    rules, guides = [], []
    for number, guide in enumerate(document.urgency):
        place: Path = ("urgency", number)
        _check_name(guide, place, names, report)
        guides.append(CompiledGuide(guide, _matcher(guide, place, vocabulary, typos=False)))
    for number, rule in enumerate(document.rules):
        place = ("rules", number)
        _check_name(rule, place, names, report)
        _check_action(rule, place, report)
        rules.append(CompiledRule(rule, _matcher(rule, place, vocabulary, typos=rule.typos)))
    words = Words(list(vocabulary.numbers), tolerant=frozenset(vocabulary.tolerant))
    return Guards(words, tuple(rules), tuple(guides))


def _check_name(item: Rule | Guide, place: Path, names: set[str], report: Report) -> None:
    if item.name in names:
        report((*place, "name"), REPEATED_NAME)
    names.add(item.name)
    if isinstance(item, Guide) and not item.kinds and not item.match:
        report(place, GUIDE_EMPTY)


def _check_action(rule: Rule, place: Path, report: Report) -> None:
    if rule.action.speaks and rule.say is None:
        report((*place, "action"), SAY_MISSING)
    if not rule.action.speaks and rule.say is not None:
        report((*place, "say"), SAY_UNUSED)
    if rule.action not in (Action.SAY, Action.REFUSE) and (rule.menu is not None or rule.offer_human):
        report((*place, "menu" if rule.menu else "offer_human"), MENU_UNUSED)
    if rule.action.hands_off and rule.again is not Again.SAME:
        report((*place, "again"), AGAIN_UNUSED)


def _check_order(document: Document, report: Report) -> None:
    """A wish for a human always wins: nothing that keeps the customer with the assistant may come before it."""
    humans = [number for number, rule in enumerate(document.rules) if rule.kind is Kind.HUMAN]
    if not humans:
        report(("rules",), NO_HUMAN_RULE)
    for number, rule in enumerate(document.rules):
        gives_a_person = rule.action.hands_off and not rule.knowledge_first
        if not gives_a_person and rule.kind is Kind.HUMAN:
            report(("rules", number, "action"), HUMAN_HANDS_OFF)
        elif not gives_a_person and humans and number < humans[-1]:
            report(("rules", number, "action"), BEFORE_HUMAN)


def _matcher(item: Rule | Guide, place: Path, vocabulary: _Vocabulary, *, typos: bool) -> Matcher:
    return Matcher(
        _pattern(item.match, (*place, "match"), vocabulary, typos=typos),
        _pattern(item.unless, (*place, "unless"), vocabulary, typos=False),
    )


def _pattern(items: Sequence[Item], place: Path, vocabulary: _Vocabulary, *, typos: bool) -> Pattern:
    phrases: dict[int, int] = {}
    wholes: dict[int, tuple[int, str]] = {}
    nears: dict[int, tuple[Near, ...]] = {}
    recognisers: dict[str, int] = {}
    for number, item in enumerate(items):
        here = (*place, number)
        _check_item(item, here, vocabulary.report)
        if item.phrase is not None:
            for word in vocabulary.spelt([item.phrase], here):
                if len(word) == 1:
                    vocabulary.report(here, ONE_CHARACTER)
                phrases.setdefault(vocabulary.number(word, typos=typos), number)
        if item.near is not None:
            spelt = [vocabulary.spelt(group, here) for group in item.near]
            groups = [frozenset(vocabulary.number(word, typos=typos) for word in group) for group in spelt]
            near = Near(number, tuple(groups), item.within, item.ordered)
            for key in groups[_rarest(spelt)]:
                nears[key] = (*nears.get(key, ()), near)
        if item.whole is not None:
            for word in vocabulary.spelt(item.whole, here):
                wholes[vocabulary.number(word, typos=False)] = (number, normalise(word))
        if item.recognised is not None:
            recognisers[item.recognised] = number
    return Pattern(phrases, nears, wholes, recognisers, frozenset({**phrases, **nears, **wholes}))


def _rarest(groups: Sequence[Sequence[str]]) -> int:
    """The group of which a message is least likely to hold a word: the one of long words, and few of them."""
    return max(
        range(len(groups)), key=lambda at: (min((len(word) for word in groups[at]), default=0), -len(groups[at]))
    )


def _check_item(item: Item, place: Path, report: Report) -> None:
    if sum(part is not None for part in (item.phrase, item.near, item.whole, item.recognised)) != 1:
        report(place, ONE_OF_FOUR)
    if item.near is None and item.model_fields_set & {"within", "ordered"}:
        report(place, ONLY_WITH_NEAR)
    if item.near is not None and not item.ordered and len(item.near) > MOST_UNORDERED:
        report(place, too_many_unordered(MOST_UNORDERED))
