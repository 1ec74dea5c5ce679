"""Parts in parts, files, and mails that are hardly any."""

from collections.abc import Iterator

from tests.simulators.mail_corpus.mail import (
    Mail,
    bound,
    head,
    html_mail,
    id_of,
    in_base64,
    mail_of,
    multipart,
    nested,
    part,
    text_mail,
)

_TEXT = part("hello", "Content-Type: text/plain; charset=utf-8")
_PAGE = part("<p>hello</p>", "Content-Type: text/html; charset=utf-8")
_PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")


def _file(kind: str, *headers: str | bytes, data: bytes = b"data") -> bytes:
    return part(in_base64(data), f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *headers)


def multiparts() -> Iterator[Mail]:
    inline = _file("image/png", "Content-ID: <cup@x>", "Content-Disposition: inline; filename=cup.png", data=_PNG)
    page = part('<p>hello</p><img src="cid:cup@x">', "Content-Type: text/html; charset=utf-8")
    for label, kind, parts, files in (
        ("alternative", "alternative", (_TEXT, _PAGE), ()),
        ("alternative turned round", "alternative", (_PAGE, _TEXT), ()),
        ("alternative with an empty text", "alternative", (part("  \r\n", "Content-Type: text/plain"), _PAGE), ()),
        ("mixed", "mixed", (_TEXT, _file("application/pdf; name=a.pdf")), ("a.pdf",)),
        ("related", "related", (page, inline), ("cup.png",)),
        ("alternative with related", "alternative", (_TEXT, nested("related", "in-b", page, inline)), ("cup.png",)),
        ("mixed with alternative", "mixed", (nested("alternative", "in-b", _TEXT, _PAGE), inline), ("cup.png",)),
        ("signed", "signed", (_TEXT, _file("application/pkcs7-signature; name=smime.p7s")), ("smime.p7s",)),
        ("pgp signed", "signed", (_TEXT, _file("application/pgp-signature")), ("attachment-1.bin",)),
        ("a subtype that is none", "martian", (_TEXT,), ()),
        ("a boundary of the outer's letters", "mixed", (nested("mixed", "outer-b2", _TEXT),), ()),
        (
            "an attached mail",
            "mixed",
            (_TEXT, part(text_mail("inner", "inside"), "Content-Type: message/rfc822")),
            ("attachment-2.eml",),
        ),
        (
            "an invitation",
            "mixed",
            (_TEXT, _file("text/calendar; method=REQUEST; charset=utf-8", data=b"BEGIN:VCALENDAR")),
            ("attachment-1.ics",),
        ),
        (
            "an invitation among alternatives",
            "alternative",
            (_TEXT, _PAGE, part("BEGIN:VCALENDAR", "Content-Type: text/calendar")),
            ("attachment-1.ics",),
        ),
        ("winmail.dat", "mixed", (_TEXT, _file("application/ms-tnef; name=winmail.dat")), ("winmail.dat",)),
        ("a zip", "mixed", (_TEXT, _file("application/zip; name=all.zip", data=b"PK\x03\x04")), ("all.zip",)),
        ("a text file", "mixed", (_TEXT, _file("text/plain; name=notes.txt")), ("notes.txt",)),
        (
            "a page as a file",
            "mixed",
            (_TEXT, _file("text/html", "Content-Disposition: attachment; filename=a.html")),
            ("a.html",),
        ),
        ("an empty part", "mixed", (b"\r\n", _TEXT), ()),
        (
            "sixty files",
            "mixed",
            (_TEXT, *[_file(f"image/png; name=a{n}.png") for n in range(60)]),
            tuple(f"a{n}.png" for n in range(50)),
        ),
    ):
        name = f"parts: {label}"
        files_of = files if label != "an attached mail" else ("attachment-1.eml",)
        clipped = ("attachments",) if label == "sixty files" else ()
        yield Mail(name, multipart(name, kind, *parts), words="hello", files=files_of, clipped=clipped)
    name = "parts: three hundred"
    yield Mail(name, multipart(name, "mixed", _TEXT, *[b"\r\n"] * 300), words="hello", clipped=("parts",))
    for depth in (8, 12, 500):
        inner = _TEXT
        for level in range(depth):
            inner = nested("mixed", f"b{level}-", inner)
        name = f"parts: {depth} deep"
        clipped = ("depth",) if depth > 9 else ()
        yield Mail(name, multipart(name, "mixed", inner), words=None if clipped else "hello", clipped=clipped)
    name = "parts: text, picture, text"
    raw = multipart(
        name, "mixed", part("before", "Content-Type: text/plain"), inline, part("after", "Content-Type: text/plain")
    )
    yield Mail(name, raw, words="before\nafter", files=("cup.png",))
    name = "parts: sealed"
    top = head(name, "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m")
    yield Mail(name, mail_of(top, b"\x30\x80"), words="", files=("smime.p7m",))
    name = "parts: flowed text"
    flowed = "This is \r\none line.\r\n\r\n> quoted \r\n> too\r\n"
    yield Mail(
        name, mail_of(head(name, "Content-Type: text/plain; format=flowed"), flowed.encode()), words="This is one line."
    )


