"""What is said around a rating, in the customer's language: in the mail that asks for it, and on the page of its links."""

from dataclasses import dataclass

LINKS_DAYS = 14
"""How long the links of a mail that asks for a rating may be used."""

DIGIT_DAYS = 7
"""How long a mail of nothing but a digit is an answer to it."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language. ``labels``: from the worst grade to the best."""

    html_lang: str
    labels: tuple[str, str, str, str, str]
    links: str
    digit_too: str
    digit_only: str
    automatic: str
    title: str
    ticket_title: str
    stars: str
    comment: str
    comment_hint: str
    send: str
    pressed: str
    choose: str
    too_long: str
    thanks: str
    thanks_more: str
    again: str


ZH = Words(
    html_lang="zh-CN",
    labels=("很不满意", "不满意", "一般", "满意", "很满意"),
    links=f"链接打开一个网页，在那里按“提交评价”才会生效；{LINKS_DAYS} 天内有效。",
    digit_too="也可以直接回复本邮件，正文只写一个数字：1 为很不满意，5 为很满意。",
    digit_only="请直接回复本邮件，正文只写一个数字：1 为很不满意，5 为很满意。",
    automatic="（这封邮件由程序自动发出。）",
    title="您对我们这次的服务满意吗？",
    ticket_title="您对这张工单的处理满意吗？",
    stars="{count} 星",
    comment="想说的话（选填）",
    comment_hint="最多 1000 字",
    send="提交评价",
    pressed="按下按钮后才会记录。",
    choose="请选择一个评分。",
    too_long="内容超过 1000 字，请删减后再提交。",
    thanks="感谢您的评价！",
    thanks_more="我们已收到，可以关闭此页。",
    again="暂时没有记录成功，请稍后再按一次。",
)

EN = Words(
    html_lang="en",
    labels=("Very poor", "Poor", "Fair", "Good", "Excellent"),
    links=f"A link opens a page; nothing is recorded before you press the button there. Valid for {LINKS_DAYS} days.",
    digit_too="You can also just answer this mail with a single digit, from 1 (very poor) to 5 (excellent).",
    digit_only="Please answer this mail with a single digit, from 1 (very poor) to 5 (excellent).",
    automatic="(This mail was sent automatically.)",
    title="How was our service?",
    ticket_title="How satisfied are you with the solution?",
    stars="{count} stars",
    comment="Anything you would like to add (optional)",
    comment_hint="1,000 characters at most",
    send="Send rating",
    pressed="Nothing is recorded before you press the button.",
    choose="Please choose a rating.",
    too_long="Your text has more than 1,000 characters. Please shorten it.",
    thanks="Thank you for your rating!",
    thanks_more="We have received it. You may close this page.",
    again="It could not be recorded right now. Please press the button again in a while.",
)


def language_of(locale: str) -> str:
    """``zh`` or ``en``, as the texts of a conversation of this locale are."""
    return "zh" if not locale or locale.lower().startswith("zh") else "en"


def words_of(language: str) -> Words:
    return EN if language == "en" else ZH
