"""How mail programs quote and sign: each style with each of several answers, as text and as a page."""

from collections.abc import Iterator
from html import escape

from tests.simulators.mail_corpus.mail import Mail, html_mail, in_base64, multipart, part, text_mail

_ANSWERS = (
    ("one line", "请问什么时候发货？"),
    ("english", "Thanks, but when will it arrive?"),
    ("two paragraphs", "你好，\n\n订单 20261123 还没有收到。\n请帮我查一下。"),
    ("a number", "4711"),
    ("words like a head", "发件人写错了，日期也写错了，能改吗？"),
    ("words about writing", "他在信里写道一切都好。\n这是真的吗"),
)
_EARLIER = "您好，您的订单已经收到。\n我们会尽快处理。"

_PLAIN = {
    "gmail zh": "在 2026年11月23日周一 09:15，客服 <service@shop.example> 写道：\n\n{q}",
    "gmail zh folded": "客服 <service@shop.example> 于2026年11月23日周一 09:15写道：\n\n{q}",
    "gmail en": "On Mon, Nov 23, 2026 at 9:15 AM Shop <service@shop.example> wrote:\n\n{q}",
    "gmail en folded": "On Mon, Nov 23, 2026 at 9:15 AM The Service of the Shop\n<service@shop.example> wrote:\n\n{q}",
    "apple zh": "> 在 2026年11月23日，09:15，客服 <service@shop.example> 写道：\n> \n{q}",
    "apple en": "> On 23 Nov 2026, at 09:15, Shop <service@shop.example> wrote:\n> \n{q}",
    "qq": '------------------ 原始邮件 ------------------\n发件人: "客服"<service@shop.example>;\n发送时间: 2026年11月23日(星期一) 上午9:15\n'
    '收件人: "Anna"<anna@customer.example>;\n主题: 您的订单\n\n{e}',
    "qq without colon spaces": "------------------&nbsp;原始邮件&nbsp;------------------\n发件人:客服\n发送时间:2026年11月23日\n\n{e}",
    "163": '在 2026-11-23 09:15:00，"客服" <service@shop.example> 写道：\n\n{e}',
    "163 en": 'At 2026-11-23 09:15:00, "Shop" <service@shop.example> wrote:\n\n{e}',
    "163 date first": '2026-11-23 09:15:00，"客服" <service@shop.example> 写道：\n{e}',
    "163 master": "---- 回复的原邮件 ----\n| 发件人 | 客服<service@shop.example> |\n| 日期 | 2026年11月23日 09:15 |\n| 主题 | 您的订单 |\n{e}",
    "foxmail": "发件人： 客服\n发送时间： 2026-11-23 09:15\n收件人： Anna\n主题： 您的订单\n{e}",
    "outlook zh": "________________________________\n发件人: 客服 <service@shop.example>\n发送时间: 2026年11月23日 9:15\n收件人: Anna\n主题: 您的订单\n\n{e}",
    "outlook zh dashes": "-----邮件原件-----\n发件人: 客服\n发送时间: 2026年11月23日\n\n{e}",
    "outlook en": "From: Shop <service@shop.example>\nSent: Monday, November 23, 2026 9:15 AM\nTo: Anna\nSubject: Your order\n\n{e}",
    "outlook en old": "-----Original Message-----\nFrom: Shop\nSent: Monday, November 23, 2026\nTo: Anna\n\n{e}",
    "outlook bold": "*From:* Shop <service@shop.example>\n*Sent:* Monday, November 23, 2026\n*To:* Anna\n\n{e}",
    "outlook tw": "寄件者: 客服 <service@shop.example>\n寄件日期: 2026年11月23日\n收件者: Anna\n主旨: 您的訂單\n\n{e}",
    "forwarded": "---------- Forwarded message ---------\nFrom: Shop <service@shop.example>\nDate: Mon, Nov 23, 2026\n\n{e}",
    "forwarded zh": "---------- 转发的邮件 ----------\n发件人：客服\n日期：2026年11月23日\n\n{e}",
    "tw": "客服 <service@shop.example> 於 2026年11月23日 週一 上午9:15寫道：\n\n{q}",
    "only marks": "{q}",
}
_SIGNATURES = (
    ("", ""),
    ("iphone zh", "\n\n发自我的 iPhone"),
    ("iphone en", "\n\nSent from my iPhone"),
    ("outlook ios", "\n\nGet Outlook for iOS"),
    ("delimiter", "\n-- \nAnna\nTel 123"),
    ("closing zh", "\n\n此致\n敬礼\n王安娜"),
    ("closing en", "\n\nBest regards,\nAnna Doe\nACME Ltd."),
    ("qq phone", "\n\n来自我的华为手机"),
)


