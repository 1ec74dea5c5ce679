"""What the assistant says by itself, in the customer's language. Answers come from knowledge, never from here."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

CHINESE = "zh-CN"
ENGLISH = "en"

PREVIEW_CHARACTERS = 80

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. Fields with braces are templates; the methods fill them."""

    greeting: str
    introduction: str
    """What it says of itself when asked: it never passes for a person."""
    welcome_back: str
    thanks: str
    clarify: str
    clarify_none: str
    clarify_human: str
    searching_requested: str
    searching_no_answer: str
    searching_colleague: str
    position: str
    next_in_line: str
    ahead: str
    ahead_one: str
    next_estimated: str
    wait_moment: str
    wait_up_to: str
    wait_about: str
    wait_range: str
    wait_up_to_hours: str
    wait_about_hours: str
    wait_range_hours: str
    off_hours: str
    off_hours_message: str
    agent_joined: str
    returned: str
    closed: str
    rating_prompt: str
    rating_labels: tuple[str, str, str, str, str]
    rating_thanks: str
    ticket_rating_prompt: str
    ticket_rating_thanks: str
    ticket_comment_thanks: str
    ticket_rating_over: str
    ticketed: str
    ticket_pending: str
    media_prompt: str
    handoff_yes: str
    handoff_no: str
    stay: str
    heard: str
    read_in_picture: str
    previews: dict[str, str]
    time_format: str
    mail_salutation: str
    mail_salutation_named: str
    mail_closing: str
    mail_signed: str
    mail_received: str
    mail_handed_off: str
    ticketed_by_mail: str
    mail_rating_prompt: str


_ZH = Texts(
    greeting="您好，我是智能客服，可以直接输入您的问题。需要人工服务时，请回复“转人工”。",
    introduction="我是智能客服，由程序自动回答。需要人工服务时，请回复“转人工”。",
    welcome_back="您好，请问有什么可以帮您？",
    thanks="不客气，很高兴为您服务。还有其他问题可以随时问我。",
    clarify="您想问的是下面哪一个问题？",
    clarify_none="都不是，我换个说法",
    clarify_human="转人工客服",
    searching_requested="正在为您转接人工客服，请稍候。您可以先把问题写下来，客服会看到完整的聊天记录。",
    searching_no_answer="这个问题我没有可靠的答案，正在为您转接人工客服，请稍候。",
    searching_colleague="正在为您转接其他客服，请稍候。聊天记录会一并转交，您无需重复说明。",
    position="当前客服繁忙，您排在第 {position} 位，轮到您时会立即为您接通。",
    next_in_line="您是下一位，客服空闲后会立即为您接通。",
    ahead="您前面还有 {ahead} 位，预计等待{wait}",
    ahead_one="您前面还有 {ahead} 位，预计等待{wait}",
    next_estimated="您是下一位，预计等待{wait}",
    wait_moment="不到 1 分钟",
    wait_up_to="不超过 {most} 分钟",
    wait_about="约 {most} 分钟",
    wait_range=" {least}–{most} 分钟",
    wait_up_to_hours="不超过 {most} 小时",
    wait_about_hours="约 {most} 小时",
    wait_range_hours=" {least}–{most} 小时",
    off_hours="现在不是人工客服的工作时间，客服将在 {reopens_at} 回来，届时请再联系我们。您也可以继续向我提问。",
    off_hours_message=(
        "现在不是人工客服的工作时间，客服将在 {reopens_at} 回来。您可以直接留言，我们会完整保留，客服回来后尽快回复您。"
    ),
    agent_joined="客服 {name} 已接入，为您服务",
    returned="人工服务已结束，智能客服继续为您服务",
    closed="会话已结束，感谢您的咨询",
    rating_prompt="请为本次服务评分",
    rating_labels=("很不满意", "不满意", "一般", "满意", "很满意"),
    rating_thanks="感谢您的评价！",
    ticket_rating_prompt="您的工单 {number} 已处理完毕，请为这次处理评分",
    ticket_rating_thanks="感谢您的评价！如果愿意，可以直接回复说说原因。",
    ticket_comment_thanks="已为您转告负责这张工单的同事，谢谢。如果还有问题，请继续留言，我会马上为您处理。",
    ticket_rating_over="这张工单的评价已经结束，感谢您的反馈。",
    ticketed="抱歉，暂时没有空闲的客服。已为您登记工单 {number}，我们会在 {promised_by} 前回复您，回复会显示在这里。",
    ticket_pending="您的工单 {number} 正在处理中，客服会尽快回复。您也可以继续提问，或回复“转人工”再次尝试接通。",
    media_prompt="收到您发来的内容。我还不能查看图片或文件，需要人工客服帮您看一下吗？",
    handoff_yes="转人工客服",
    handoff_no="不用了",
    stay="好的，请直接输入您的问题。",
    heard="我听到的是：「{words}」。如果不对，请直接打字告诉我。",
    read_in_picture="我在图片里看到的是：「{words}」。如果不对，请直接打字告诉我。",
    previews={"image": "[图片]", "voice": "[语音]", "video": "[视频]", "file": "[文件]"},
    time_format="%m月%d日 %H:%M",
    mail_salutation="您好：",
    mail_salutation_named="{name}，您好：",
    mail_closing="祝好\n{name}\n（这封邮件由程序自动发出。如有其他问题，直接回复本邮件即可，会有客服人员查看。）",
    mail_signed="祝好\n{name}",
    mail_received="我们已收到您的邮件，客服会按先后顺序处理，预计在 {promised_by} 前回复您。如需补充，请直接回复本邮件，不必另发。",
    mail_handed_off="已转人工客服处理",
    ticketed_by_mail="已为您登记工单 {number}，我们会在 {promised_by} 前回复您，回复会发到这个邮箱。",
    mail_rating_prompt="感谢您的来信。您对我们这次的服务满意吗？",
)

