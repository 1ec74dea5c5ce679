"""Takes back what was said before: "不对，是…", "不是A是B", "手机号写错了，应该是…", "改成…", "I meant …"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from yizhan.dialogue.tasks.slots.reading import Span
from yizhan.dialogue.tasks.slots.spelling import Spelled, spell


@dataclass(frozen=True, slots=True)
class Correction:
    """``slot``: the one whose words were used, None when none was named. ``new``: the text that holds the right value, "" when
    the customer only said that something is wrong. ``old``: the wrong value, where it was said. ``span``: of ``new``, or of it all.
    """

    slot: str | None
    new: str = field(repr=False)
    old: str = field(repr=False)
    span: Span


_WRONG = "(?:写|说|填|打|输|搞|弄|发|选|报|给|记)错(?:了|啦)?|错了|有误|不对|不正确|更正(?:一?下)?|订正|纠正(?:一?下)?"
_BE = "(?:(?:应该|其实|实际上|正确的|真正的)(?:是|为|:)?|是|为|:|改成|改为|换成|要)"
_CHANGE = "(?:改|换|修改|更改|变更)(?:一?下|了)"
_PAUSE = "[ ,，.。!:;、\n]{0,3}"
_HEDGE = "(?:(?:好的?|对的?|是的?|嗯|可以|没错)?[ ,，]{0,2}(?:但是?|不过|可是|只是|就是)|不好意思|抱歉|对不起|哦|噢|啊|哎|呃|等一?下|等等|sorry)?"
_SOON = "(?:刚才|刚刚|刚|前面|上面|之前)?(?:我)?"

_NOT_A_CORRECTION = re.compile(
    "是不是|不是很|不是说|不是已经|不是本人|不是应该|不是可以|不是都|不是我|不是人为|是否|不对吗|不对吧[?]?$|怎么(?:改|修改|换)|如何(?:改|修改)|哪里(?:改|修改)|(?:可以|能)(?:改|修改|换)(?:吗|么|不)|怎么办|怎么处理|如何处理"
    "|how (?:do|can) i change|what if"
)
_RULES: tuple[re.Pattern[str], ...] = (
    # 不是A(，)(而)是B; not A but B
    re.compile(
        f"不是 ?(?P<old>[^,，。;!?\n]{{1,40}}?){_PAUSE}(?:而|应该|其实)?(?<![不要还就只])是(?!不是|吗|么|否)(?P<new>.{{1,200}})$",
        re.DOTALL,
    ),
    re.compile(r"(?<![a-z])not (?P<old>[^,;!?\n]{1,40}?)[ ,]{1,2}(?:but|it's|it is) (?P<new>.{1,200})$", re.DOTALL),
    # 把A改成B, 改成B, 换成B
    re.compile(
        f"(?:把|将)?(?P<named>[^,，。;!?\n把将]{{0,30}}?)(?:修改|更改|变更|改|换|更换)(?:成|为|到)(?:了)?(?!什么|谁|哪){_PAUSE}(?P<new>.{{1,200}})$",
        re.DOTALL,
    ),
    # 手机号写错了，应该是B
    re.compile(
        f"(?P<named>[^,，。;!?\n]{{0,24}}?)(?:{_WRONG}){_PAUSE}(?P<head>[^,，。;!?\n0-9]{{0,12}}?){_BE}{_PAUSE}(?P<new>.{{1,200}})$",
        re.DOTALL,
    ),
    # 不对，B; 写错了，B
    re.compile(
        f"^{_HEDGE}{_PAUSE}{_SOON}(?P<named>[^,，。;!?\n]{{0,10}}?)(?:{_WRONG}|{_CHANGE}|不是)(?:的|啊|呀|哦)?[ ,，.。!:;、\n]{{1,3}}(?P<new>.{{1,200}})$",
        re.DOTALL,
    ),
    # 是B不是A, 不要A了，B; A不行，B; 还是B吧
    re.compile(
        "^(?:应该|其实)?是(?!不是|否)(?P<new>[^,，。;!?\n]{1,40}?)[ ,，]{0,2}而?不是(?P<old>[^,，。;!?\n]{1,40})$"
    ),
    re.compile("^(?:不要|别)(?P<old>[^,，。;!?\n]{1,20}?)了?[,，] ?(?:要|换|改)?(?P<new>.{1,200})$", re.DOTALL),
    re.compile(
        "^(?P<old>[^,，。;!?\n]{1,12}?)(?:不行|不方便|没空|没时间|去不了|来不了)[,，] ?(?:那就?|改|换)?(?P<new>.{1,200})$",
        re.DOTALL,
    ),
    # 不想退了，想换货
    re.compile(
        "^我?不(?:想|要)(?![要用办弄买])(?P<old>[^,，。;!?\n]{1,12}?)了[,，] ?我?(?:还是|就)?(?:想|要|改|换)(?:要|成|为)?(?P<new>.{1,200})$",
        re.DOTALL,
    ),
    re.compile("^那?还是(?P<new>[^,，。;!?\n]{1,60}?)吧$"),
    # 不，是B
    re.compile(r"^不[ ,，、]{1,2}(?:应该|其实)?是(?!不是|否)(?P<new>.{1,200})$", re.DOTALL),
    # 应该是B
    re.compile(
        f"^{_HEDGE}{_PAUSE}(?P<named>[^,，。;!?\n0-9]{{0,10}}?)(?:应该|其实|正确的)(?:是|为|:)(?P<new>.{{1,200}})$",
        re.DOTALL,
    ),
    # I meant B, sorry it's B, change it to B
    re.compile(
        r"(?<![a-z])(?:i meant?|i mean|(?:sorry|wait|oops|actually|no),? (?:it's|it is|it should be|make it|make that|the (?P<named>[a-z ]{1,24}?) (?:is|should be))"
        r"|(?:that's|that is|it's|the [a-z ]{1,24}? (?:is|was)) wrong,? (?:it's|it is|it should be)|correction:?"
        r"|wrong (?:number|address|date|day|time|name|order),? (?:it's|it is|it should be)|(?:my|the) (?P<subject>[a-z ]{1,24}?) is actually"
        r"|should (?:be|have been)|change (?:it|that|my [a-z ]{1,24}?|the [a-z ]{1,24}?) to|make it) (?P<new>.{1,200})$",
        re.DOTALL,
    ),
)
_ONLY_WRONG = re.compile(
    f"^{_HEDGE}{_PAUSE}{_SOON}(?P<subject>[^,，。;!?\n0-9]{{0,24}}?)(?:{_WRONG}|要改|需要改|想改|改一下|修改一下|换一下|重新填|重填|重新写)(?:一?下|了|啦|的)?(?P<after>[^,，。;!?\n0-9]{{0,10}}){_PAUSE}$"
    "|^(?:我)?(?:想|要|需要)?(?:改|修改|更改|换|重新填|重填)(?:一?下|个)?(?P<object>[^,，。;!?\n0-9]{1,12}?)(?:吧|了|哦)?$"
    r"|(?<![a-z])(?:my |the )?(?P<english>[a-z ]{1,24}?) (?:is|was) (?:wrong|incorrect|not right)|^(?:change|edit|correct) (?:my |the )?(?P<thing>[a-z ]{1,24})$"
)
_SOMETHING_WRONG = re.compile(
    f"{_HEDGE}{_PAUSE}{_SOON}(?:有|是)?(?:一?(?:个|处|项|点)?(?:地方|信息|内容)?)?(?:{_WRONG}|有?改动|要改|需要改|想改|修改|更改|{_CHANGE})(?:一?下|的)?(?:了|啦|吧|啊|呀|哦)?{_PAUSE}"
    "|我?(?:想|要|需要)(?:改|修改|更改)(?:一?下|一?些|点)?(?:东西|内容|信息|资料)?(?:吧|了|哦)?[.。! ]{0,3}"
    r"|(?:that's|that is|it's|something(?:'s| is))? ?(?:wrong|incorrect|not right)[.! ]{0,3}"
    r"|(?:i (?:want|need|would like) to |i'd like to |let me |please )?(?:change|edit|correct) ?(?:it|that|this|something|the details)?[.! ]{0,3}"
)
_LONGEST = 300
_NOT_THAT = re.compile("[ ,，]{0,2}(?:而)?(?<!是)不是(?P<old>[^,，。;!?\n]{1,40})$")
_LONGEST_UNNAMED = 40
_REACH = 10
_COURTEOUS = 30
_COURTESY = re.compile("(?:谢谢你?|不用了?|算了|取消吧?|不要了?|没事|thanks|thank you|[ ,，.。!]){1,12}")


def correction(text: str, hints: Mapping[str, Sequence[str]]) -> Correction | None:
    """What a customer takes back. ``hints``: for each slot the words that name it (手机号, 电话, phone).

    Where only the naming word says that something is wrong (手机号写错了), ``new`` is empty and the slot must be asked for again;
    such a message is a correction only if a slot is named.
    """
    spelled = spell(text)
    folded = spelled.text.rstrip()
    if not folded or len(folded) > _LONGEST or _NOT_A_CORRECTION.search(folded):
        return None
    for rule in _RULES:
        match = rule.search(folded)
        if match is not None and _useful(match["new"]):
            return _corrected(spelled, match, hints)
    only = _ONLY_WRONG.search(folded)
    slot = None if only is None else _slot(" ".join(part for part in only.groups() if part), hints)
    return None if slot is None else Correction(slot, "", "", spelled.span(0, len(folded)))


def something_wrong(text: str) -> bool:
    """Whether the message only says that something must be changed, and not what: 写错了, 我要修改, "change something"."""
    folded = spell(text).text.strip()
    return 0 < len(folded) <= _LONGEST_UNNAMED and _SOMETHING_WRONG.fullmatch(folded) is not None


def named_in(text: str, hints: Mapping[str, Sequence[str]]) -> str | None:
    """The slot whose longest naming word stands in the text."""
    return _slot(spell(text).text, hints)


def _useful(new: str) -> bool:
    return (
        any(character.isalnum() for character in new)
        and not _COURTESY.fullmatch(new[:_COURTEOUS])
        and not re.fullmatch("[ ,，]{0,2}(?:什么|怎么|哪|谁|吗).{0,10}", new)
    )


def _corrected(spelled: Spelled, match: re.Match[str], hints: Mapping[str, Sequence[str]]) -> Correction:
    start, end = match.span("new")
    while start < end and spelled.text[start] in " ,，.。!:;、\n":
        start += 1
    groups = match.groupdict()
    old = groups.get("old") or ""
    after = _NOT_THAT.search(spelled.text, start, end)
    if after is not None:  # 是李四不是李思
        end, old = after.start(), after["old"]
    before = spelled.text[:start]
    nearby = (
        groups.get("head"),
        groups.get("named"),
        groups.get("subject"),
        before,
        spelled.text[start : start + _REACH],
    )
    slot = next((slot for words in nearby if words and (slot := _slot(words, hints))), None)
    span = spelled.span(start, end)
    return Correction(slot, spelled.plain[start:end], old, span)


def _stands(word: str, text: str) -> bool:
    """A Latin word only as a word of its own: there is no tel in "tell"."""
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z])", text) is not None


def _slot(text: str, hints: Mapping[str, Sequence[str]]) -> str | None:
    """The slot whose longest naming word stands in the text."""
    found = [
        (len(word), name) for name, words in hints.items() for word in words if word and _stands(spell(word).text, text)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None
