"""A workspace's guards, compiled: judge a message by the rules in order."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from yizhan.dialogue.guards.document import Guide, Language, Rule
from yizhan.dialogue.guards.pattern import Pattern, Reading, unlifted
from yizhan.dialogue.guards.verdict import Action, Again, Hit, Kind, Urgency, Verdict
from yizhan.dialogue.guards.words import Words
from yizhan.dialogue.knowledge.normalise import fold

MOST_CHARACTERS = 4_000
"""What is read of a message: its beginning and its end, half of each, when it is longer."""

_LATIN = re.compile("[a-z]")


@dataclass(frozen=True, slots=True)
class Matcher:
    """What matches, and what lifts a match."""

    match: Pattern
    unless: Pattern

    def hits(self, reading: Reading) -> tuple[Hit, ...]:
        hits = self.match.hits(reading)
        return unlifted(hits, self.unless.hits(reading)) if hits else ()


@dataclass(frozen=True, slots=True)
class CompiledRule:
    rule: Rule
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class CompiledGuide:
    guide: Guide
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class Guards:
    """Immutable and pure: the same text, locale and history give the same verdict, in any process.

    ``parse.parse_guards`` makes one from a document.
    """

    words: Words
    rules: tuple[CompiledRule, ...]
    guides: tuple[CompiledGuide, ...]

    def judge(self, text: str, locale: str, said: Collection[str] = ()) -> Verdict | None:
        """The first rule that fires, or None when the assistant may go on.

        ``locale`` picks the language of the approved text: English for ``en…``, else Chinese. ``said`` holds the names
        of the rules that have fired in this session, for those that do something else the second time.
        """
        reading = self._read(text)
        scripts = _scripts(reading.folded)
        for compiled in self.rules:
            rule = compiled.rule
            again = rule.name in said
            if (again and rule.again is Again.SKIP) or scripts.isdisjoint(rule.languages):
                continue
            if hits := compiled.matcher.hits(reading):
                urgency, raised_by = self._urgency(reading, rule.urgency, rule.kind)
                return _verdict(rule, hits, urgency, raised_by, locale, again=again)
        return None

    def urgency(self, text: str) -> tuple[Urgency, str]:
        """The level of a message by the guide's words, and the guide's item; for hand-offs that no rule asked for."""
        return self._urgency(self._read(text), Urgency.NORMAL, None)

    @property
    def names(self) -> tuple[str, ...]:
        """The rules, in order."""
        return tuple(compiled.rule.name for compiled in self.rules)

    def rule(self, name: str) -> Rule | None:
        """What the document says under a name."""
        return next((compiled.rule for compiled in self.rules if compiled.rule.name == name), None)

    def _read(self, text: str) -> Reading:
        text = _bounded(text)
        folded = fold(text)
        return Reading(text, folded, self.words.find(folded))

    def _urgency(self, reading: Reading, level: Urgency, kind: Kind | None) -> tuple[Urgency, str]:
        raised_by = ""
        for compiled in self.guides:
            guide = compiled.guide
            if guide.level > level and (kind in guide.kinds or compiled.matcher.hits(reading)):
                level, raised_by = guide.level, guide.name
        return level, raised_by


def _bounded(text: str) -> str:
    half = MOST_CHARACTERS // 2
    return text if len(text) <= MOST_CHARACTERS else f"{text[:half]} {text[-half:]}"


def _scripts(folded: str) -> set[Language]:
    """Latin letters count as English, everything else as Chinese; a mixed message is both."""
    scripts: set[Language] = set()
    if _LATIN.search(folded):
        scripts.add("en")
    if not folded.isascii() or not scripts:
        scripts.add("zh")
    return scripts


def _verdict(rule: Rule, hits: Sequence[Hit], urgency: Urgency, raised_by: str, locale: str, *, again: bool) -> Verdict:
    english = locale.lower().startswith("en")
    action = Action.HAND_OFF if again and rule.again is Again.HAND_OFF else rule.action
    speaks = action.speaks
    text = (rule.say.en if english else rule.say.zh) if rule.say and speaks else ""
    menu = (rule.menu.en if english else rule.menu.zh) if rule.menu and speaks else []
    return Verdict(
        rule=rule.name,
        kind=rule.kind,
        action=action,
        urgency=urgency,
        urgency_rule=raised_by,
        reason=rule.reason or rule.kind.value,
        text=text,
        menu=tuple(menu),
        offers_human=rule.offer_human and speaks,
        knowledge_first=rule.knowledge_first,
        hits=tuple(hits),
    )
