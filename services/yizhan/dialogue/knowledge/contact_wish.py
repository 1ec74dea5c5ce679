"""The wish to leave a message or to be called back, as customers write it. Rules on folded text (see ``normalise.fold``).

A question about it (怎么留言, 你们多久回电) is none, nor is a complaint that nobody called; who wants no call (不用回电了) declines.
Every repetition is bounded, as in ``human_wish``.
"""

import re
from enum import StrEnum

from yizhan.dialogue.knowledge.normalise import fold


class ContactWish(StrEnum):
    """The words are those of ``yizhan.v1.ContactWished.wish``."""

    LEAVE_MESSAGE = "leave_message"
    CALLBACK = "callback"
    CANCEL_CALLBACK = "cancel_callback"


LONGEST = 60
"""A longer message tells of something; what it wants is read as a whole, by others."""

_CALL = "(?:回个?电话?|回拨电?话?|回访电?话?|打个?电话|来个?电话|致电|去电|call ?back)"
_REACH = f"(?:{_CALL}|联系|联络|回复|call|phone|ring)"
_LATER = (
    "(?:稍后|待会儿?|等会儿?|等下|一会儿?|过会儿?|晚点|晚些(?:时候)?|回头|改天|明天|后天|下午|晚上|上班(?:了|后|以后|时)?"
    "|有人(?:了|的时候|时)?|有空(?:了|的时候|时)?|空了|方便(?:的时候|时))"
)
_PLEASE = "(?:请|麻烦|麻烦你|麻烦您|能不能|可不可以|可以|能|能否|希望|想要|我想|我要|需要|要|让|叫|安排|派|你们|您|客服|人工|专员|有人|人|那|就|先|帮我|给我|个|一下){0,6}"
_END = "(?:吧|啊|呀|吗|么|呢|哦|谢谢|谢谢您|就行|就好|就可以了?|可以吗|行吗|好吗|一下|了|我|please|thanks|thank you| ){0,4}"

_DECLINED = re.compile(
    "(?:不要|不用|不需要|不必|无需|别|勿|不想|取消|撤销|不)(?:再|给我|跟我|和我|你们|您|客服|人工|约好的|约定的|刚才的|之前的|那个|这个|我的|了|麻烦){0,4}"
    f"(?:{_CALL}|联系我?|稍后联系|回电预约|预约回电)"
    "|(?:回电|电话|联系)(?:我)?(?:就)?(?:不用|不要|不需要|取消|算了)"
    r"|\b(?:dont|do not|no need to|never|please dont) (?:call|phone|ring|contact)"
    r"|\b(?:cancel|drop|forget)(?: the| my| that| this)? (?:callback|call back|call|phone call)\b"
    r"|\bno (?:callback|call back|call)s?(?: needed)?\b"
)
_CHANGED = re.compile(
    "(?:改|换|变更|更改|调整|修改|推迟|提前)(?:一下|一个|个|下)?(?:回电|联系|约定的?|预约的?)?(?:的)?时间|(?:换|改)(?:个|到|成)?(?:别的|其他)?时间(?:联系|回电|打)"
    r"|\b(?:change|move|reschedule)(?: the| my| that)? (?:time|callback|call back|call)\b"
)
_ASKS = re.compile(
    "怎么|如何|怎样|多久|什么时候|何时|几点|为什么|为啥|为何|哪里|在哪|没有?人|没人|还没|一直没|从来没|有没有给|会不会|是不是|功能|会给|会打|会回"
    r"|\b(?:how|why|when|where|did|didnt|havent|hasnt|nobody|still|will you|do you)\b"
)
_COULD = re.compile(r"能不能|可不可以|能否|\b(?:can|could|would) (?:you|someone|somebody)\b")
_CALLS = re.compile(
    # 给我回电话, 请给我打个电话, 让客服联系我
    f"(?:给|跟|和|与)我{_REACH}"
    f"|^{_PLEASE}{_CALL}(?:给我|我)?{_END}$"
    f"|^{_PLEASE}{_LATER}{_PLEASE}(?:再)?(?:给我|跟我|和我)?{_REACH}(?:我|给我)?{_END}$"
    f"|^{_PLEASE}{_LATER}?(?:再)?联系我{_END}$"
    "|(?:预约|约|安排|申请|要|想要|需要)(?:一个|个|一下|下)?(?:回电|回拨|电话回访|电话联系)"
    "|^(?:回电|回拨|回个电话|电话联系我|打我电话|打我手机|打给我)$|电话(?:联系|回复)我"
    r"|\bcall me(?: back| later| at| on| when| tomorrow| please|$)|\b(?:ring|phone) me\b|\bgive me a (?:call|ring)\b"
    r"|\b(?:request|want|need|like|arrange|schedule|get)(?: to have)? (?:an? )?(?:callback|call back|phone call)\b"
    r"|^(?:a )?(?:callback|call back)(?: please)?$|\b(?:contact|reach) me (?:later|tomorrow|when|back|again|by phone)\b"
)
_LEAVES = re.compile(
    "^(?:我|我想|我要|想|要|那|那我|我先|先|就|可以|能|能不能|可不可以|能否|请|麻烦|帮我|给你们|给您|给客服|给人工|给他们| ){0,5}"
    "(?:留言|留个言|留下?(?:个|一个|条|一条)?(?:言|信息|消息|口信)|写(?:个|条)?留言)"
    "(?:吧|啊|呀|吗|么|呢|哦|可以吗|行吗|好吗|给你们|给您|给客服|给他们|谢谢|好了|就行|一下){0,3}$"
    r"|\bleave (?:you |them |us )?(?:an? |my )?(?:message|note|voicemail)\b|\btake (?:an? |my )message\b"
)
_NO_MESSAGE = re.compile(
    r"(?:不要|不用|不想|不|别|没法|无法|不能)(?:给你们|再|先)?留|\b(?:dont|do not|not|cant|cannot|never)\b.{0,20}\bleave\b"
)
_MANY_DIGITS = re.compile(r"(?:\d[ -]?){7}")
_PERHAPS = re.compile(
    "电|留|联系|联络|回复我|回拨|致电|时间|打给我|打我|call|ring|phone|message|note|contact|reach|callback|voicemail|reschedule"
)


def contact_wish(text: str) -> ContactWish | None:
    """What the message wishes for, if it is about nothing else."""
    folded = fold(text)
    if len(folded) > LONGEST or not _PERHAPS.search(folded) or _MANY_DIGITS.search(folded):
        return None
    if _DECLINED.search(folded):
        return ContactWish.CANCEL_CALLBACK if not _ASKS.search(folded) else None
    asks = _ASKS.search(folded) and not _COULD.search(folded)
    if not asks and _LEAVES.search(folded) and not _NO_MESSAGE.search(folded):
        return ContactWish.LEAVE_MESSAGE
    return ContactWish.CALLBACK if not asks and _CALLS.search(folded) else None


def changes_time(text: str) -> bool:
    """Whether the customer wants another time; it means a callback only where one is arranged."""
    folded = fold(text)
    return len(folded) <= LONGEST and _CHANGED.search(folded) is not None and not _ASKS.search(folded)
