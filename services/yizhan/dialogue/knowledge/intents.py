"""What a message wants besides an answer: a person, a hello, a goodbye, or nothing. Rules on folded text, Chinese and English.

A wish for a person wins over everything else, so it is read generously, but never out of words that only look
alike (人工智能, 手工), nor when it is declined (不要转人工).
"""

import re

from yizhan.dialogue.knowledge import human_wish
from yizhan.dialogue.knowledge.normalise import fold


def _words(text: str) -> re.Pattern[str]:
    """Any of the words, the longest first; an underscore stands for a space."""
    words = sorted(text.split(), key=lambda word: (-len(word), word))
    return re.compile("|".join(re.escape(word.replace("_", " ")) for word in words))


_HELLO = _words(
    """
    你好 您好 你们好 您们好 大家好 哈喽 哈啰 哈罗 嗨 嘿 喂 早上好 上午好 中午好 下午好 晚上好 早安 午安 晚安 早 亲爱的 亲
    在吗 在么 在嘛 在不在 在不 在没 还在吗 还在么 你在吗 您在吗 你还在吗 您还在吗 你们在吗 客服在吗 客服在么 客服在不在 老板在吗 店家在吗
    有人在吗 有人在么 有人吗 有人么 有没有人 有人在不在
    hi hello hey hallo yo hi_there hello_there hey_there good_morning good_afternoon good_evening good_day
    anyone_here anyone_there anybody_here anybody_there are_you_there is_anyone_there
    """
)
_WHO = _words(
    """
    你是机器人吗 您是机器人吗 你是机器人么 你是不是机器人 是机器人吗 是不是机器人 机器人吗 你是机器人还是人工 你是机器人还是真人 是机器人还是人工
    你是真人吗 您是真人吗 你是不是真人 是真人吗 你是真的人吗 你是人吗 你是人工吗 您是人工吗 是人工吗 你是人工还是机器人 你是真人还是机器人 你是人还是机器人
    你是谁 您是谁 你叫什么 你叫什么名字 你叫啥 怎么称呼你 怎么称呼您 你是ai吗 你是人工智能吗 你是智能客服吗 你是客服吗 你是什么 你是干什么的 你会什么 你能做什么
    are_you_a_bot are_you_a_robot are_you_an_ai are_you_ai are_you_human are_you_a_human are_you_real are_you_a_real_person is_this_a_bot
    am_i_talking_to_a_bot am_i_talking_to_a_robot who_are_you whats_your_name what_is_your_name what_can_you_do
    """
)
_AROUND_HELLO = _words("啊 呀 哦 噢 呢 吗 嘛 哈 哟 啦 客服 老板 店家 _")
_AROUND_WHO = _words("啊 呀 呢 哦 吧 嘛 请问 那 你好 您好 在吗 我想知道 到底 现在 hi hello so _")
_THANK_WORDS = """
    谢谢 多谢 感谢 谢了 谢啦 谢过 辛苦 麻烦你 麻烦您 3q thx thanks thank_you thank_u tks ty appreciate_it cheers
"""
_POLITE_WORDS = """
    好 好的 嗯 哦 噢 行 可以 ok okay okk 知道了 明白 明白了 了解 了解了 收到 懂了 清楚了 非常 十分 太 真的 真是 那 先 就
    你 你们 您 啦 了 哈 啊 呀 呢 亲 very_much so_much a_lot _
"""
_THANK = _words(_THANK_WORDS)
_AROUND_THANK = _words(_POLITE_WORDS)
_BYE = _words(
    """
    再见 拜拜 拜 88 886 回见 回聊 下次再聊 没事了 没有了 没别的了 没有别的了 没什么了 没啥了 没问题了 没有问题了 没其他问题 没其他问题了
    没有其他问题 没有其他问题了 没别的问题 没别的问题了 不用了 不需要了 就这样 就这样吧 先这样 先这样吧 就这些 解决了 已经解决 问题解决
    bye bye_bye goodbye good_bye see_you no_thanks thats_all that_is_all nothing_else
    """
)
_AROUND_BYE = _words(_POLITE_WORDS + _THANK_WORDS)
_NOD = _words(
    """
    好 好的 好滴 好哒 好嘞 好勒 好咧 好吧 好了 好耶 太好了 嗯 恩 哦 噢 喔 行 行吧 行了 可以 可以了 成 妥 妥了 得嘞 知道了 我知道了 知道啦 晓得了
    哈哈 呵呵 嘿嘿 嘻嘻 算了 算了吧 稍等 稍等一下 等一下 等下 等等 我想想 让我想想 我考虑一下 haha lol never_mind nevermind hold_on one_moment
    明白 明白了 我明白了 了解 了解了 收到 收到了 懂了 我懂了 清楚了 没问题 没毛病 没事 没关系 原来如此 原来是这样 这样啊 这样子 对 对的 没错 是的 是
    ok okay okey okk k kk yes yep yeah yup sure fine alright all_right got_it i_see understood noted good great cool nice perfect
    makes_sense sounds_good will_do no_problem
    """
)
_AROUND_NOD = _words(
    """
    啊 呀 呢 啦 哈 哟 嘛 哒 的 吧 那 那就 亲 老板 客服 哈哈 我试试 我先试试 我再试试 我去试试 试试 我看看 我先看看 我再看看 我去看看 看看
    oh then so that thats very so_much _
    """
)
_LONGEST_NOD = 40
_NODDING = re.compile(
    r"[👌👍🆗✅👏🤝💪🙏😊😀😄😁🌹❤♥]|\[(?:ok|好的|好|强|赞|抱拳|握手|鼓掌|玫瑰|爱心|愉快|胜利|合十)\]", re.IGNORECASE
)
"""Signs that agree; ``fold`` takes away every sign."""
_STICKER = re.compile(r"\[[\u4e00-\u9fffA-Za-z]{1,5}\]")
_SAYS_NOTHING = re.compile(r"[\s~～。.…!！,，、]*")
_CROSS = re.compile(
    r"[😡🤬😠👿💢🖕👎😤💩]|\[(?:发怒|怒|怒骂|咒骂|骂人|抓狂|鄙视|弱|敲打|炸弹|刀|便便|右哼哼|左哼哼|吐)\]"
)
_FACES = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\ufe0f\u200d]")
_ASKING = re.compile("[?？]")
"""嗯？ has not understood, and 好的？ wants to be sure: both wait for an answer."""