def _style(pattern: str, earlier: str = _EARLIER) -> str:
    quoted = "\n".join(f"> {line}" for line in earlier.split("\n"))
    return pattern.format(e=earlier, q=quoted).replace("&nbsp;", " ")


def plain_styles() -> Iterator[Mail]:
    for style, pattern in _PLAIN.items():
        for label, words in _ANSWERS:
            name = f"quoted plain: {style}, {label}"
            yield Mail(name, text_mail(name, f"{words}\n\n\n{_style(pattern)}\n"), words=words)
    for label, signature in _SIGNATURES[1:]:
        for style in ("gmail zh", "qq", "outlook en", "only marks"):
            name = f"signed: {label}, {style}"
            yield Mail(name, text_mail(name, f"订单在哪里{signature}\n\n{_style(_PLAIN[style])}"), words="订单在哪里")
        name = f"signed: {label}, nothing quoted"
        yield Mail(name, text_mail(name, f"订单在哪里{signature}"), words="订单在哪里")


def kept_whole() -> Iterator[Mail]:
    """Whoever answers below or between has everything kept; so has who says nothing of their own."""
    head = "On Mon, Nov 23, 2026 at 9:15 AM Shop <service@shop.example> wrote:"
    for label, text in (
        ("below", f"{head}\n\n> Which size?\n> And which colour?\n\nSize M, blue please."),
        ("between", f"{head}\n> Which size?\nM\n> And which colour?\nblue"),
        ("above and between", f"see below\n\n{head}\n> Which size?\nM\n> Which colour?\nblue"),
        ("below, chinese", "在 2026年11月23日，客服 <s@shop.example> 写道：\n> 什么尺码？\n\n要 M 码"),
        ("only quoted", f"{head}\n> Which size?\n> Which colour?"),
        ("only a head", head),
        ("only marks", "> a\n> b"),
    ):
        name = f"kept whole: {label}"
        yield Mail(name, text_mail(name, text), words=text)
    for label, text in (
        ("a form", "From: Berlin\nTo: Paris is where it should go"),
        ("a price", "> 100 yuan is too much\nI pay less"),
        ("a rule", "before\n-----\nafter"),
        ("a table of dashes", "a -- b"),
        ("long prose with wrote", "She said " + "very " * 60 + "much and wrote:"),
        ("a list", "- one\n- two"),
        ("a question about regards", "Best regards?\nWhat does it mean?"),
    ):
        name = f"not quoted: {label}"
        words = text if label != "a form" else None
        yield Mail(name, text_mail(name, text), words=words)


_PAGES = {
    "gmail": '<div dir="ltr">{w}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, Nov 23, 2026, Shop &lt;s@shop.example&gt; '
    'wrote:<br></div><blockquote class="gmail_quote" style="margin:0">{e}</blockquote></div>',
    "gmail zh": '<div>{w}</div><div class="gmail_quote"><div class="gmail_attr">客服 &lt;s@shop.example&gt; 于2026年11月23日周一写道：<br></div><blockquote>{e}'
    "</blockquote></div>",
    "apple": '<html><body>{w}<br><div><br><blockquote type="cite"><div>在 2026年11月23日，客服 &lt;s@shop.example&gt; 写道：</div><div>{e}</div></blockquote>'
    "</div></body></html>",
    "outlook": '<div class="WordSection1"><p class="MsoNormal">{w}</p></div><hr><div id="divRplyFwdMsg"><b>From:</b> Shop<br><b>Sent:</b> Monday'
    "</div><div>{e}</div>",
    "outlook append": '<div>{w}</div><div id="appendonsend"></div><hr><div><b>发件人:</b> 客服<br><b>发送时间:</b> 2026年</div><div>{e}</div>',
    "outlook desktop": '<p class="MsoNormal">{w}</p><div style="border-top:solid"><p><b>From:</b> Shop &lt;s@shop.example&gt;<br><b>Sent:</b> Monday'
    "<br><b>To:</b> Anna</p></div><p>{e}</p>",
    "163": '<div style="line-height:1.7">{w}</div><br><div id="isReplyContent"><p>在 2026-11-23 09:15:00，"客服" 写道：</p><blockquote '
    'id="isReplyContent">{e}</blockquote></div>',
    "163 attribution outside": "<div>{w}</div><p>At 2026-11-23 09:15:00, &quot;Shop&quot; &lt;s@shop.example&gt; wrote:</p><blockquote>{e}</blockquote>",
    "163 master": '<div>{w}</div><div id="ntes-pcmail-signature"><table><tr><td>Anna</td></tr><tr><td>anna@163.com</td></tr></table></div>'
    '<div class="ntes-mailmaster-quote"><div>---- 回复的原邮件 ----</div><table><tr><td>发件人</td><td>客服</td></tr></table>{e}</div>',
    "qq": '<div>{w}</div><div><br></div><includetail><div>&nbsp;</div><div style="font:Verdana"><div>------------------&nbsp;原始邮件&nbsp;'
    "------------------</div><div>发件人: 客服</div></div><div>{e}</div></includetail>",
    "qq box": '<div>{w}</div><div class="qmbox"><div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>{e}</div></div>',
    "all in a qq box": '<div class="qmbox"><div>{w}</div><div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>发件人: 客服</div><div>{e}</div></div>',
    "foxmail": "<div>{w}</div><hr><div><b>发件人：</b>客服<br><b>发送时间：</b>2026-11-23 09:15<br><b>收件人：</b>Anna</div><div>{e}</div>",
    "thunderbird": '<p>{w}</p><div class="moz-cite-prefix">On 23.11.26 09:15, Shop wrote:<br></div><blockquote type="cite">{e}</blockquote>',
    "yahoo": '<div>{w}</div><div class="yahoo_quoted"><div>On Monday, Shop wrote:</div><div>{e}</div></div>',
    "proton": '<div>{w}</div><div class="protonmail_quote">On Monday, Shop wrote:<br><blockquote>{e}</blockquote></div>',
    "nothing quoted": "<div>{w}</div>",
}