def boundaries() -> Iterator[Mail]:
    good = bound("b-1", _TEXT)
    for label, kind, body, words in (
        ("not declared", "multipart/mixed", bound("guess-me", _TEXT), "hello"),
        ("declared wrong", "multipart/mixed; boundary=other", bound("guess-me", _TEXT), "hello"),
        ("without quotes", "multipart/mixed; boundary=b-1", good, "hello"),
        ("with spaces after", 'multipart/mixed; boundary="b-1"', good.replace(b"--b-1\r\n", b"--b-1  \r\n"), "hello"),
        ("never closed", "multipart/mixed; boundary=b-1", good.replace(b"--b-1--\r\n", b""), "hello"),
        ("closed at once", "multipart/mixed; boundary=b-1", b"--b-1--\r\n", None),
        ("never opened", "multipart/mixed; boundary=b-1", b"hello\r\n", "hello"),
        ("a preamble", "multipart/mixed; boundary=b-1", b"This is MIME.\r\n" + good, "hello"),
        ("an epilogue", "multipart/mixed; boundary=b-1", good + b"bye\r\n", "hello"),
        ("within a line", "multipart/mixed; boundary=b-1", good.replace(b"hello", b"hello --b-1 x"), "hello --b-1 x"),
        ("folded", 'multipart/mixed;\r\n\tboundary="b-1"', good, "hello"),
        ("with a charset", 'multipart/mixed; charset=gbk; boundary="b-1"', good, "hello"),
        ("LF only", "multipart/mixed; boundary=b-1", good.replace(b"\r\n", b"\n"), "hello"),
        ("an empty one", 'multipart/mixed; boundary=""', good, "hello"),
        ("signs of patterns", 'multipart/mixed; boundary="(.*)+?="', bound("(.*)+?=", _TEXT), "hello"),
    ):
        name = f"boundary: {label}"
        yield Mail(name, mail_of(head(name, f"Content-Type: {kind}"), body), words=words)


