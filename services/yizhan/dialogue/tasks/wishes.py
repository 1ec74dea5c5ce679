"""A wish to have something done, in any words around the thing itself: 我要退货, 麻烦帮我办一下退款, "I'd like to return this".

The thing (退货, refund) is the release's own; what makes a wish of it is the language's, and is here. A question about the
thing (怎么退货, 退货要多久, "how do I return this") is none: it is the knowledge's. Patterns are for normalised text
(``knowledge.normalise``); every repetition is bounded.
"""

import re
from collections.abc import Iterable

from yizhan.dialogue.tasks.slots.digression import asks
from yizhan.dialogue.tasks.slots.spelling import spell


def _any(words: str) -> str:
    """One of the words, the longest first; an underscore stands for a space."""
    ranked = sorted(words.split(), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word.replace("_", " ")) for word in ranked) + ")"


_WEAK = _any(
    "我 我们 俺 咱 咱们 本人 你 您 你们 客服 亲 请 请你 请您 麻烦 麻烦你 麻烦您 那 就 那就 现在 今天 马上 还是 直接 也 先 再 能 能不能 可以 可不可以 可否 一下 下 个 一个 这边 赶紧 快点 尽快 真的 只"
)
_WANT = _any("想 想要 要 需要 希望 打算 准备 要求 决定")
_DO = _any("帮我 帮我们 帮忙 帮 给我 给我们 替我 申请 办理 办 安排 走 做")
_STRONG = f"(?:{_WANT}|{_DO})"
_OBJECT = "(?:把[^，。]{1,16}?)"
_AFTER = _any(
    """
    了 掉 的 啦 吧 啊 一下 下 可以 行 好 可以不 行不行 可以吧 好了 它 他 这个 那个 这件 那件 这单 这笔 这些 东西 商品 订单 宝贝 货 业务 服务 登记 申请 手续
    """
)
_THIS = "(?:(?:这|那|我的|我买的|刚买的|昨天买的|刚收到的)(?:个|件|单|款|笔|双|条|台|只|套|盏|张)?[\u3400-\u9fff]{0,6})"
_NO_WISH_BEFORE = re.compile(
    "(?:不|没|别|勿|非|不是|没有|从没|如果|要是|假如|假设|万一|是否|除非|(?:他|她|人家|别人|客服|你|卖家|商家)们?(?:说|讲|问|让|叫)?我?|取消|撤销|不再)$"
)
_LONGEST_BEFORE = 24
_LONGEST = 80

_EN_OPEN = (
    "(?:i (?:just |really |also )?(?:want|need|would like|wish|wanna|have|am trying|am looking)(?: to)?|id (?:like|love)(?: to)?|im (?:trying|looking) to"
    "|(?:can|could|would|will) you(?: help me(?: to| with)?)?|help me(?: to| with)?|let me|lets|give me|get me)"
)
_EN_DO = "(?:request|apply for|start|get|have|make|submit|file|process|arrange|do)"
_EN_ONE = "(?: (?:an?|the|my|another))?"
_EN_AFTER = "(?: (?:this|that|it|these|those|them|me|something|one|items?|orders?|products?|purchases?|things?|money|please|now|today|back|an?|the|my|of|for|from|in|on)){0,6}"

_REQUEST = re.compile("帮|给我|替我|(?:^| )(?:can|could|would|will) you ")
_TURNS_DOWN = re.compile(
    "(?:不|别|没有?|不是)(?:想|要|用|需要|打算)|(?<![a-z])(?:don'?t|do not|didn'?t|not) (?:want|need|like|going)(?![a-z])"
)
_PLEASE = re.compile("(?<![a-z])(?:please|pls|plz)(?![a-z])|请(?!问)|麻烦")
_WONDERS = re.compile(
    "怎么|怎样|如何|什么|啥|多久|多少|多长|哪|几[天号点个元块]|谁|为何|(?<![a-z])(?:how|what|when|where|which|why|who)(?![a-z])"
)
"""能帮我退货吗 is a wish, though it asks; 帮我退货要多久 is none."""


def only_asks(text: str) -> bool:
    """Whether the text wants to know something, and does not ask for anything to be done."""
    folded = spell(text).text
    return asks(text) and (_REQUEST.search(folded) is None or _WONDERS.search(folded) is not None)


def is_no_wish(text: str) -> bool:
    """Whether the text only asks, or turns something down (我不要退货): whatever it is near to, nobody wished for it."""
    return only_asks(text) or _TURNS_DOWN.search(spell(text).text) is not None


class Wishes:
    """The things that can be wished for, each with the name of what is wished."""

    def __init__(self, things: Iterable[tuple[str, str]]) -> None:
        """``things``: normalised words, and a name; of two with the same words the first counts."""
        self._names: dict[str, str] = {}
        for words, name in things:
            self._names.setdefault(words, name)
        either = "|".join(re.escape(words) for words in sorted(self._names, key=lambda words: (-len(words), words)))
        thing = f"(?P<thing>{either})"
        chinese = f"(?P<before>.{{0,{_LONGEST_BEFORE}}}?){_WEAK}{{0,4}}(?:{_STRONG}(?:{_WEAK}|{_STRONG}){{0,4}}{_OBJECT}?|{_OBJECT}){thing}{_AFTER}{{0,3}}{_THIS}?{_AFTER}{{0,3}}"
        english = f"(?:{_EN_OPEN}(?: {_EN_DO})?|{_EN_DO}){_EN_ONE} (?P<en>{either}){_EN_AFTER}"
        command = f"(?P<do>{either}) (?:me|this|that|it|these|my|an?|the)(?: (?:items?|orders?|products?|purchases?|things?))?"
        self._pattern = re.compile(f"{chinese}|{english}|{command}") if self._names else None

    def named(self, clause: str, normalised: str, *, beside: bool) -> tuple[str, bool] | None:
        """What a clause wishes for, and whether it says nothing else. ``clause`` is as typed, with its question mark.

        ``beside``: a number stands beside it, so that the thing alone (SJ100001 到哪了) is a wish.
        """
        if self._pattern is None or not 0 < len(normalised) <= _LONGEST:
            return None
        match = self._pattern.fullmatch(normalised)
        if normalised in self._names and (beside or _PLEASE.search(spell(clause).text)):
            return self._names[normalised], True
        if match is None or only_asks(clause):
            return None
        before = match["before"] or ""
        if _NO_WISH_BEFORE.search(before):
            return None
        thing = match["thing"] or match["en"] or match["do"]
        return self._names[thing], not before
