"""What the assistant says around any task, in both languages. What a task itself says is in its document."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. Fields with braces are templates."""

    yes: str
    change: str
    cancel: str
    human: str
    carry_on: str
    skip: str
    skipped: str
    cancelled: str
    cancelled_search: str
    cancelled_guide: str
    too_late_to_cancel: str
    too_late_to_change: str
    already_submitted: str
    over: str
    what_to_change: str
    ask_again: str
    lost: str
    lost_often: str
    lost_for_good: str
    person: str
    cannot_tell: str
    wait: str
    submitting: str
    put_away: str
    put_under: str
    returned: str
    updated: str
    gone: str
    noted: str
    anything_else: str
    no_hurry: str
    picture: str
    resumed: str


_ZH = Wording(
    yes="确认",
    change="修改",
    cancel="取消办理",
    human="转人工客服",
    carry_on="继续办理",
    skip="跳过",
    skipped="无",
    cancelled="好的，已取消“{title}”，什么都没有提交。还有其他问题可以随时问我。",
    cancelled_search="好的，不查了。还有其他问题可以随时问我。",
    cancelled_guide="好的，先到这里。还有其他问题可以随时问我。",
    too_late_to_cancel="“{title}”已经提交给系统处理，我这里撤不回来了。结果马上告诉您；如需撤销，请回复“转人工”。",
    too_late_to_change="“{title}”已经提交给系统处理，改不了了。结果马上告诉您；如需更改，请回复“转人工”。",
    already_submitted="“{title}”已经办理过了，不会重复提交。如需更改或撤销，请回复“转人工”。",
    over="这个选项已经失效了。需要重新办理的话，请直接告诉我。",
    what_to_change="好的，哪一项需要修改？也可以直接告诉我正确的内容。",
    ask_again="好的，请重新告诉我{title}。",
    lost="抱歉，我没有看明白。",
    lost_often="抱歉，我还是没有看明白。需要人工客服帮您吗？",
    person="需要人工客服帮您吗？",
    cannot_tell="没关系，可以慢慢找。实在找不到的话，回复“转人工”，请人工客服帮您。",
    lost_for_good="抱歉，我一直没能看明白，请人工客服来帮您。您填写的内容客服都能看到。",
    wait="正在处理，请稍候，结果马上告诉您。",
    submitting="好的，正在为您提交，请稍候。",
    put_away="刚才的“{title}”较长时间没有收到您的回复，先为您暂停了，填过的内容还在。需要的话回复“继续办理”。",
    put_under="好的，“{title}”先放一放，填过的内容还在，办完这个再接着来。",
    returned="刚才的“{title}”还没有办完，需要接着办理吗？",
    updated="“{title}”的办理流程刚刚有更新，之前填写的内容我会尽量保留，麻烦您再核对一下。",
    gone="抱歉，“{title}”刚刚停止了线上办理，之前填写的内容没有提交。需要的话可以回复“转人工”。",
    noted="好的，已记下。",
    anything_else="好的，还有其他问题可以随时问我。",
    no_hurry="好的，不着急，准备好了直接发给我就行。",
    picture="已收到 1 张",
    resumed="好的，我们接着办理“{title}”。",
)

_EN = Wording(
    yes="Confirm",
    change="Change something",
    cancel="Cancel",
    human="Talk to a person",
    carry_on="Carry on",
    skip="Skip",
    skipped="none",
    cancelled="All right, the {title} is cancelled; nothing was submitted. Feel free to ask anything else.",
    cancelled_search="All right, I stopped looking. Feel free to ask anything else.",
    cancelled_guide="All right, let's leave it there. Feel free to ask anything else.",
    too_late_to_cancel=(
        "The {title} has already been submitted and I can't take it back. You will have the result in a moment; "
        'to undo it, say "human agent".'
    ),
    too_late_to_change=(
        "The {title} has already been submitted and I can't change it any more. You will have the result in a moment; "
        'to change it, say "human agent".'
    ),
    already_submitted=(
        'The {title} is already done and won\'t be submitted twice. To change or undo it, say "human agent".'
    ),
    over="That choice is no longer open. If you want to start again, just tell me.",
    what_to_change="What would you like to change? You can also just tell me the right value.",
    ask_again="All right, please tell me the {title} again.",
    lost="Sorry, I didn't understand that.",
    lost_often="Sorry, I still don't understand. Would you like a person to help?",
    person="Would you like a person to help?",
    cannot_tell='No problem, take your time. If you can\'t find it, say "human agent" and a colleague will help.',
    lost_for_good="Sorry, I can't make sense of it. I'll ask a colleague to help; they can see everything you told me.",
    wait="I'm working on it, one moment please. You will have the result shortly.",
    submitting="All right, I'm submitting it now. One moment please.",
    put_away=(
        "I hadn't heard from you for a while, so the {title} is on hold; nothing you told me is lost. "
        'Say "carry on" to continue.'
    ),
    put_under="All right, the {title} can wait; nothing you told me is lost, and we'll come back to it after this.",
    returned="Your {title} isn't finished yet. Would you like to carry on?",
    updated="The {title} has just been updated. I kept what I could; please check it again.",
    gone=(
        'Sorry, the {title} is no longer available here and nothing was submitted. If you need it, say "human agent".'
    ),
    noted="Noted.",
    anything_else="All right. Feel free to ask if there is anything else.",
    no_hurry="No hurry; just send it to me when you're ready.",
    picture="1 picture",
    resumed="All right, let's carry on with the {title}.",
)


def wording(language: str) -> Wording:
    """For ``zh`` or ``en``."""
    return _EN if language == "en" else _ZH
