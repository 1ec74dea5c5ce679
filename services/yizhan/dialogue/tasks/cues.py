"""What a short answer means in the middle of a task: yes, no, skip, carry on, stop. Rules on folded text, whole messages.

Only a message that consists of such words is a cue: 取消订单 asks for something, 取消 stops the task.
"""

import re
from enum import StrEnum

from yizhan.dialogue.knowledge.normalise import fold
from yizhan.dialogue.tasks.slots.cancel import Leave, TaskWords, leaving


class Cue(StrEnum):
    YES = "yes"
    NO = "no"
    SKIP = "skip"
    CARRY_ON = "carry_on"
    STOP = "stop"
    PAUSE = "pause"


def _pattern(words: str) -> re.Pattern[str]:
    """Whole messages made of one of the words and particles; an underscore stands for a space."""
    ranked = sorted(words.split(), key=lambda word: (-len(word), word))
    either = "|".join(re.escape(word.replace("_", " ")) for word in ranked)
    return re.compile(rf"(?:{_BEFORE})?(?:{either})(?:[了吧啊]? ?(?:{either})){{0,2}}(?: ?(?:{_AFTER})){{0,2}}")


_BEFORE = "那就?|嗯+|哦|噢|好的?|行|先|我|ok|okay|well|oh|um|please|then"
_AFTER = "了|啦|吧|啊|呀|呢|的|哈|哦|谢谢|麻烦了?|您|你|please|thanks|thank you|then|now"

_STOP = _pattern(
    """
    取消 取消办理 取消申请 取消预约 取消查询 取消这个 算了 不办 不办理 不查 不查询 不退 不换 不修 不弄 不申请 不预约 不约 不想办 不想弄 不想申请 不想预约
    不想查 不退货 停止 停下 退出 结束 放弃 终止 先不办 先不弄 先不查 下次再说 以后再说 改天再说 不用 不需要 不要 别办 别弄 别查 取消取消 不用办 不用查
    cancel cancel_it cancel_that cancel_this stop stop_it stop_this quit exit abort never_mind nevermind forget_it
    forget_about_it no_cancel i_dont_want_to i_dont_want_it_anymore not_anymore
    """
)
_YES = _pattern(
    """
    是 是的 对 对的 对对 确认 确定 确认提交 确认预约 确认无误 确认没问题 没错 正确 好 好的 可以 可以的 行 行的 嗯 嗯嗯 提交 提交吧 没问题 没有问题 就这样 就这么办
    办吧 无误 信息无误 都对 全对 没毛病 妥 同意 ok okay okk yes yep yeah yup y confirm confirmed confirm_it correct
    thats_correct that_is_correct thats_right that_is_right right sure of_course go_ahead submit submit_it looks_good
    all_good fine sounds_good book_it do_it perfect
    """
)
_NO = _pattern(
    """
    不 不是 不是的 不对 不行 不可以 否 错 错了 有误 有错 有问题 有错误 不正确 不确认 修改 修改一下 改一下 我要修改 我要改 要改 有改动 写错 填错 弄错 搞错
    no nope wrong incorrect not_right not_correct thats_wrong that_is_wrong change_something change_it edit
    i_want_to_change_something let_me_change_something
    """
)
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
_LEAVES = {Leave.CANCEL: Cue.STOP, Leave.PAUSE: Cue.PAUSE}
_ALL = {Cue.STOP: _STOP, Cue.YES: _YES, Cue.NO: _NO, Cue.SKIP: _SKIP, Cue.CARRY_ON: _CARRY_ON}

_LONGEST = 40

_ASKS = re.compile(
    r"[?？]|[吗呢么]$|怎么|怎样|如何|什么|啥|多久|多少|几[天个件次点号元块]|哪[里儿个些种家天]|谁|为何|能不能|可不可以|会不会|是不是|有没有|要不要|行不行"
    r"|^(?:how|what|when|where|why|who|which|can|could|do|does|did|is|are|will|would|should|may)\b"
)


def asks(text: str) -> bool:
    """Whether the words look like a question."""
    return _ASKS.search(text.strip().lower()) is not None


def cues(text: str, makes: tuple[str, ...] = ()) -> frozenset[Cue]:
    """Every cue that the whole message can be read as: a bare "no" is NO and SKIP, and the open question decides.

    ``makes``: what the task brings about; to cancel that in the middle of it is to stop.
    """
    leave = leaving(text[: 2 * _LONGEST], TaskWords(makes)) if len(text) <= 2 * _LONGEST else None
    return _whole(text) | ({_LEAVES[leave]} if leave else frozenset())


def _whole(text: str) -> frozenset[Cue]:
    folded = fold(text[: 2 * _LONGEST]) if len(text) <= 2 * _LONGEST else ""
    if not folded or len(folded) > _LONGEST:
        return frozenset()
    return frozenset(cue for cue, pattern in _ALL.items() if pattern.fullmatch(folded))