def file_names() -> Iterator[Mail]:
    for label, header, name_of in (
        ("plain", 'filename="a.pdf"', "a.pdf"),
        ("without quotes", "filename=a.pdf", "a.pdf"),
        ("rfc 2231", "filename*=utf-8''%E8%AE%A2%E5%8D%95.pdf", "订单.pdf"),
        ("rfc 2231 in gbk", "filename*=gb2312''%B6%A9%B5%A5.pdf", "订单.pdf"),
        ("rfc 2231 in pieces", "filename*0*=utf-8''%E8%AE%A2; filename*1*=%E5%8D%95; filename*2=.pdf", "订单.pdf"),
        ("pieces out of order", 'filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
        ("both kinds", "filename=x.pdf; filename*=utf-8''%E8%AE%A2%E5%8D%95.pdf", "订单.pdf"),
        ("encoded word in quotes", 'filename="=?utf-8?B?6K6i5Y2VLnBkZg==?="', "订单.pdf"),
        ("encoded word in gbk", 'filename="=?gb2312?B?tqm1pS5wZGY=?="', "订单.pdf"),
        ("raw gbk", b'filename="\xb6\xa9\xb5\xa5.pdf"', "订单.pdf"),
        ("raw utf-8", 'filename="订单.pdf"', "订单.pdf"),
        ("a path", 'filename="../../etc/passwd"', "passwd"),
        ("a windows path", r'filename="C:\\Users\\a\\b.pdf"', "b.pdf"),
        ("control characters", 'filename="=?utf-8?Q?a=00=0Ab.pdf?="', "a b.pdf"),
        ("direction turned over", 'filename="=?utf-8?B?4oCuZmRwLmV4ZQ==?="', "fdp.exe"),
        ("reserved", 'filename="CON.txt"', "_CON.txt"),
        ("dots", 'filename="..."', "attachment-1.bin"),
        ("empty", 'filename=""', "attachment-1.bin"),
        ("missing", "", "attachment-1.bin"),
        ("very long", f'filename="{"x" * 500}.pdf"', "x" * 116 + ".pdf"),
        ("quotes inside", r'filename="a\"b.pdf"', "ab.pdf"),
        ("semicolon inside", 'filename="a;b.pdf"', "a;b.pdf"),
        ("unclosed quote", 'filename="a.pdf', "a.pdf"),
        ("spaces", 'filename="  a  b.pdf  "', "a b.pdf"),
        ("markup", 'filename="<img src=x>.pdf"', "img src=x.pdf"),
    ):
        name = f"file name: {label}"
        line = b"Content-Disposition: attachment; " + (header.encode() if isinstance(header, str) else header)
        raw = multipart(name, "mixed", _TEXT, _file("application/octet-stream", line))
        yield Mail(name, raw, words="hello", files=(name_of,))
    name = "file name: in the type"
    yield Mail(name, multipart(name, "mixed", _TEXT, _file('application/pdf; name="a.pdf"')), files=("a.pdf",))
    name = "file name: a type that is none"
    yield Mail(name, multipart(name, "mixed", _TEXT, _file("../../x; name=a.bin")), words=None)


def broken() -> Iterator[Mail]:
    whole = text_mail("broken", "hello")
    for label, raw, sender, words in (
        ("nothing", b"", "", ""),
        ("one line end", b"\r\n", "", ""),
        ("only a body", b"\r\nhello", "", None),
        ("no body", whole.partition(b"\r\n\r\n")[0], None, ""),
        ("no body but its line", whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", None, ""),
        ("LF only", whole.replace(b"\r\n", b"\n"), None, "hello"),
        ("CR only", whole.replace(b"\r\n", b"\r"), None, "hello"),
        ("line ends mixed", whole.replace(b"\r\n", b"\n", 3), None, "hello"),
        ("doubled CR", whole.replace(b"\r\n", b"\r\r\n"), None, "hello"),
        ("empty lines first", b"\r\n\r\n" + whole, None, "hello"),
        ("a mailbox line first", b"From anna Mon Nov 23 09:15:00 2026\r\n" + whole, None, "hello"),
        ("no line between head and body", head("broken") + b"hello there\r\n", None, "hello there"),
        ("a NUL in the body", text_mail("broken", "a\x00b"), None, "ab"),
        ("a NUL in the head", whole.replace(b"About", b"Ab\x00out"), None, "hello"),
        ("random bytes", bytes(range(256)) * 64, "", None),
        ("zeroes", b"\x00" * 10_000, "", None),
        ("a million colons", b":" * 1_000_000, "", None),
        ("a million line ends", b"\n" * 1_000_000, "", ""),
        ("a million words", text_mail("broken", "word " * 300_000), None, None),
        ("one long line", text_mail("broken", "x" * 500_000), None, None),
        ("a picture", _PNG, "", None),
    ):
        name = f"broken: {label}"
        clipped = ("full_text", "text") if label in {"a million words", "one long line"} else ()
        if sender is None:
            yield Mail(name, raw, words=words, clipped=clipped)
        else:
            yield Mail(name, raw, sender=sender, words=words)
    for cut in range(20, len(whole), 17):
        name = f"broken: cut after {cut} bytes"
        yield Mail(name, whole[:cut], sender=None, words=None)
    name = "broken: a page without words"
    yield Mail(name, html_mail(name, ""), words="", message_id=id_of(name))
