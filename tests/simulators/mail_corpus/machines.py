"""Mails that no person wrote (reference F.2, F.3), and those that only look like it."""

from collections.abc import Iterator

from tests.simulators.mail_corpus.mail import ANNA, Mail, bound, head, html_mail, mail_of, part, text_mail
from tests.simulators.mail_corpus.threads import OURS
from yizhan.channels.email.letter import Automatic, BounceKind

_DAEMON = "MAILER-DAEMON@mx.example"


def automatic() -> Iterator[Mail]:
    for line, kind in (
        ("Auto-Submitted: auto-replied", Automatic.REPLY),
        ("Auto-Submitted: auto-replied (vacation)", Automatic.REPLY),
        ("auto-submitted: Auto-Replied; owner-email=x@y.example", Automatic.REPLY),
        ("Auto-Submitted: auto-generated", Automatic.GENERATED),
        ("Auto-Submitted: auto-notified", Automatic.GENERATED),
        ("Auto-Submitted: something-new", Automatic.GENERATED),
        ("Auto-Submitted: no", None),
        ("Precedence: bulk", Automatic.GENERATED),
        ("Precedence: junk", Automatic.GENERATED),
        ("Precedence: list", Automatic.LIST),
        ("Precedence: auto_reply", Automatic.REPLY),
        ("Precedence: first-class", None),
        ("X-Autoreply: yes", Automatic.REPLY),
        ("X-Autoreply: no", None),
        ("X-Autorespond: vacation", Automatic.REPLY),
        ("List-Id: <news.shop.example>", Automatic.LIST),
        ("List-Unsubscribe: <https://x.example/u>", Automatic.LIST),
        ("List-Post: <mailto:a@x.example>", Automatic.LIST),
        ("Return-Path: <>", Automatic.GENERATED),
        (f"Return-Path: <{ANNA}>", None),
        ("X-Auto-Response-Suppress: All", None),
        ("X-Auto-Response-Suppress: OOF, AutoReply", None),
        ("X-Mailer: Microsoft Outlook 16.0", None),
    ):
        name = f"automatic: {line}"
        yield Mail(name, text_mail(name, "hello", line), words="hello", automatic=kind)
    for local, kind in (
        ("noreply", Automatic.GENERATED),
        ("no-reply", Automatic.GENERATED),
        ("no_reply", Automatic.GENERATED),
        ("donotreply", Automatic.GENERATED),
        ("do-not-reply", Automatic.GENERATED),
        ("NoReply+4711", Automatic.GENERATED),
        ("orders-noreply", Automatic.GENERATED),
        ("mailer-daemon", Automatic.GENERATED),
        ("postmaster", Automatic.GENERATED),
        ("reply", None),
        ("norbert", None),
        ("replyson.no", None),
        ("nora", None),
    ):
        name = f"automatic sender: {local}"
        sender = f"{local}@x.example"
        yield Mail(name, text_mail(name, "hello", from_=sender), sender=sender.lower(), words="hello", automatic=kind)
    for subject, kind in (
        ("自动回复: 您的邮件", Automatic.REPLY),
        ("自动回复：您的邮件", Automatic.REPLY),
        ("自動回覆: x", Automatic.REPLY),
        ("Automatic reply: your mail", Automatic.REPLY),
        ("Out of Office: Anna", Automatic.REPLY),
        ("[Auto-Reply]: Anna", Automatic.REPLY),
        ("自动回复功能怎么用", None),
        ("Re: Automatic reply: your mail", None),
        ("out of office furniture, please", None),
    ):
        name = f"automatic subject: {subject}"
        yield Mail(name, text_mail(name, "hello", subject=subject), words="hello", automatic=kind, subject=subject)
    name = "automatic: read receipt"
    fields = part(
        f"Final-Recipient: rfc822;{ANNA}\r\nOriginal-Message-ID: {OURS}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n",
        "Content-Type: message/disposition-notification",
    )
    raw = _report(name, "disposition-notification", "It was read.", fields, from_=ANNA)
    yield Mail(name, raw, words="It was read.", automatic=Automatic.RECEIPT, files=())


def _report(
    name: str,
    kind: str,
    text: str,
    *parts: bytes,
    from_: str = _DAEMON,
    subject: str = "Undelivered Mail Returned to Sender",
) -> bytes:
    top = head(
        name, f'Content-Type: multipart/report; report-type={kind}; boundary="r-b"', from_=from_, subject=subject
    )
    return mail_of(top, bound("r-b", part(text, "Content-Type: text/plain; charset=utf-8"), *parts))


def _status(*blocks: str) -> bytes:
    body = (
        "\r\n\r\n".join(["Reporting-MTA: dns; mx.example\r\nArrival-Date: Mon, 23 Nov 2026 09:15:00 +0800", *blocks])
        + "\r\n"
    )
    return part(body, "Content-Type: message/delivery-status")


def _recipient(address: str, action: str, status: str, words: str = "smtp; 550 no such user") -> str:
    return f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: {words}"


