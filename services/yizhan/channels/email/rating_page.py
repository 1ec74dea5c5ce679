"""The page of a rating's link: nothing on it comes from elsewhere, and nobody keeps or finds it. Pure."""

import base64
import hashlib
import html
from dataclasses import dataclass

from aiohttp import web

from yizhan.channels.email.rating_words import Words

_STYLE = (
    "*{box-sizing:border-box}body{margin:0;background:#f4f5f7;color:#1f2328;font:16px/1.6 system-ui,-apple-system,"
    "'PingFang SC','Microsoft YaHei',sans-serif}main{max-width:30em;margin:6vh auto;background:#fff;padding:2em;"
    "border-radius:14px;box-shadow:0 1px 3px rgba(0,0,0,.12)}.shop{margin:0;color:#59636e}h1{font-size:1.35em;"
    "margin:.2em 0 1em}fieldset{border:0;margin:0;padding:0}legend{position:absolute;left:-99em}.grade{display:flex;"
    "align-items:center;gap:.8em;padding:.6em .9em;margin:.4em 0;border:1px solid #d0d7de;border-radius:10px;cursor:pointer}"
    ".grade:hover{border-color:#8c959f}.grade:has(:checked){border-color:#9a6700;background:#fff8e6}"
    ".grade:focus-within{outline:3px solid #0969da;outline-offset:1px}.grade input{width:1.1em;height:1.1em;margin:0;"
    "accent-color:#9a6700}.stars{color:#bf8700;letter-spacing:.1em}.comment{display:block;margin-top:1.2em}textarea{"
    "display:block;width:100%;min-height:6em;margin-top:.3em;padding:.6em;font:inherit;border:1px solid #d0d7de;"
    "border-radius:10px}button{display:block;width:100%;margin-top:1.2em;padding:.75em;font:inherit;font-weight:600;"
    "color:#fff;background:#1f6feb;border:0;border-radius:10px;cursor:pointer}button:hover{background:#1a5fd0}.note{"
    "color:#59636e;font-size:.9em}.wrong{color:#cf222e;font-weight:600}@media(max-width:32em){main{margin:0;border-radius:0;"
    "min-height:100vh;padding:1.4em}}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CSP = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

MOST_COMMENT = 1000

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What is in the form. ``grade`` empty: none is chosen. ``wrong``: what is to be mended, empty for nothing."""

    shop: str
    title: str
    nonce: str
    grade: str = ""
    comment: str = ""
    wrong: str = ""


def form_page(words: Words, form: Form, status: int = 200) -> web.Response:
    """Asks; only its button sends something."""
    grades = "".join(_grade(words, number, form.grade) for number in (5, 4, 3, 2, 1))
    wrong = f'<p class="wrong" role="alert">{html.escape(form.wrong)}</p>' if form.wrong else ""
    body = (
        f'<p class="shop">{html.escape(form.shop)}</p><h1>{html.escape(form.title)}</h1>{wrong}'
        f'<form method="post" accept-charset="utf-8"><fieldset><legend>{html.escape(form.title)}</legend>{grades}</fieldset>'
        f'<label class="comment">{words.comment}<textarea name="comment" maxlength="{MOST_COMMENT}" '
        f'placeholder="{words.comment_hint}">\n{html.escape(form.comment)}</textarea></label>'
        f'<input type="hidden" name="nonce" value="{html.escape(form.nonce)}"><button>{words.send}</button></form>'
        f'<p class="note">{words.pressed}</p>'
    )
    return _page(words.html_lang, form.title, body, status)


def thanks_page(words: Words, shop: str) -> web.Response:
    body = f'<p class="shop">{html.escape(shop)}</p><h1>{words.thanks}</h1><p>{words.thanks_more}</p>'
    return _page(words.html_lang, words.thanks, body, 200)


def refusal_page(status: int, retry_after: int = 0) -> web.Response:
    """Whose link cannot be used has no language that is known: in both."""
    title, text, title_en, text_en = _REFUSALS[status]
    body = f'<h1>{title}</h1><p>{text}</p><div lang="en"><h1>{title_en}</h1><p>{text_en}</p></div>'
    page = _page("zh-CN", f"{title} · {title_en}", body, status)
    if retry_after:
        page.headers["Retry-After"] = str(retry_after)
    return page


_REFUSALS = {
    400: ("无法读取", "请从邮件里的链接重新打开。", "This cannot be read", "Please open the link in the mail again."),
    404: ("链接无效", "请检查链接是否完整。", "This link is not valid", "Please check that it is complete."),
    410: (
        "链接已过期",
        "这次评价已经结束，感谢您的反馈。",
        "This link has expired",
        "The rating is closed. Thank you for your feedback.",
    ),
    413: ("内容过长", "请删减后再提交。", "Too long", "Please shorten your text."),
    415: ("无法读取", "请从邮件里的链接重新打开。", "This cannot be read", "Please open the link in the mail again."),
    429: ("操作过于频繁", "请稍后再试。", "Too many tries", "Please try again in a while."),
    503: ("暂时无法打开", "请稍后再试。", "Not possible right now", "Please try again in a while."),
}


def _grade(words: Words, number: int, chosen: str) -> str:
    checked = " checked" if chosen == str(number) else ""
    stars = "★" * number + "☆" * (5 - number)
    return (
        f'<label class="grade"><input type="radio" name="grade" value="{number}" required{checked}>'
        f'<span class="stars" aria-label="{words.stars.format(count=number)}">{stars}</span>'
        f"<span>{words.labels[number - 1]}</span></label>"
    )


def _page(lang: str, title: str, body: str, status: int) -> web.Response:
    text = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex,nofollow">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return web.Response(status=status, text=text, content_type="text/html", headers=_HEADERS)