def page_styles() -> Iterator[Mail]:
    earlier = "<div>" + escape(_EARLIER).replace("\n", "</div><div>") + "</div>"
    for style, pattern in _PAGES.items():
        for label, words in _ANSWERS:
            page = pattern.replace("{w}", escape(words).replace("\n", "<br>")).replace("{e}", earlier)
            name = f"quoted page: {style}, {label}"
            yield Mail(name, html_mail(name, page), words=words)
    for style in ("gmail", "qq", "outlook", "163 master"):
        words = "两种形式都有"
        page = _PAGES[style].replace("{w}", words).replace("{e}", earlier)
        plain = f"{words}\n\n{_style(_PLAIN[{'gmail': 'gmail en', 'outlook': 'outlook en'}.get(style, style)])}"
        name = f"quoted both ways: {style}"
        raw = multipart(
            name,
            "alternative",
            part(
                in_base64(plain.encode()),
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64",
            ),
            part(
                in_base64(page.encode()), "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64"
            ),
        )
        yield Mail(name, raw, words=words)


def pages() -> Iterator[Mail]:
    """HTML as text."""
    for label, page, words in (
        ("blocks", "<p>one</p><p>two</p><div>three</div>four", "one\n\ntwo\n\nthree\nfour"),
        ("breaks", "one<br>two<br/>three", "one\ntwo\nthree"),
        ("spaces", "<p>  one \n  two&nbsp;&nbsp;three </p>", "one two three"),
        ("inline", "a<b>b</b>c <i>d</i>", "abc d"),
        ("list", "<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        (
            "table",
            "<table><tr><td>order</td><td>4711</td></tr><tr><td>size</td><td>M</td></tr></table>",
            "order 4711\nsize M",
        ),
        ("link", '<a href="https://shop.example/o/1">my order</a>', "my order (https://shop.example/o/1)"),
        ("link to itself", '<a href="https://shop.example/">https://shop.example</a>', "https://shop.example"),
        ("mail link", '<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ("script link", '<a href="javascript:alert(1)">press</a>', "press"),
        ("image", '<p>see <img src="cid:x" alt="broken cup"> here</p>', "see broken cup here"),
        ("script", "<script>alert(1)</script>hello<style>p{}</style>", "hello"),
        ("comment", "a<!-- b -->c", "ac"),
        ("office comments", "<!--[if mso]><table><tr><td><![endif]-->hello", "hello"),
        ("hidden", '<div style="display:none">pre</div>hello', "hello"),
        ("pre", "<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("entities", "a &lt; b &amp; c &#20320;", "a < b & c 你"),
        ("unclosed", "<div><p>one<p>two", "one\n\ntwo"),
        ("title", "<html><head><title>no</title></head><body>yes</body></html>", "yes"),
        ("only tags", "<div><br></div>", ""),
        ("too deep", "<div>" * 30_000 + "deep" + "</div>" * 30_000, "deep"),
        ("formatting without end", "".join(f"<font size={n}><p>" for n in range(3000)) + "x", "x"),
        ("attributes without end", "<p " + " ".join(f"a{n}" for n in range(30_000)) + ">x</p>", None),
        ("half a megabyte", "<p>" + "字" * 600_000 + "</p>", None),
    ):
        name = f"page: {label}"
        yield Mail(name, html_mail(name, page), words=words)
    name = "page: its set in itself"
    raw = html_mail(name, "").replace(b"; charset=utf-8", b"") + '<meta charset="gb2312"><p>朱镕基路</p>'.encode("gbk")
    yield Mail(name, raw, words="朱镕基路")
