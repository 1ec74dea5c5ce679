"""Ids: what a mail answers, told in every wrong way; and mails that claim what is not so."""

import hashlib
from collections.abc import Iterator

from tests.simulators.mail_corpus.mail import ANNA, Mail, id_of, text_mail

OURS = "<0198c1d0.1@shop.example>"
BEFORE = "<0198c1d0.0@shop.example>"


def threads() -> Iterator[Mail]:
    for label, lines, parents, references in (
        ("answers one", [f"In-Reply-To: {OURS}"], (OURS,), ()),
        ("answers one of a line", [f"In-Reply-To: {OURS}", f"References: {BEFORE} {OURS}"], (OURS,), (BEFORE,)),
        ("references only", [f"References: {BEFORE} {OURS}"], (), (BEFORE, OURS)),
        ("folded in the middle of an id", ["In-Reply-To: <0198c1d0.1@\r\n shop.example>"], (OURS,), ()),
        ("folded before the id", [f"In-Reply-To:\r\n {OURS}"], (OURS,), ()),
        ("prose around it", [f'In-Reply-To: Your message of "Mon, 23 Nov" {OURS}'], (OURS,), ()),
        ("prose without an id", ["In-Reply-To: Your message of Monday"], (), ()),
        ("no brackets", [f"In-Reply-To: {OURS.strip('<>')}"], (OURS,), ()),
        ("two parents", [f"In-Reply-To: {OURS} {BEFORE}"], (OURS, BEFORE), ()),
        ("twice the header", [f"In-Reply-To: {OURS}", f"In-Reply-To: {BEFORE}"], (OURS, BEFORE), ()),
        ("commas between", [f"References: {BEFORE},{OURS}"], (), (BEFORE, OURS)),
        ("no space between", [f"References: {BEFORE}{OURS}"], (), (BEFORE, OURS)),
        ("the same many times", ["References: " + f"{OURS} " * 50], (), (OURS,)),
        ("folded references", [f"References: {BEFORE}\r\n\t{OURS}\r\n"[:-2]], (), (BEFORE, OURS)),
        ("empty", ["In-Reply-To: ", "References: "], (), ()),
        ("brackets with nothing in them", ["In-Reply-To: <>", "References: < >"], (), ()),
        ("unclosed bracket", [f"In-Reply-To: {OURS[:-1]}"], (OURS,), ()),
        ("raw bytes", [b"References: <\xb6\xa9\xb5\xa5@x> " + OURS.encode()], (), None),
        ("forged references", [f"References: <anyone@bank.example> {OURS}"], (), ("<anyone@bank.example>", OURS)),
    ):
        name = f"thread: {label}"
        yield Mail(name, text_mail(name, "ok", *lines), words="ok", parents=parents, references=references)
    name = "thread: two thousand references"
    many = tuple(f"<m{number}@x.example>" for number in range(2000))
    yield Mail(name, text_mail(name, "ok", "References: " + "\r\n ".join(many)), words="ok", clipped=("headers",))
    name = "thread: an id of ten thousand characters"
    long = f"{'x' * 10_000}@shop.example"
    kept = f"<{hashlib.sha256(long.encode()).hexdigest()}@long-message-id.invalid>"
    yield Mail(name, text_mail(name, "ok", f"In-Reply-To: <{long}>"), words="ok", parents=(kept,))
    for who in ("anna", "bob"):
        name = f"thread: {who} of two who answer one"
        sender = f"{who}@customer.example"
        raw = text_mail(
            name, f"{who} here", f"In-Reply-To: {OURS}", from_=sender, cc="anna@customer.example, bob@customer.example"
        )
        yield Mail(name, raw, sender=sender, words=f"{who} here", parents=(OURS,))
    for label, subject in (
        ("re", "Re: Your order"),
        ("chinese", "回复：您的订单"),
        ("many", "Re: Re: 回复: Fw: x"),
        ("a token", "Re: [#4711] x"),
    ):
        name = f"thread: a forged subject, {label}"
        yield Mail(name, text_mail(name, "hello", subject=subject), words="hello", subject=subject, references=())


def own_ids() -> Iterator[Mail]:
    for label, value, expected in (
        ("folded", "<abc\r\n @customer.example>", "<abc@customer.example>"),
        ("no brackets", "abc@customer.example", "<abc@customer.example>"),
        ("no domain", "<abc>", "<abc>"),
        ("spaces", "  <a b@customer.example>  ", "<ab@customer.example>"),
        ("two", "<a@x.example> <b@x.example>", "<a@x.example>"),
        ("quotes", '<"a b"@x.example>', '<"ab"@x.example>'),
        ("chinese", "<订单@x.example>", "<订单@x.example>"),
    ):
        name = f"id: {label}"
        yield Mail(name, text_mail(name, "hello", message_id=value), words="hello", message_id=expected)
    for label, value in (("missing", ""), ("empty", "<>"), ("prose", "no id today"), ("only spaces", "   ")):
        name = f"id: {label}"
        yield Mail(name, text_mail(name, f"hello {label}", message_id=value), words=f"hello {label}")
    name = "id: claims to be ours"
    yield Mail(name, text_mail(name, "hello", message_id=OURS), words="hello", message_id=OURS)


def injections() -> Iterator[Mail]:
    """Headers within headers. The mail is the customer's all the same; nothing of it may become a header of ours."""
    for label, lines in (
        ("bcc in a folded subject", ["X-A: b\r\n Bcc: victim@x.example"]),
        ("a bare LF", [b"X-A: b\nBcc: victim@x.example"]),
        ("a bare CR", [b"X-A: b\rBcc: victim@x.example"]),
        ("a header without a name", [": nothing"]),
        ("a header without a value", ["X-Empty:"]),
        ("a space before the colon", ["X-A : b"]),
        ("rubbish among headers", ["this is no header at all"]),
        ("8-bit rubbish among headers", [b"\xff\xfe\xfa\xfb"]),
        ("a mailbox line in the middle", ["From anna Mon Nov 23 09:15:00 2026"]),
        ("a thousand headers", [f"X-{number}: v" for number in range(900)]),
        ("two subjects", ["Subject: second"]),
        ("a content type twice", ["Content-Type: text/html"]),
        ("a to header of many", ["Cc: " + ", ".join(f"p{number}@x.example" for number in range(300))]),
    ):
        name = f"injection: {label}"
        yield Mail(name, text_mail(name, "hello", *lines), words="hello", subject="About my order")
    for label, size in (("of 100 KiB", 100 << 10), ("of 2 MiB", 2 << 20)):
        name = f"injection: a header {label}"
        yield Mail(name, text_mail(name, "hello", "X-Big: " + "x" * size), words="hello")
        name = f"injection: a folded header {label}"
        raw = text_mail(name, "hello", "X-Big: " + "\r\n ".join(["x" * 70] * (size // 70)))
        yield Mail(name, raw, words="hello", clipped=("headers",))
    name = "injection: two thousand headers"
    raw = text_mail(name, "hello", *[f"X-{number}: v" for number in range(2000)])
    yield Mail(name, raw, words="hello", clipped=("headers",))
    name = "injection: a sender within a sender"
    yield Mail(
        name, text_mail(name, "hello", from_=f'"a\\"@evil.example" <{ANNA}>'), words="hello", message_id=id_of(name)
    )
