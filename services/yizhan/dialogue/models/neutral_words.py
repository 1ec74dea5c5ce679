"""Words that say nothing of the business: with them an answer may be worded otherwise than its entry words it.

Everything else that a model says must come from the entry. So there is nothing here that promises, allows, forbids, limits,
names, counts or dates anything, and no word of time, place, money or degree.
"""


def _words(text: str) -> list[str]:
    return text.split()


CHINESE: tuple[str, ...] = tuple(
    sorted(
        _words("""
您好 你好 亲 亲爱的 您 你 我 客服 感谢 谢谢 感谢您的 理解 咨询 耐心 关于 有关 对于 这个 那个 该 此 这
那 其 它 它们 问题 情况 方面 来说 而言 的话 是这样的 如下 具体 请 烦请 麻烦 需 需要 可 可以 能 能够 就 便 即可 即
就行 就可以 就能 会 将 把 被 给 让 由 从 到 在 于 对 向 往 为 以 用 使用 通过 按 按照 根据 依照 和 与 及 以及 或
或者 还是 并 并且 而 而且 同时 另外 此外 还 也 都 则 那么 那就 因此 所以 因为 由于 如果 若 要是 假如 倘若 当 时
的时候 时候 之时 情况下 然后 接着 再 首先 先 最后 进行 操作 完成 查看 查询 看到 找到 点击 点 点选 选择 进入 打开 前往
到达 提交 填写 输入 联系 告诉 告知 回复 说明 了解 知道 表示 显示 是 有 是指 属于 作为 的 地 得 了 着 过 吧 呢 哦 啊
呀 哈 嘛 吗 啦 噢 哟 一下 一下子 如上 希望 帮到 帮助 对您 有所 祝您 祝 愉快 生活 购物 是的 好的 嗯 明白 收到
不好意思 抱歉 对不起 啥 什么 怎么 怎样 如何 哪里 哪儿 里 内容 界面 页面 所示 一般来说 简单来说 也就是说 也就是 就是
其中 分别 各 各自 相关 对应 相应
"""),
        key=len,
        reverse=True,
    )
)
"""Longest first, as they are looked for."""

ENGLISH: frozenset[str] = frozenset(
    _words("""
a an the this that these those it its they them their there here hi hello dear thanks thank you your yours us
i please kindly sorry of to in on at for from by with about regarding as and or but so then also too if when once
while where which who what how is are be been being was were has have had do does did can could may would should
will need needs want wants simply first next go open click tap select choose find see check view enter submit follow
note question questions help hope helps yes sure okay ok following steps step such like into onto out up s re ve ll
d
""")
)
