"""Traditional to simplified Chinese, so that customers who write 發貨 find what was written as 发货."""

import re
from functools import cache

import opencc

_PASSES = 3
_HALF = re.compile("[\ud800-\udfff]")
_HALVES = re.compile("([\ud800-\udfff]+)")


@cache
def _converter() -> opencc.OpenCC:
    # "t2s" and not a regional table: those rewrite words that are right as they are (文件 becomes 文档, 么 becomes 幺).
    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters; simplified text stays as it is. Applying it twice changes nothing more.

    Total: halves of characters, which are no text, stay where they are.
    """
    if text.isascii():
        return text
    return "".join(piece if _HALF.match(piece) else _simplified(piece) for piece in _HALVES.split(text))


def _simplified(text: str) -> str:
    for _ in range(_PASSES):
        converted: str = _converter().convert(text)
        if converted == text:
            break
        text = converted
    return text
