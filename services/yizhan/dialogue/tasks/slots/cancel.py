"""The wish to give a task up, or to go on with it later."""

import re
from dataclasses import dataclass
from enum import StrEnum

from yizhan.dialogue.tasks.slots.spelling import spell


class Leave(StrEnum):
    """``CANCEL``: the task is given up. ``PAUSE``: the customer needs a while, or goes on another time."""

    CANCEL = "cancel"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class TaskWords:
    """``makes``: what the task brings about (预约, 退货申请): 取消预约 gives the task of booking up. ``cancels``: the task's own
    purpose is to cancel something, so that a bare 取消 means going on with it.
    """

    makes: tuple[str, ...] = ()
    cancels: bool = False


_BEFORE = "(?:[ ,，.。!~]|好吧|好的|好|哦|噢|嗯|唉|哎|那就?|还是|我|先|就|麻烦|请|帮我|给我|直接|想|要|想要|我们|谢谢|不好意思|抱歉|ok|well|please|sorry|actually|just|let's|i want to|i'd like to|can you|oh|no){0,6}"
_AFTER = "(?:[ ,，.。!~]|了|啦|吧|啊|呀|哦|哈|呗|呢|的|谢谢|谢谢你|麻烦了?|不用了|不要了|算了|不需要了|好了|再见|拜拜|please|thanks|thank you|then|now|for now){0,6}"
_GIVE_UP = (
    "算了|不用了|不要了|不需要了|不必了|no,? thanks|(?:不用|不需要|不要)$|不办|不弄|不搞|不想办|不想弄|不想继续|不继续|不做|不用办|不用弄|不办理|不想办理|别办|别弄|不用麻烦|不填|不想填|停止|停下|中止|终止|放弃|退出|结束|不申请|不想申请|不预约|不想预约|不查询?|不用查|不想查|别查|不约|不修"
    "|不退|不换|不退货|不换货|不想退|不想换|不要办|不需要办|撤销|作废"
    "|取消(?:这个|这次|本次|当前)?(?:任务|流程|操作|办理|申请|步骤|会话)?|cancel(?: (?:it|this|that|everything|the (?:process|request|task)))?"
    "|stop(?: (?:it|this|that))?|quit|exit|abort|never ?mind|forget (?:it|about it|that)|i changed my mind|i don't want (?:to|it|this)(?: any ?more| continue| do this)?|not any ?more"
)
_LATER = (
    "(?:晚点|晚些|待会儿?|等会儿?|等下|一会儿?|过会儿?|回头|改天|下次|以后|之后|明天|有空|有时间|稍后|等我有空|等有空)(?:时候)?(?:我)?(?:再)(?:来|说|办|弄|填|继续|聊|提供|发|告诉|联系|找|看|回复|申请|预约|查)(?:你们?|您)?"
    "|(?:下次|改天|回头|晚点|待会儿?|一会儿?)吧|等我?(?:一|几|两|[0-9]{1,2})(?:分钟|秒)|(?:先)?(?:等一?下|等等|等会儿?|等我|稍等|稍候|请稍等|别急|慢点)(?:我)?(?:一?下|会儿)?(?:[ ,，]?(?:我)?(?:去)?(?:找|查|看|翻|拿|问|确认|核对|打开|登录|看看|找找|查查|问问)(?:一?下|一?找|一?查|一?看)?(?:单号|订单号?|订单|手机|地址|看看|资料|证件|身份证|号码|包装|照片|家人|老公|老婆|同事)?)?"
    "|(?:我)?(?:现在)?(?:手头|手边|身边)?(?:有事|在忙|忙着|没空|不方便|没带|在开车|在开会)(?:了)?|先(?:放|搁)(?:着|一?下|一边)|暂停(?:一?下)?|先不(?:办|弄|填|急|说)|我(?:去)?(?:找|查|看)(?:一?下|一?找|找看)(?:单号|订单号?|手机|地址)?"
    "|(?:maybe )?later|not now|(?:hold|hang) on(?: a (?:second|minute|moment))?|wait(?: a (?:second|minute|moment|sec))?|one (?:moment|second|minute|sec)|just a (?:second|minute|moment|sec)"
    "|give me a (?:second|minute|moment|sec)|(?:i'll|let me) (?:check|look|find (?:it|out)|come back later|do it later|be back)(?: and come back)?|brb|let me (?:check|find|look for) (?:my|the|it)[a-z ]{0,20}"
)
_CANCEL = re.compile(f"{_BEFORE}(?:{_GIVE_UP}){_AFTER}(?:{_GIVE_UP})?{_AFTER}")
_PAUSE = re.compile(f"{_BEFORE}(?:{_LATER}){_AFTER}")
_OBJECT = re.compile(
    f"{_BEFORE}(?:取消|撤销|撤回|不要|不想|不|不需要|放弃|cancel|stop)(?:掉|这个|这次|我的|刚才的|那个|the|my| ){{0,3}}(?P<object>[^ ,，。!?0-9][^,，。!?0-9]{{0,19}}?){_AFTER}"
)
_LONGEST = 60
_CANCEL_WORD = re.compile("取消|撤销|cancel")
_BY_NAME = re.compile(
    "取消|算了|不办|不弄|不申请|退出|停止|终止|放弃|(?<![a-z])(?:cancel|stop|quit|exit|never ?mind|forget)(?![a-z])"
)


def leaving(text: str, task: TaskWords) -> Leave | None:
    """Whether the whole message wishes the task stopped. 取消订单 names another thing than the task and is not such a wish."""
    folded = spell(text).text.strip()
    if not folded or len(folded) > _LONGEST or folded.endswith(("?", "吗", "么")):
        return None
    if _PAUSE.fullmatch(folded):
        return Leave.PAUSE
    if _CANCEL.fullmatch(folded):
        return None if task.cancels and _CANCEL_WORD.search(folded) else Leave.CANCEL
    named = _OBJECT.fullmatch(folded)
    if named and not task.cancels and any(spell(word).text == named["object"].strip() for word in task.makes):
        return Leave.CANCEL
    return None


def by_name(text: str) -> bool:
    """Whether a wish to stop names the stopping: 不想要了 may as well be the reason that was asked for, 算了 may not."""
    return _BY_NAME.search(spell(text).text) is not None
