"""What can be wrong with a document that people write, told in Chinese and English so that its author can mend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Problem:
    """``line`` from 1, 0 for the document as a whole; ``place`` as in ``rules[2].match[0]``."""

    line: int
    place: str
    reason_zh: str
    reason_en: str


def too_large(most: int) -> Reason:
    return Reason(f"文档超过 {most // 1000} KB", f"the document is larger than {most // 1000} kB")


def broken_yaml(detail: str) -> Reason:
    return Reason(f"不是有效的 YAML（{detail}）", f"not valid YAML ({detail})")


def more_problems(more: int) -> Reason:
    return Reason(f"…还有 {more} 个问题没有列出", f"…{more} more problems are not listed")


ALIASES = Reason("不支持 YAML 的锚点和别名（& 与 *）", "YAML anchors and aliases (& and *) are not supported")
TOO_DEEP = Reason("嵌套太深", "nested too deeply")
NOT_A_KEY = Reason("键必须是文本", "a key must be text")


def repeated_key(key: str) -> Reason:
    return Reason(f"“{key}”出现了不止一次", f"'{key}' is there more than once")


# --- shape


def of_shape(code: str, context: Mapping[str, Any], own: Mapping[str, Reason] = MappingProxyType({})) -> Reason:
    """The sentence for one of pydantic's error codes; ``own`` has the sentences of a document's own codes."""
    if code in own:
        return own[code]
    if code in _SHAPES:
        return _SHAPES[code]
    limit = context.get("max_length") or context.get("min_length") or context.get("le") or context.get("ge") or ""
    if code in ("string_too_long", "too_long", "less_than_equal"):
        return Reason(f"超过上限 {limit}", f"more than the limit of {limit}")
    if code in ("string_too_short", "too_short", "greater_than_equal"):
        return Reason(f"至少要有 {limit}" if limit != "" else "太少", f"at least {limit} needed")
    if code in ("enum", "literal_error"):
        expected = str(context.get("expected", ""))
        return Reason(f"只能是：{expected}", f"must be one of: {expected}")
    return Reason(f"写法不对（{code}）", f"not as expected ({code})")


_NOT_TEXT = Reason("应该是一段文本", "must be text")
_NOT_A_LIST = Reason("应该是一个列表", "must be a list")
_NOT_A_MAPPING = Reason("应该是“键: 值”的形式", "must be a mapping of keys to values")
_SHAPES = {
    "missing": Reason("缺少这一项", "is missing"),
    "extra_forbidden": Reason("不认识的项", "unknown key"),
    "string_type": _NOT_TEXT,
    "list_type": _NOT_A_LIST,
    "dict_type": _NOT_A_MAPPING,
    "model_type": _NOT_A_MAPPING,
    "model_attributes_type": _NOT_A_MAPPING,
    "bool_parsing": Reason("只能是 true 或 false", "must be true or false"),
    "int_parsing": Reason("应该是一个整数", "must be a whole number"),
}
