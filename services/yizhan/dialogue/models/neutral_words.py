"""Words that say nothing of the business: with others of them an answer is worded otherwise and says the same.

Nothing here promises, allows what was not allowed, obliges, forbids, limits, names, counts, dates, or says who, whence and
whereto; nor is there an ``or``, because it is not an ``and``.
"""

import re


def _words(text: str) -> list[str]:
    return text.split()


CHINESE: tuple[str, ...] = tuple(
    sorted(
        _words("""
您好 你好 亲 亲爱的 您 你 感谢 谢谢 感谢您的咨询 感谢您的理解 感谢您的耐心等待 祝您购物愉快 祝您生活愉快 关于 有关 对于 这个 那个 该 此 这 那 其 它 它们 问题 情况 方面 来说 而言
的话 是这样的 如下 具体 请 烦请 麻烦 可 可以 能 能够 就 便 即可 即 就行 就可以 就能 会 将 在 于 为 以 按 按照 根据 依照 和 与 及 以及
并 并且 且 而 而且 同时 另外 此外 还 也 则 那么 那就 但 但是 如果 若 要是 假如 倘若 当 时 的时候 时候 之时 情况下 然后 接着 再 首先 先
最后 进行 操作 查看 查询 看到 找到 点击 点 点选 选择 进入 打开 前往 说明 了解 知道 表示 显示 是 为 是指 属于 作为 的 了 着 吧 呢 哦 啊 呀 哈
嘛 啦 噢 哟 一下 如上 希望 帮到 帮助 对您 有所 是的 好的 嗯 明白 不好意思 抱歉 对不起 很 来 里 界面 页面 内容 所示
一般来说 简单来说 也就是说 也就是 就是 其中 相关 对应 相应
"""),
        key=len,
        reverse=True,
    )
)
"""Longest first, as they are looked for."""

ENGLISH: frozenset[str] = frozenset(
    _words("""
a an the this that these those it its they them their there here hi hello dear thanks thank you your yours i please kindly sorry
of about regarding as and but so then also too if when once while is are be been being was were has have had do does did can could
will would simply first next go open click tap select choose find see check view note question questions help hope helps following steps step such like s re ve ll d
""")
)

ENGLISH_COURTESIES = re.compile(
    r"\b(?:thank you|thanks) for (?:your (?:question|message|patience)|asking|reaching out)\b"
)

NEUTRAL_CHINESE = re.compile("|".join(map(re.escape, CHINESE)))
"""Matches the longest neutral word at a place."""
