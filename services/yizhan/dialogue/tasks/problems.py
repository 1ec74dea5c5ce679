"""What is wrong with the document of a task, told so that the person who wrote it can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskProblem:
    """``line`` as an editor counts; 0 where the place has none. ``place`` like ``slots[2].prompt.zh``."""

    line: int
    place: str
    reason_zh: str
    reason_en: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.place}" if self.line else self.place
        return f"{where}: {self.reason_en}"


@dataclass(frozen=True, slots=True)
class Said:
    """A reason, without its place."""

    zh: str
    en: str


class TaskInvalid(Exception):
    """A document is no task; ``problems`` are all of them at once."""

    def __init__(self, problems: Iterable[TaskProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


_TYPES = {
    "missing": Said("缺少这一项", "is missing"),
    "extra_forbidden": Said("不认识这一项", "is not known here"),
    "string_type": Said("必须是文字（是/否、数字等请加引号）", "must be text (quote yes, no and numbers)"),
    "bool_type": Said("必须是 true 或 false", "must be true or false"),
    "int_type": Said("必须是整数", "must be a whole number"),
    "dict_type": Said("必须是“名称: 内容”的形式", "must be names with values"),
    "model_type": Said("必须是“名称: 内容”的形式", "must be names with values"),
    "list_type": Said("必须是列表", "must be a list"),
    "string_too_short": Said("不能为空", "must not be empty"),
    "string_too_long": Said("太长了", "is too long"),
    "too_short": Said("至少要有一项", "needs at least one item"),
    "too_long": Said("项数太多", "has too many items"),
    "string_pattern_mismatch": Said(
        "只能用小写字母、数字和下划线，并以字母开头", "may have lower-case letters, digits and underscores only"
    ),
    "greater_than_equal": Said("数值太小", "is too small"),
    "less_than_equal": Said("数值太大", "is too large"),
}

_OWN = {
    "form_or_guide": Said(
        "任务要么有 slots 和 call，要么有 steps 和 close，不能混用",
        "a task has slots and a call, or steps and a close, and not both",
    ),
    "one_way_on": Said("next、ask、choose 只能写一个", "only one of next, ask and choose may be given"),
}


def of_validation(kind: str, message: str) -> Said:
    """The reason behind an error of pydantic, by its type (or, for our own checks, its message)."""
    own = _OWN.get(message.removeprefix("Value error, "))
    return own or _TYPES.get(kind, Said("内容不符合要求", "is not one of the possible values"))


TOO_LARGE = Said("文件太大", "is too large")
TOO_DEEP = Said("嵌套太深", "is nested too deeply")
ALIAS = Said("不支持 YAML 的锚点和引用", "anchors and aliases are not supported")
REPEATED_KEY = Said("这一项写了两次", "is written twice")
NOT_A_NAME = Said("名称必须是文字", "a name must be text")


def not_yaml(detail: str) -> Said:
    """``detail`` is the parser's own, in English."""
    more = f" ({detail})" if detail else ""
    return Said(f"不是有效的 YAML{more}", f"is not valid YAML{more}")


def repeated(name: str) -> Said:
    return Said(f"名称“{name}”重复了", f"'{name}' is there twice")


def unknown_slot(name: str) -> Said:
    return Said(f"没有名为“{name}”的槽位", f"there is no slot '{name}'")


def unknown_step(name: str) -> Said:
    return Said(f"没有名为“{name}”的步骤", f"there is no step '{name}'")


def unknown_placeholder(name: str) -> Said:
    return Said(f"占位符“{{{name}}}”既不是槽位也不是已声明的 facts", f"'{{{name}}}' is neither a slot nor a fact")


def refused_settings(detail: str) -> Said:
    return Said(f"settings 不正确（{detail}）", detail)


def missing_result(name: str) -> Said:
    return Said(f"results 里必须写明“{name}”时怎么办", f"results must say what happens on '{name}'")


NEEDS_OPTIONS = Said("choice 槽位至少要有两个选项", "a slot of kind choice needs at least two options")
NO_OPTIONS_HERE = Said("只有 choice 槽位可以有选项", "only a slot of kind choice may have options")
NO_WORDS_HERE = Said("只有 text 槽位可以有 words", "only a slot of kind text may have words")
BEGINS_NOTHING = Said(
    "只有 order_number、phone、id_card、email 槽位的值可以单独开始任务（begins）",
    "only a value of kind order_number, phone, id_card or email may begin a task by itself",
)
BEGINS_WITHOUT_SHAPE = Said(
    "单独开始任务的订单号必须写明样子（settings 里的 shape）",
    "an order number that begins a task by itself needs a shape in its settings",
)
NEEDS_CONFIRM = Said("会改变数据的任务必须先让客户确认（confirm）", "a task that changes something needs confirm")
CHECK_CHANGES = Said("checks 里的调用不能改变数据", "a check must not change anything")
LATER_SLOT = Said("条件只能引用前面的槽位", "a condition may only refer to an earlier slot")
NOT_OFFERED = Said(
    "offered 槽位必须由某个 checks 的结果 choose", "a slot of kind offered needs a check whose result chooses it"
)
GOES_ON_AFTER_END = Said("最后的调用之后没有下一步可走", "nothing can go on after the last call")
CANNOT_GO_ON = Said(
    "失败或超时后不能继续，也没有可选项", "after a failure nothing can go on, and there is nothing to choose"
)
UNKNOWN_OPTION = Said("没有这个选项", "is no option of that slot")
SAYS_NOTHING = Said("结束或重问前必须说明情况（say）", "must say something before it ends, asks or offers a choice")
