"""What a text claims besides its figures: what it denies, what it promises, what it hedges, and where it leads."""

import re
from collections import Counter

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"

_NEGATION = re.compile(
    r"[不未没无非勿别]|禁止|严禁|拒绝"
    r"|(?<![a-z])(?:cannot|won't|don't|doesn't|isn't|aren't|not|never|no|without|unable|neither|nor|except)(?![a-z])"
)
_NO_NEGATION = re.compile(
    r"不过|不仅|不但|不管|不论|无论|不同|不好意思|不妨|差不多|不错|不断|非常|分别|特别|别人|别的|未来|级别|性别|识别|无线|无门槛|无理由|no\.|对不起"
)
_SAME_WORDS = (
    (re.compile(r"不能够|不可以|不可(?![以])|无法(?!律)"), "不能"),
    (re.compile(r"不需要|不用|无需|不必"), "不需"),
    (re.compile(r"没有"), "没"),
    (re.compile(r"暂不"), "不"),
    (re.compile(r"需要|须要?(?!知)"), "需"),
    (re.compile(r"或者"), "或"),
    (re.compile(r"手机号码"), "手机号"),
    (re.compile(r"电子邮[箱件]"), "邮箱"),
    (re.compile(r"can not|can't"), "cannot"),
)
"""What is the same; both texts are brought to the second form before anything is compared."""

_PROMISES = re.compile(
    r"一定|保证|确保|肯定|绝对|必定|必然|务必|承诺|担保|包(?=赔|退|换|邮|修|您|你)|免费|免|无偿|全额|全部|全程|永久|终身|随时|立即|立刻|马上|即时|当天|当日|次日"
    r"|无条件|无理由|百分百|任何|所有|始终|永远|无限|不限|赔付|赔偿|补偿|补发|赠送|送(?!货|达|到|上)|奖励|优惠|折扣|返现|减免|退还|原路|双倍|加倍|必须|只能|仅限|唯一"
    r"|我们|我方|咱们|本店|商家|卖家|厂家|平台|店家"
    r"|\b(?:guarantee[ds]?|promise[ds]?|ensure[ds]?|definitely|certainly|always|free|full|fully|all|any|every|immediately|instantly"
    r"|forever|lifetime|unlimited|compensat\w*|refund\w*|gift\w*|discount\w*|must|only|never|we|us|our)\b"
)
_HEDGES = re.compile(
    r"一般|通常|大多数?|多数|可能|或许|大约|大概|预计|左右|部分|尽快|尽量|尽力|视.{1,4}而定|为准|除外|但|只要|如果|若|如需|仅|只|至少|最多|超过|以内|之前|之后|未|满"
    r"|我们|我方|本店|商家|卖家|厂家|平台"
    r"|\b(?:usually|generally|may|might|about|around|most|some|except|unless|if|only|until|before|after|depending|we|us|our)\b"
)
_SAME_HEDGE = {
    "若": "如果",
    "如需": "如果",
    "大约": "约",
    "大概": "约",
    "左右": "约",
    "大多": "多数",
    "大多数": "多数",
    "只": "仅",
}

_LINK = re.compile(
    rf"[a-z][a-z0-9+.\-]*://[^\s，。；！？、）)\]>{_HAN}]+|www\.[^\s，。；{_HAN}]+|[\w.+\-]{{1,64}}@[\w\-]{{1,63}}(?:\.[\w\-]{{1,63}}){{1,8}}"
    rf"|(?<![\w@])(?:[a-z0-9\-]{{1,63}}\.){{1,8}}[a-z]{{2,24}}(?:/[^\s，。；！？、）)\]>{_HAN}]*)?|(?:javascript|data|tel|mailto|weixin):\S*"
)
_MARKUP = re.compile(
    r"\]\s*\(|!\[|<[a-z/!?]|&#?\w+;|`|\*\*|__|^\s*(?:#{1,6}\s|[-*+]\s|>\s|\|)|~~|\{\{|\}\}|\$\{|\\[nu]", re.MULTILINE
)


def same_words(text: str) -> str:
    """A folded text with one word for each thing that is said in several ways, denials above all."""
    for pattern, word in _SAME_WORDS:
        text = pattern.sub(word, text)
    return text


def negations(text: str) -> Counter[str]:
    """What is denied with which word, how often; what it belongs to is a matter of the words around it."""
    return Counter(_NEGATION.findall(_NO_NEGATION.sub(" ", text)))


def denied(text: str) -> list[str]:
    """What follows each denial, to the end of the text."""
    plain = _NO_NEGATION.sub(lambda found: " " * len(found.group()), text)
    return [plain[found.end() :] for found in _NEGATION.finditer(plain)]


def promises(text: str) -> frozenset[str]:
    """Words that bind the business (its own name among them) or make a thing larger than it is."""
    return frozenset(found.group() for found in _PROMISES.finditer(text))


def hedges(text: str) -> frozenset[str]:
    """Words that make a thing smaller or conditional, or say who acts; to leave one out is to promise more."""
    return frozenset(_SAME_HEDGE.get(found.group(), found.group()) for found in _HEDGES.finditer(text))


def links(text: str) -> list[str]:
    """Addresses of pages and mailboxes, as they stand, in order."""
    return [found.group().rstrip(".,") for found in _LINK.finditer(text)]


def without_links(text: str) -> str:
    """The text with @ for each link."""
    return _LINK.sub(" @ ", text)


def markup(text: str) -> frozenset[str]:
    """Signs that a screen might show as something else than they are."""
    return frozenset(found.group().strip() for found in _MARKUP.finditer(text))
