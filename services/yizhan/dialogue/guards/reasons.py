"""What can be wrong with a guard document beside what can be wrong with any, in Chinese and English."""

from collections.abc import Mapping
from typing import Any

from yizhan.core.documents import reasons
from yizhan.core.documents.reasons import Reason


def of_shape(code: str, context: Mapping[str, Any]) -> Reason:
    """The sentence for one of the error codes of a guard document's shape."""
    return reasons.of_shape(code, context, _SHAPES)


_SHAPES = {
    "guard_name": Reason(
        "名称只能由小写字母、数字和连字符组成，以字母开头，2 至 40 个字符",
        "a name has 2 to 40 small letters, digits and hyphens, beginning with a letter",
    ),
    "guard_reason": Reason(
        "原因代码只能由小写字母、数字和下划线组成，以字母开头，最多 32 个字符",
        "a reason code has up to 32 small letters, digits and underscores, beginning with a letter",
    ),
    "guard_reference": Reason("引用词表写作 @词表名", "a list is referred to as @name"),
    "guard_wordless": Reason("没有任何文字，无法匹配", "there is no word in it, so nothing could match it"),
    "guard_level": Reason("只能是：normal、high、critical", "must be one of: normal, high, critical"),
}

# --- meaning

ONE_OF_FOUR = Reason(
    "phrase、near、whole、recognised 必须恰好写一个", "exactly one of phrase, near, whole and recognised is needed"
)
ONLY_WITH_NEAR = Reason("within 和 ordered 只能与 near 一起用", "within and ordered go with near only")
ONE_CHARACTER = Reason(
    "单个字会误伤太多，请写得更长，或放进 near、whole",
    "a single character would match too much: write more, or use near or whole",
)
REFERS_ON = Reason("词表里不能再引用词表", "a list cannot refer to another list")
REPEATED_NAME = Reason("这个名称已经用过了", "this name is already used")
NO_HUMAN_RULE = Reason(
    "缺少 kind: human 的规则：客户要求人工必须得到满足",
    "a rule of kind human is missing: a customer who asks for a person gets one",
)
BEFORE_HUMAN = Reason(
    "排在“要求人工”之前的规则必须转人工，且不能设 knowledge_first：不能和要人工的客户争辩",
    "a rule before the request for a human must hand off, without knowledge_first: that wish is never argued with",
)
HUMAN_HANDS_OFF = Reason(
    "“要求人工”的规则必须转人工，且不能设 knowledge_first",
    "a rule of kind human must hand off, without knowledge_first",
)
SAY_MISSING = Reason("这个 action 需要 say（中文和英文）", "this action needs say (zh and en)")
SAY_UNUSED = Reason(
    "action 是 hand_off，不会说 say；请改用 say_and_hand_off", "hand_off says nothing; use say_and_hand_off"
)
MENU_UNUSED = Reason(
    "menu 和 offer_human 只能用于 say 或 refuse", "menu and offer_human go with the actions say and refuse only"
)
AGAIN_UNUSED = Reason("已经转人工的规则不需要 again", "a rule that hands off has no use for again")
GUIDE_EMPTY = Reason("kinds 和 match 至少要写一个", "kinds or match is needed")


def too_many_unordered(most: int) -> Reason:
    return Reason(f"ordered: false 时最多 {most} 组", f"at most {most} groups with ordered: false")


def unknown_list(name: str) -> Reason:
    return Reason(f"没有名为“{name}”的词表", f"there is no list named '{name}'")


def should_fire(rule: str, sentence: str, decided: str) -> Reason:
    return Reason(
        f"“{sentence}”应触发 {rule}，实际是 {decided or '没有规则触发'}",
        f"'{sentence}' should fire {rule}, but {decided or 'no rule'} decides",
    )


def should_pass(rule: str, sentence: str) -> Reason:
    return Reason(f"“{sentence}”不应触发 {rule}", f"'{sentence}' should not fire {rule}")