_LONE_MARK = re.compile(r"\s*[?？](?:[?？!！]|\s){0,20}")

_STOPS = re.compile(r"[，。！？；：、,.!?;:\n\r…~～]+")
_MOST_SENTENCES = 50
_ADDRESS = re.compile(
    "(?:在线|亲爱的|你好|您好|hi|hello)?(?:客服|客服小姐姐|客服小哥哥|客服人员|agent|support|customer service)",
    re.IGNORECASE,
)


def wants_human(text: str) -> bool:
    """The customer asks for a person, or complains so that a person must answer."""
    return wants_human_in(text, fold(text))


def wants_human_in(text: str, folded: str) -> bool:
    """The same, of a message that is folded already.

    Each sentence is read by itself too: folded, 转人工，成本多少 is about 人工成本.
    """
    if not human_wish.perhaps(folded):
        return False
    return human_wish.wished(folded) or any(human_wish.wished(fold(sentence)) for sentence in _sentences(text))


def _sentences(text: str) -> list[str]:
    """Empty when there is only one; without those that only address somebody (客服，什么时候发货)."""
    sentences = [sentence for sentence in _STOPS.split(text, _MOST_SENTENCES) if sentence]
    return (
        [sentence for sentence in sentences if not _ADDRESS.fullmatch(sentence.strip())] if len(sentences) > 1 else []
    )


def greeting(text: str) -> bool:
    """The message is a greeting and nothing else. A lone question mark asks whether anybody is there."""
    return bool(_LONE_MARK.fullmatch(text)) or _consists(fold(text), _HELLO, _AROUND_HELLO)


def asks_who(text: str) -> bool:
    """The customer wants to know who speaks, a person or a machine, and nothing else."""
    return _consists(fold(text), _WHO, _AROUND_WHO)


def thanks(text: str) -> bool:
    """The message says thank you and nothing else."""
    return _consists(fold(text), _THANK, _AROUND_THANK)


def goodbye(text: str) -> bool:
    """The customer says that there is nothing more."""
    return _consists(fold(text), _BYE, _AROUND_BYE)


def acknowledgement(text: str) -> bool:
    """The message only says that it was heard (好的, 嗯嗯, ok, 👌, [微笑]): it asks nothing, and no answer is waited for."""
    if len(text) > _LONGEST_NOD or _ASKING.search(text) or _CROSS.search(text):
        return False
    signs = _STICKER.search(text) or _FACES.search(text)
    if signs and _SAYS_NOTHING.fullmatch(_FACES.sub("", _STICKER.sub("", text))):
        return True
    return _consists(fold(_NODDING.sub(" ok ", text)), _NOD, _AROUND_NOD)


def _consists(text: str, core: re.Pattern[str], around: re.Pattern[str]) -> bool:
    """Whether the text is made of core words, at least one, and words that may stand around them.

    One step per word: a pattern that repeats alternatives would try every way to cut 嗯嗯嗯嗯嗯嗯嗯嗯 into words.
    """
    found = False
    at = 0
    while at < len(text):
        word = core.match(text, at)
        found = found or word is not None
        word = word or around.match(text, at)
        if word is None:
            return False
        at = word.end()
    return found
