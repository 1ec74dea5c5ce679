"""What is said about leaving a message and about callbacks, in both languages."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from yizhan.dialogue.tasks.slots.moments import Hours, Moment
from yizhan.dialogue.tasks.slots.reading import Reason


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. Fields with braces are templates."""

    offer: str
    leave_message: str
    callback: str
    wait: str
    give_up: str
    ask_about: str
    enough: str
    ask_when: str
    soonest: str
    ask_contact: str
    here: str
    waits_again: str
    given_up: str
    not_possible: str
    unanswered: str
    left_message: str
    promised: str
    how_to_change: str
    callbacks: dict[str, str]
    no_promise: str
    when_unclear: str
    when_reasons: dict[str, str]
    contact_unclear: str
    suggest: dict[str, str]


_ZH = Wording(
    offer="不想等待的话，您也可以：",
    leave_message="留言",
    callback="稍后联系我",
    wait="继续等待",
    give_up="不用了",
    ask_about="请写下您要留的话，之前说过的内容也会一并转交。",
    enough="刚才说过的就够了",
    ask_when="您希望我们什么时候联系您？可以直接写，例如“明天下午三点”。",
    soonest="尽快：{at}",
    ask_contact="怎么联系您？请写下电话号码，或选择在这里回复。",
    here="就在这里回复我",
    waits_again="好的，您还在原来的位置，继续为您等待人工客服。",
    given_up="好的，已取消。请直接输入您的问题。",
    not_possible="抱歉，暂不支持这样做。请继续等待，或直接写下您的问题。",
    unanswered="抱歉，暂时没能登记成功。请稍后再试，或直接写下您的问题。",
    left_message="您的留言已登记，工单号 {number}。我们会在 {promised_by} 前{where}回复您。",
    promised="好的，我们会在 {at} {where}联系您，工单号 {number}。",
    how_to_change="如需更改请回复“改时间”，不需要了请回复“取消回电”。",
    callbacks={
        "missed": (
            "抱歉，约定的 {at} 已到，我们没能按时联系您（工单 {number}）。已转给主管处理，会尽快联系您。"
            "如果不方便，可以回复“改时间”或“取消回电”。"
        ),
        "not_reached": (
            "刚才没有联系上您（工单 {number}）。我们会在 {at} 再联系您一次。如果不方便，可以回复“改时间”或“取消回电”。"
        ),
        "failed": "抱歉，我们多次没有联系上您（工单 {number}），不再主动联系了。您的工单仍会有人处理，也可以随时在这里留言。",
        "cancelled": "好的，{at} 的联系已取消。您的工单 {number} 仍会有人处理。",
        "settled": "您的工单 {number} 已经处理完毕，约定在 {at} 的联系不再进行。如果还有问题，请直接回复。",
    },
    no_promise="您目前没有约定的回电。",
    when_unclear="抱歉，没有看懂这个时间。请写明日期和时间，例如“明天下午三点”。",
    when_reasons={
        Reason.NO_DAY: "请问是哪一天？例如“明天下午三点”。",
        Reason.NO_TIME: "请问是当天几点？例如“明天下午三点”。",
        Reason.PAST: "这个时间已经过去了，请换一个时间。",
        Reason.TOO_FAR: "这个时间太远了，请换一个近一些的时间。",
        Reason.SEVERAL: "请只写一个时间，例如“明天下午三点”。",
        Reason.WHICH_DAY: "请问具体是哪一天？例如“周六上午十点”。",
        Reason.MORNING_OR_EVENING: "请问是上午还是下午（晚上）？例如“明天下午三点”。",
    },
    contact_unclear="这个号码好像不完整。请再写一次手机号或带区号的座机号，或选择在这里回复。",
    suggest={
        "closed": "那个时间没有客服上班。最接近的时间有：",
        "too_soon": "那个时间太近，我们来不及安排。最早可以是：",
        "too_late": "我们暂时不能约那么远。最晚可以是：",
    },
)
_EN = Wording(
    offer="If you would rather not wait, you can also:",
    leave_message="Leave a message",
    callback="Contact me later",
    wait="Keep waiting",
    give_up="Never mind",
    ask_about="Please write your message. What you have said before is passed on as well.",
    enough="What I said is enough",
    ask_when='When should we contact you? Just write it, for example "tomorrow at 3pm".',
    soonest="As soon as possible: {at}",
    ask_contact="How can we reach you? Write a phone number, or choose to be answered here.",
    here="Answer me here",
    waits_again="All right. You have kept your place and we go on looking for someone.",
    given_up="All right, cancelled. Just type your question.",
    not_possible="Sorry, that is not possible at the moment. Please keep waiting, or just write your question.",
    unanswered="Sorry, that could not be registered just now. Please try again later, or just write your question.",
    left_message="Your message is registered as {number}. We will reply{where} by {promised_by}.",
    promised="All right, we will contact you{where} on {at}. Your case number is {number}.",
    how_to_change='To change it, reply "change the time"; if you no longer need it, reply "cancel the callback".',
    callbacks={
        "missed": (
            "Sorry, it is past {at} and we have not managed to contact you as promised (case {number}). A supervisor has been "
            'told and we will contact you as soon as we can. You can also reply "change the time" or "cancel the callback".'
        ),
        "not_reached": (
            "We could not reach you just now (case {number}). We will try once more on {at}. "
            'You can also reply "change the time" or "cancel the callback".'
        ),
        "failed": (
            "Sorry, we have not been able to reach you (case {number}) and will not call again. Someone will still look at "
            "your case, and you can always write to us here."
        ),
        "cancelled": "All right, the call on {at} is cancelled. Someone will still look at your case {number}.",
        "settled": (
            "Your case {number} is settled, so the call on {at} will not be made. If there is anything else, just reply."
        ),
    },
    no_promise="There is no callback arranged at the moment.",
    when_unclear='Sorry, I could not read that time. Please write the day and the time, for example "tomorrow at 3pm".',
    when_reasons={
        Reason.NO_DAY: 'On which day? For example "tomorrow at 3pm".',
        Reason.NO_TIME: 'At what time on that day? For example "tomorrow at 3pm".',
        Reason.PAST: "That time is over already. Please choose another one.",
        Reason.TOO_FAR: "That is too far ahead. Please choose an earlier time.",
        Reason.SEVERAL: 'Please write a single time, for example "tomorrow at 3pm".',
        Reason.WHICH_DAY: 'On which day exactly? For example "Saturday at 10am".',
        Reason.MORNING_OR_EVENING: 'In the morning or in the evening? For example "tomorrow at 3pm".',
    },
    contact_unclear="That number seems incomplete. Please write it once more, or choose to be answered here.",
    suggest={
        "closed": "Nobody is at work at that time. The nearest times are:",
        "too_soon": "That is too soon for us. The earliest time is:",
        "too_late": "We cannot promise anything that far ahead. The latest time is:",
    },
)


def wording(language: str) -> Wording:
    """``zh`` or ``en``."""
    return _EN if language == "en" else _ZH


def shown(at: datetime, zone: ZoneInfo, language: str) -> str:
    """2026年11月25日（周三）14:30, or Wed 25 Nov 2026, 14:30."""
    local = at.astimezone(zone)
    return Moment(local.date(), hours=Hours(local.time().replace(second=0, microsecond=0))).shown(
        "en" if language == "en" else "zh"
    )


def where(phone: str, language: str) -> str:
    """By what the customer is reached, as part of a sentence; ``phone`` is masked already, empty: in the conversation."""
    if language == "en":
        return f" by phone ({phone})" if phone else " here"
    return f"通过电话 {phone} " if phone else "在这里"