_EN = Texts(
    greeting='Hello, I\'m the virtual assistant. Just type your question. To talk to a person, say "human agent".',
    introduction='I\'m a virtual assistant: my answers are automatic. To talk to a person, say "human agent".',
    welcome_back="Hello, how can I help you?",
    thanks="You're welcome. Feel free to ask if there is anything else.",
    clarify="Which of these did you mean?",
    clarify_none="None of these, let me rephrase",
    clarify_human="Talk to a person",
    searching_requested=(
        "I'm finding someone for you, one moment please. You can already describe the problem; "
        "your agent will see the whole conversation."
    ),
    searching_no_answer="I don't have a reliable answer to that, so I'm finding someone for you. One moment please.",
    searching_colleague=(
        "I'm finding a colleague for you, one moment please. They will see the whole conversation, "
        "so you don't need to repeat anything."
    ),
    position="All agents are busy. You are number {position} in the queue and will be connected as soon as it is your turn.",
    next_in_line="You are next in line and will be connected as soon as an agent is free.",
    ahead="There are {ahead} people ahead of you. The wait is probably {wait}.",
    ahead_one="There is one person ahead of you. The wait is probably {wait}.",
    next_estimated="You are next in line. The wait is probably {wait}.",
    wait_moment="less than a minute",
    wait_up_to="no more than {most} minutes",
    wait_about="about {most} minutes",
    wait_range="{least}–{most} minutes",
    wait_up_to_hours="no more than {most} hours",
    wait_about_hours="about {most} hours",
    wait_range_hours="{least}–{most} hours",
    off_hours=(
        "Nobody is at work at this hour. Our people are back on {reopens_at}; please contact us again then. "
        "You can keep asking me, too."
    ),
    off_hours_message=(
        "Nobody is at work at this hour. Our people are back on {reopens_at}. "
        "Just leave your message here: we keep all of it and will reply as soon as we are back."
    ),
    agent_joined="{name} has joined the conversation",
    returned="The agent has left; the virtual assistant is back",
    closed="This conversation has ended. Thank you for contacting us",
    rating_prompt="How was our service?",
    rating_labels=("Very poor", "Poor", "Fair", "Good", "Excellent"),
    rating_thanks="Thank you for your rating!",
    ticket_rating_prompt="Your case {number} is solved. How satisfied are you with the solution?",
    ticket_rating_thanks="Thank you for your rating! If you like, just reply and tell us why.",
    ticket_comment_thanks="I've passed that on to those who handled your case, thank you. If there is anything else, just write.",
    ticket_rating_over="The rating of this case is closed. Thank you for your feedback.",
    ticketed=(
        "Sorry, nobody is free right now. Your case is registered as {number}; we will reply here by {promised_by}."
    ),
    ticket_pending=(
        "Your case {number} is being worked on and an agent will reply soon. "
        'You can keep asking me, or say "human agent" to try again.'
    ),
    media_prompt="Got it. I can't look at pictures or files myself. Would you like a person to have a look?",
    handoff_yes="Talk to a person",
    handoff_no="No, thanks",
    stay="All right, just type your question.",
    heard='I heard: "{words}". If that is wrong, just type it.',
    read_in_picture='In the picture I read: "{words}". If that is wrong, just type it.',
    previews={"image": "[image]", "voice": "[voice]", "video": "[video]", "file": "[file]"},
    time_format="%d %b %H:%M",
    mail_salutation="Hello,",
    mail_salutation_named="Dear {name},",
    mail_closing=(
        "Kind regards\n{name}\n(This mail was sent automatically. If there is anything else, just answer it: a person will read it.)"
    ),
    mail_signed="Kind regards,\n{name}",
    mail_received=(
        "We have received your mail. Our team answers in the order of arrival, in your case by {promised_by}. "
        "To add anything, just answer this mail; there is no need to write a new one."
    ),
    mail_handed_off="Handed to a person",
    ticketed_by_mail="We have opened ticket {number} for you and will answer by {promised_by}, to this mailbox.",
    mail_rating_prompt="Thank you for writing to us. How was our service?",
)


@dataclass(frozen=True, slots=True)
class Voice:
    """How the assistant speaks for a business: its name, its texts in both languages, and the zone of its days."""

    name: str
    name_en: str = ""
    zone: ZoneInfo = SHANGHAI
    chinese: Texts = _ZH
    english: Texts = _EN

    def texts(self, locale: str) -> Texts:
        """The texts of a locale: English for ``en…``, Chinese for everything else."""
        return self.english if _reads_english(locale) else self.chinese

    def speaker(self, locale: str) -> str:
        """The assistant's name in a locale."""
        return self.name_en if self.name_en and _reads_english(locale) else self.name


def texts_for(locale: str) -> Texts:
    """The texts of a locale, without a business's own greeting."""
    return _EN if _reads_english(locale) else _ZH


def _reads_english(locale: str) -> bool:
    return locale.lower().startswith("en")


def voice_of(name: str, name_en: str, *, zone: ZoneInfo = SHANGHAI, greeting_zh: str, greeting_en: str) -> Voice:
    """A business's voice; an empty greeting greets nobody."""
    return Voice(name, name_en, zone, replace(_ZH, greeting=greeting_zh), replace(_EN, greeting=greeting_en))


def promised(texts: Texts, at: datetime, zone: ZoneInfo) -> str:
    """A promised time as the customer reads it, in the business's time zone."""
    return at.astimezone(zone).strftime(texts.time_format)