def bounces() -> Iterator[Mail]:
    copy = part(f"Message-ID: {OURS}\r\nSubject: Your order\r\n", "Content-Type: text/rfc822-headers")
    whole = part(text_mail("ours", "hello", message_id=OURS), "Content-Type: message/rfc822")
    for label, blocks, kind, address in (
        ("failed", [_recipient(ANNA, "failed", "5.1.1")], BounceKind.FAILED, ANNA),
        ("delayed", [_recipient(ANNA, "delayed", "4.4.7")], BounceKind.LATER, ANNA),
        ("delivered", [_recipient(ANNA, "delivered", "2.0.0")], BounceKind.DELIVERED, ANNA),
        ("relayed", [_recipient(ANNA, "relayed", "2.0.0")], BounceKind.DELIVERED, ANNA),
        ("expanded", [_recipient(ANNA, "expanded", "2.0.0")], BounceKind.DELIVERED, ANNA),
        (
            "one of two failed",
            [_recipient("b@x.example", "delivered", "2.0.0"), _recipient(ANNA, "failed", "5.2.2")],
            BounceKind.FAILED,
            ANNA,
        ),
        ("no action", [f"Final-Recipient: rfc822; {ANNA}\r\nStatus: 5.1.1"], BounceKind.FAILED, ANNA),
        ("capital action", [_recipient(ANNA, "Failed", "5.0.0")], BounceKind.FAILED, ANNA),
        ("brackets", [_recipient(f"<{ANNA}>", "failed", "5.0.0")], BounceKind.FAILED, ANNA),
        ("no type", [f"Final-Recipient: {ANNA}\r\nAction: failed\r\nStatus: 5.0.0"], BounceKind.FAILED, ANNA),
        ("folded words", [_recipient(ANNA, "failed", "5.7.1", "smtp; 550\r\n 5.7.1 no")], BounceKind.FAILED, ANNA),
    ):
        for way, original in (("headers", copy), ("whole mail", whole), ("nothing", None)):
            name = f"bounce: {label}, {way} returned"
            parts = [_status(*blocks), *([original] if original else [])]
            raw = _report(name, "delivery-status", "Sorry.", *parts)
            yield Mail(
                name,
                raw,
                sender=_DAEMON.lower(),
                automatic=Automatic.BOUNCE,
                bounce=kind,
                bounced=OURS if original else "",
                recipient=address,
            )
    for label, subject, text, kind in (
        (
            "qq",
            "系统退信/Systems bounce",
            f"您的邮件无法发送到 {ANNA}\n原因：550 5.1.1 用户不存在\nMessage-ID: {OURS}",
            BounceKind.FAILED,
        ),
        (
            "163",
            "系统退信",
            f"抱歉，您的邮件被退回来了……\n收件人：{ANNA}\n550 User not found\nMessage-ID: {OURS}",
            BounceKind.FAILED,
        ),
        (
            "qmail",
            "failure notice",
            f"Hi.\n<{ANNA}>:\nSorry, no mailbox here by that name. (#5.1.1)\nMessage-ID: {OURS}",
            BounceKind.FAILED,
        ),
        (
            "exim",
            "Mail delivery failed: returning message to sender",
            f"{ANNA}\n550 5.1.1 unknown\nMessage-ID: {OURS}",
            BounceKind.FAILED,
        ),
        ("delayed", "Delivery delayed: your mail", f"{ANNA}\nwill be retried\nMessage-ID: {OURS}", BounceKind.LATER),
        (
            "delayed chinese",
            "退信通知：邮件投递延迟",
            f"{ANNA}\n451 4.7.1 稍后重试\nMessage-ID: {OURS}",
            BounceKind.LATER,
        ),
    ):
        for form, build in (("text", text_mail), ("page", html_mail)):
            name = f"bounce in words: {label}, {form}"
            written = text if form == "text" else "<p>" + text.replace("<", "&lt;").replace("\n", "</p><p>") + "</p>"
            raw = build(name, written, from_="postmaster@qq.com", subject=subject)
            yield Mail(name, raw, sender="postmaster@qq.com", automatic=Automatic.BOUNCE, bounce=kind, bounced=OURS)
    name = "bounce: failed recipients in a header"
    raw = text_mail(name, "no such user", f"X-Failed-Recipients: {ANNA}", f"In-Reply-To: {OURS}", from_="x@mx.example")
    yield Mail(
        name,
        raw,
        sender="x@mx.example",
        automatic=Automatic.BOUNCE,
        bounce=BounceKind.FAILED,
        bounced=OURS,
        parents=(OURS,),
    )
    for label, body in (
        ("empty status", b""),
        ("rubbish status", b"\xff\xfe\x00\n\n\n::\n"),
        ("a thousand blocks", b"Action: failed\n\n" * 1000),
    ):
        name = f"bounce: {label}"
        raw = _report(
            name, "delivery-status", "Sorry.", part(body, "Content-Type: message/delivery-status"), subject="report"
        )
        found = label == "a thousand blocks"
        yield Mail(
            name,
            raw,
            sender=_DAEMON.lower(),
            automatic=Automatic.BOUNCE if found else Automatic.GENERATED,
            bounce=BounceKind.FAILED if found else None,
        )
    name = "bounce: a customer who writes about one"
    yield Mail(
        name, text_mail(name, "我收到一封系统退信，怎么办？", subject="系统退信"), words="我收到一封系统退信，怎么办？"
    )
    name = "bounce: a customer who attaches a report"
    raw = mail_of(
        head(name, 'Content-Type: multipart/mixed; boundary="r-b"'),
        bound("r-b", part("why?", "Content-Type: text/plain"), _status(_recipient(ANNA, "failed", "5.1.1"))),
    )
    yield Mail(name, raw, words="why?")
