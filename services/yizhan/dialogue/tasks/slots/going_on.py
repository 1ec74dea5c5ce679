"""Short answers without a value: nothing to give (跳过, 没有), taking a task up again (继续办理), not knowing (不记得了)."""

import re


def _pattern(words: str) -> re.Pattern[str]:
    """Whole messages made of one of the words and particles; an underscore stands for a space."""
    ranked = sorted(words.split(), key=lambda word: (-len(word), word))
    either = "|".join(re.escape(word.replace("_", " ")) for word in ranked)
    return re.compile(rf"(?:{_BEFORE})?(?:{either})(?:[了吧啊]? ?(?:{either})){{0,2}}(?: ?(?:{_AFTER})){{0,2}}")


_BEFORE = "那就?|好了|嗯{1,9}|哦|噢|好的?|行|先|我|ok|okay|well|oh|um|please|then"
_AFTER = "了|啦|吧|啊|呀|呢|的|哈|哦|谢谢|麻烦了?|您|你|please|thanks|thank you|then|now"

_SKIP = _pattern(
    """
    跳过 略过 没有 没有照片 没有图片 没照片 没图 没拍 没拍照 无 不用 不提供 不填 不传 不发 不想发 暂无 暂时没有 没有啊 没得 不方便 下一步
    skip skip_it skip_this none no_picture no_photo no_pictures no_photos i_dont_have_one i_dont_have_any
    dont_have_one dont_have_any nothing next not_available no
    """
)
_CARRY_ON = _pattern(
    """
    继续 继续办理 继续办 继续申请 继续预约 继续查 继续查询 接着办 接着来 接着 接着办理 要继续 我要继续 恢复
    carry_on continue resume go_on keep_going lets_continue lets_carry_on
    """
)
_UNKNOWN = _pattern(
    """
    不知道 不清楚 不晓得 不记得 记不清 记不得 想不起来 忘了 忘记 找不到 没找到 没记 没记住 不懂
    i_dont_know dont_know no_idea not_sure im_not_sure i_cant_find_it cant_find_it i_forgot forgot idk i_cant_remember
    """
)


def skips(folded: str) -> bool:
    """Whether the folded message (``normalise.fold``) says that there is nothing to give."""
    return _SKIP.fullmatch(folded) is not None


def carries_on(folded: str) -> bool:
    """Whether the folded message wishes a task taken up again."""
    return _CARRY_ON.fullmatch(folded) is not None


def knows_not(folded: str) -> bool:
    """Whether the folded message only says that the customer cannot tell."""
    return _UNKNOWN.fullmatch(folded) is not None
