"""Words without a meaning of their own: they say how a question is put, not what it is about."""

_CHINESE = """
我们 你们 他们 咱们 自己 这个 那个 这样 那样 这些 那些 一下 一个 还是 就是 已经 现在 然后 但是 因为 所以 如果 的话
而且 或者 以及 时候 没有 是不是 不是 需要 想要 知道 觉得 帮忙 一直 真的 目前 这边 那边 你家 我家 不会 不能 可以
一张 一件 一只 一份 一台 一条 一套 一把 一本 一双 一款 一种 一位 一家 一笔 一单 以后 之后 之前 时间 大概 一般 请问 麻烦 想问 咨询
出来 起来 下来 过来 一样 一些 一点 有点 问题 情况
"""
_LATIN = """
a an the i me my mine we our us you your yours he she it its they them their this that these those is am are was were
be been being do does did done have has had can could will would shall should may might must to of in on at for from
by with about as into and or but so if then than there here what which who whom how when where why not no yes any some
just also very really too please hi hello hey ok okay dont doesnt didnt cant im ive its id s t d ll ve re m want need
like get got make go know tell help let
"""

EMPTY_CHARACTERS = frozenset(
    "的了吗呢啊呀吧嘛么哦我你您他她它们这那有是就都也还在和与及或把被给让得地着过要想会能可以啦呗咱个些下一里儿请帮"
    "跟去来到用不没再又很太之"
)
EMPTY_WORDS = frozenset(_CHINESE.split())
EMPTY_LATIN = frozenset(_LATIN.split())

LATIN_QUESTIONS = {
    "when": "when",
    "how": "how",
    "where": "where",
    "which": "which",
    "what": "which",
    "why": "why",
    "can": "may",
    "could": "may",
    "who": "who",
    "much": "much",
    "many": "many",
    "long": "long",
}
"""English question words, and the kind of question (see ``synonyms.QUESTIONS``) that each asks."""
