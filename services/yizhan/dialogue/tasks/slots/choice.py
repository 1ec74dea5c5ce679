"""One of the options that were offered: by its place (第二个, 选2), its label, its other names, or nearly its label."""

import re

from rapidfuzz import fuzz

from yizhan.dialogue.tasks.slots.numerals import whole
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option, Reading, Reason, Unclear
from yizhan.dialogue.tasks.slots.spelling import Spelled, spell

_N = "[0-9一二两三四五六七八九十]{1,2}"
_PLACE = re.compile(
    f"第 ?({_N}) ?(?:个|项|种|条|款|家|位|样|行)?|(?:选项?|选择|option|number|no\\.?|choice) ?({_N})(?![0-9])|倒数第一个|最后(?:一|那|这)?(?:个|项|种|条|款|一?家)?(?!来|怎)|the last(?: one)?|([前后])者|the (former|latter)"
)
_BARE = re.compile(f"[ (（【]{{0,2}}({_N}|[a-z])[)）】.、。! ]{{0,3}}(?:吧|号|的|个|项)?")
_ENGLISH = re.compile(
    r"(?<![a-z])(?:the )?(first|second|third|fourth|fifth|sixth|1st|2nd|3rd|[4-9]th)(?: one| option)?(?![a-z])"
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_NONE = re.compile(
    "都不(?:是|要|对|选|想|行|合适|喜欢)|全都?不(?:是|要|对)|一个(?:也|都)不|没有(?:我要的|合适的|一个|想要的)|以上(?:都不|皆非)|(?<![a-z])(?:none(?: of (?:them|these|the above))?|neither)(?![a-z])"
)
_ANY = re.compile(
    "(?:都|哪个都|怎么都|什么都)(?:可以|行|好|成)|随便|随意|无所谓|你(?:们)?(?:定|看着办|决定)|(?<![a-z])(?:any(?: of them)?|either|whatever|whichever|doesn't matter)(?![a-z])"
)
_DENIED = re.compile("(?:不要|不是|不选|别选|除了|不想要|不喜欢|not|don't want)[ 的那个]{0,2}$")
_TAIL = re.compile("(?:[那这][个家款种项]?|的|吧|啊|哦){1,3}$")
_NEAR = 72.0
_MARGIN = 8.0
_LONGEST_NEAR = 40


def read(text: str, context: Context) -> Reading:
    """The id of one of ``context.options``. Unasked, only a label or an alias in full counts."""
    options = context.options
    spelled = spell(text)
    if not options or not spelled.text.strip():
        return None
    named, denied = _named(spelled, options)
    if named or denied:
        return _by_name(spelled, named, denied, context)
    if not context.asked:
        return None
    return _by_place(spelled, options) or _by_stance(spelled) or _nearly(spelled, options)


def _names(option: Option) -> tuple[str, ...]:
    return tuple(name for name in (spell(each).text.strip() for each in (option.label, *option.aliases)) if name)


def _named(spelled: Spelled, options: tuple[Option, ...]) -> tuple[list[tuple[Option, int, int]], list[Option]]:
    """Options whose names stand in the text, the longer name where one holds another; and those that are turned down."""
    places = [
        (option, start, start + len(name))
        for option in options
        for name in _names(option)
        if (start := _at(spelled.text, name)) >= 0
    ]
    named: list[tuple[Option, int, int]] = []
    denied: list[Option] = []
    for option, start, end in places:
        if any(first <= start and end <= last and (first, last) != (start, end) for _, first, last in places):
            continue
        if _DENIED.search(spelled.text[max(0, start - 8) : start]):
            denied.append(option)
        elif all(option.id != other.id for other, _, _ in named):
            named.append((option, start, end))
    return named, denied


def _at(text: str, name: str) -> int:
    """Where a name stands as a word of its own; a single character only when it is the whole message."""
    if len(name) == 1:
        return text.index(name) if text.strip(" .。,!") == name else -1
    start = text.find(name)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(name) : start + len(name) + 1]
        joined = (name[0].isascii() and before.isascii() and before.isalnum()) or (
            name[-1].isascii() and after.isascii() and after.isalnum()
        )
        if not joined:
            return start
        start = text.find(name, start + 1)
    return -1


def _by_name(spelled: Spelled, named: list[tuple[Option, int, int]], denied: list[Option], context: Context) -> Reading:
    named = [each for each in named if each[0] not in denied]
    if len(named) == 1:
        option, start, end = named[0]
        return Found(option.id, option.label, spelled.span(start, end))
    if named:
        return Unclear(Reason.SEVERAL, spelled.whole) if context.asked else None
    left = [option for option in context.options if option not in denied]
    if context.asked and len(left) == 1 and len(context.options) == 2:
        return Found(left[0].id, left[0].label, spelled.whole)
    return Unclear(Reason.NONE_OF_THEM, spelled.whole) if context.asked else None


def _by_place(spelled: Spelled, options: tuple[Option, ...]) -> Reading:
    bare = _BARE.fullmatch(spelled.text.strip())
    if bare:
        return _at_place(_index(bare.group(1)), options, spelled, spelled.whole.start, spelled.whole.end)
    match = _PLACE.search(spelled.text) or _ENGLISH.search(spelled.text)
    if match is None:
        return None
    span = spelled.span(match.start(), match.end())
    return _at_place(_meant(match, len(options)), options, spelled, span.start, span.end)


def _index(text: str) -> int | None:
    if text.isascii() and text.isalpha():
        return ord(text) - ord("a") + 1
    return whole(text)


def _meant(match: re.Match[str], count: int) -> int | None:
    said = match.group()
    if match.re is _ENGLISH:
        word = match.group(1)
        return int(word[0]) if word[0].isdigit() else _ORDINALS.index(word) + 1
    number = match.group(1) or match.group(2)
    if number:
        return whole(number)
    if match.group(3) or match.group(4):
        return (1 if said in ("前者", "the former") else 2) if count == 2 else None
    return count


def _at_place(place: int | None, options: tuple[Option, ...], spelled: Spelled, start: int, end: int) -> Reading:
    span = type(spelled.whole)(start, end)
    if place is None or not 1 <= place <= len(options):
        return Unclear(Reason.UNKNOWN_OPTION, span)
    return Found(options[place - 1].id, options[place - 1].label, span)


def _by_stance(spelled: Spelled) -> Reading:
    for pattern, reason in ((_NONE, Reason.NONE_OF_THEM), (_ANY, Reason.ANY_OF_THEM)):
        match = pattern.search(spelled.text)
        if match:
            return Unclear(reason, spelled.span(match.start(), match.end()))
    return None


def _nearly(spelled: Spelled, options: tuple[Option, ...]) -> Reading:
    """The only option of whose name it is a part (海淀 of 北京海淀店), or the clearly nearest in spelling (尺码不和适)."""
    said = _TAIL.sub("", spelled.text.strip(" .。,!?~"))
    if not 2 <= len(said) <= _LONGEST_NEAR:
        return None
    inside = [option for option in options if any(said in name for name in _names(option))]
    if len(inside) == 1:
        return Found(inside[0].id, inside[0].label, spelled.whole)
    if inside:
        return Unclear(Reason.SEVERAL, spelled.whole)
    scored = sorted(
        ((max(fuzz.ratio(said, name) for name in _names(option)), option) for option in options if _names(option)),
        key=lambda pair: -pair[0],
    )
    if not scored or scored[0][0] < _NEAR:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < _MARGIN:
        return Unclear(Reason.SEVERAL, spelled.whole)
    return Found(scored[0][1].id, scored[0][1].label, spelled.whole)
