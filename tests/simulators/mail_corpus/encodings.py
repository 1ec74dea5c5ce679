"""Character sets, transfer encodings and headers, right and wrong (reference F.4)."""

import base64
from collections.abc import Iterator

from tests.simulators.mail_corpus.mail import ANNA, Mail, head, id_of, in_base64, in_quoted, mail_of, text_mail

_ZH = "你好，我的订单 20261123 什么时候发货？"
_GBK_ONLY = "朱镕基路的快递到哪里了，㎡ 怎么算"
_TW = "請問訂單什麼時候到貨？"
_EN = "Where is my order 4711, please?"
_JA = "注文した商品はいつ届きますか"
_KO = "주문한 상품은 언제 도착하나요"
_DE = "Wann kommt meine Bestellung über 50 € — heute?"

_BODIES = (
    ("utf-8", "utf-8", _ZH),
    ("UTF8", "utf-8", _ZH),
    ("gb2312", "gb2312", _ZH),
    ("gb2312 with GBK characters", "gb18030", _GBK_ONLY),
    ("GBK", "gbk", _GBK_ONLY),
    ("gb18030", "gb18030", _GBK_ONLY),
    ("x-gbk", "gbk", _ZH),
    ("cp936", "gbk", _ZH),
    ("euc-cn", "gb2312", _ZH),
    ("GB_2312-80", "gbk", _GBK_ONLY),
    ("hz-gb-2312", "hz", "你好，订单"),
    ("big5", "big5", _TW),
    ("big5-hkscs", "big5hkscs", _TW),
    ("iso-2022-jp", "iso2022_jp", _JA),
    ("shift_jis", "cp932", _JA),
    ("euc-jp", "euc_jp", _JA),
    ("euc-kr", "euc_kr", _KO),
    ("ks_c_5601-1987", "cp949", _KO),
    ("koi8-r", "koi8_r", "Где мой заказ номер 4711"),
    ("windows-1252", "cp1252", _DE),
    ("windows-1251", "cp1251", "Где мой заказ номер 4711"),
    ("us-ascii", "ascii", _EN),
    ("utf-16", "utf-16", _ZH),
    ("utf-16le", "utf-16-le", _ZH),
    ("iso-8859-15", "iso8859_15", "Où est ma commande à 50 €"),
)
_DECLARED = {
    "UTF8": "UTF8",
    "gb2312 with GBK characters": "gb2312",
}


def charsets() -> Iterator[Mail]:
    for label, codec, text in _BODIES:
        declared = _DECLARED.get(label, label)
        for way, wrap in (("base64", in_base64), ("quoted-printable", in_quoted), ("8bit", bytes)):
            if way == "8bit" and codec.startswith("utf-16"):
                continue  # no line ends in it that a mail server would know
            name = f"charset {label} in {way}"
            raw = wrap(text.encode(codec))
            top = head(name, f"Content-Type: text/plain; charset={declared}", f"Content-Transfer-Encoding: {way}")
            yield Mail(name, mail_of(top, raw), words=text, message_id=id_of(name))
    mixed: tuple[tuple[str, str, bytes, str | None], ...] = (
        ("none declared, utf-8", "", _ZH.encode(), _ZH),
        ("none declared, gbk", "", _GBK_ONLY.encode("gbk"), _GBK_ONLY),
        ("ascii declared, utf-8", "us-ascii", _ZH.encode(), _ZH),
        ("ascii declared, gbk", "us-ascii", _GBK_ONLY.encode("gbk"), _GBK_ONLY),
        ("utf-8 declared, gbk", "utf-8", _GBK_ONLY.encode("gbk"), _GBK_ONLY),
        ("gbk declared, utf-8", "gbk", "订单号是多少".encode(), "订单号是多少"),
        ("latin-1 declared, utf-8", "iso-8859-1", _ZH.encode(), _ZH),
        ("unknown-8bit", "unknown-8bit", _ZH.encode(), _ZH),
        ("a set that is none", "x-martian", _ZH.encode("gb18030"), _ZH),
        ("a codec that is no set", "zlib", _EN.encode(), _EN),
        ("rot13", "rot13", _EN.encode(), _EN),
        ("punycode", "punycode", _EN.encode(), _EN),
        ("unicode_escape", "unicode_escape", b"C:\\new \\x41", "C:\\new \\x41"),
        ("quoted set name", '"utf-8"', _ZH.encode(), _ZH),
        ("a set with a NUL", "utf\x008", _ZH.encode(), _ZH),
        ("half a character at the end", "utf-8", "好的".encode()[:-1] + b" ok", None),
        ("a byte order mark", "utf-8", b"\xef\xbb\xbf" + _ZH.encode(), _ZH),
        ("control characters", "utf-8", b"a\x07b\x1b[31mc", "ab[31mc"),
        ("reading direction turned over", "utf-8", "pay \u202eabc".encode(), "pay abc"),
        ("emoji", "utf-8", "谢谢 👍🏽".encode(), "谢谢 👍🏽"),
    )
    for label, declared, raw, said in mixed:
        name = f"charset: {label}"
        kind = f"Content-Type: text/plain; charset={declared}" if declared else "Content-Type: text/plain"
        yield Mail(name, mail_of(head(name, kind, "Content-Transfer-Encoding: 8bit"), raw), words=said)


def transfers() -> Iterator[Mail]:
    long = " ".join(f"word{number}" for number in range(200))
    for label, way, raw, text in (
        ("base64 without its padding", "base64", b"5L2g5aW9", "你好"),
        ("base64 cut in a quantum", "base64", base64.b64encode(b"hello there")[:-3], "hello the"),
        ("base64 with spaces and dots", "base64", b"5L2g . 5aW9\r\n..\r\n", "你好"),
        ("base64 with a footer", "base64", base64.b64encode(b"hello") + b"\r\n_______\r\n", "hello"),
        ("base64 in one long line", "BASE64", base64.b64encode(long.encode()), long),
        ("quoted-printable with bad codes", "quoted-printable", b"100=% sure =ZZ", "100=% sure =ZZ"),
        ("quoted-printable cut", "quoted-printable", b"=E4=BD=A0=E5=A5=BD ok=", "你好 ok"),
        ("quoted-printable in small letters", "Quoted-Printable", b"=e4=bd=a0", "你"),
        ("7bit that is not", "7bit", "你好".encode(), "你好"),
        ("an encoding that is none", "x-none", "你好".encode(), "你好"),
        ("binary", "binary", "你好".encode(), "你好"),
        ("uuencoded", "x-uuencode", b"begin 644 a.txt\r\n%:&5L;&\\\r\n \r\nend\r\n", "hello"),
        ("an empty body", "base64", b"", ""),
        ("only padding", "base64", b"====", ""),
    ):
        name = f"transfer: {label}"
        top = head(name, "Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {way}")
        yield Mail(name, mail_of(top, raw), words=text)


def _word(text: str, codec: str, way: str = "B", label: str | None = None) -> str:
    raw = text.encode(codec)
    if way == "B":
        return f"=?{label or codec}?B?{base64.b64encode(raw).decode()}?="
    return f"=?{label or codec}?Q?{''.join(f'={byte:02X}' for byte in raw)}?="


def subjects() -> Iterator[Mail]:
    zh = "订单问题：什么时候发货"
    split = base64.b64encode("发货".encode()[:4]).decode(), base64.b64encode("发货".encode()[4:]).decode()
    for label, value, text in (
        ("utf-8 B", _word(zh, "utf-8"), zh),
        ("utf-8 Q", _word(zh, "utf-8", "Q"), zh),
        ("gb2312 that is gbk", _word("朱镕基路", "gbk", label="gb2312"), "朱镕基路"),
        ("gb18030", _word(zh, "gb18030"), zh),
        ("big5", _word("訂單", "big5"), "訂單"),
        ("a character cut between words", f"=?utf-8?B?{split[0]}?= =?utf-8?B?{split[1]}?=", "发货"),
        ("cut, of two ways", f"=?utf-8?B?{split[0]}?=\r\n =?UTF-8?Q?=B4=A7?=", "发货"),
        ("two sets", _word("订单", "gb2312") + " " + _word("发货", "utf-8"), "订单发货"),
        ("words between words", f"Re: {_word('订单', 'utf-8')} 42", "Re: 订单 42"),
        ("no space between", f"{_word('订单', 'utf-8')}{_word('发货', 'utf-8')}", "订单发货"),
        ("folded", f"{_word('订单', 'utf-8')}\r\n\t{_word('发货', 'utf-8')}", "订单发货"),
        ("with a language", "=?utf-8*zh?B?5L2g5aW9?=", "你好"),
        ("a set that is none", "=?x-martian?B?5L2g5aW9?=", "你好"),
        ("broken base64", "=?utf-8?B?5L2g5aW?=", None),
        ("unclosed", "=?utf-8?B?5L2g5aW9", "=?utf-8?B?5L2g5aW9"),
        ("spaces in Q", "=?utf-8?Q?hello there?=", "hello there"),
        ("underscores", "=?utf-8?Q?hello_there?=", "hello there"),
        ("raw utf-8", zh.encode(), zh),
        ("raw gbk", zh.encode("gbk"), zh),
        ("latin-1 bytes", "Café no 5".encode("latin-1"), None),
        (
            "line breaks in a word",
            "=?utf-8?B?" + base64.b64encode(b"a\r\nBcc: x@evil.example").decode() + "?=",
            "a Bcc: x@evil.example",
        ),
        ("a NUL in a word", "=?utf-8?Q?a=00b?=", "ab"),
        ("direction turned over", _word("a\u202egpj.exe", "utf-8"), "agpj.exe"),
        ("five hundred and more", "x" * 3000, "x" * 500),
        ("missing", "", ""),
        ("only spaces", "   ", ""),
        ("html in it", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("emoji", _word("👍 ok", "utf-8"), "👍 ok"),
        ("folded without a reason", "a\r\n b\r\n\tc", "a b c"),
    ):
        name = f"subject: {label}"
        yield Mail(name, text_mail(name, "hello", subject=value), words="hello", subject=text)


def senders() -> Iterator[Mail]:
    for label, value, address in (
        ("bare", ANNA, ANNA),
        ("angled", f"<{ANNA}>", ANNA),
        ("capital letters", "Anna@Customer.EXAMPLE", ANNA),
        ("quoted with a comma", f'"Doe, Anna" <{ANNA}>', ANNA),
        ("encoded name", f"{_word('安娜', 'utf-8')} <{ANNA}>", ANNA),
        ("encoded name with a comma", f"{_word('安,娜', 'utf-8', 'Q')} <{ANNA}>", ANNA),
        ("encoded in quotes", f'"{_word("安娜", "gb2312")}" <{ANNA}>', ANNA),
        ("raw gbk name", "安娜".encode("gbk") + f" <{ANNA}>".encode(), ANNA),
        ("raw utf-8 name", f"安娜 <{ANNA}>", ANNA),
        ("unclosed bracket", f"{_word('安娜', 'utf-8')} <{ANNA}", ANNA),
        ("unclosed quote", f'"Anna <{ANNA}>', ANNA),
        ("comment", f"{ANNA} (Anna at work)", ANNA),
        ("two authors", f"Anna <{ANNA}>, Bob <bob@other.example>", ANNA),
        ("spaces around", f"   Anna    <  {ANNA}  >", ANNA),
        ("an address for a name", f'"boss@bank.example" <{ANNA}>', ANNA),
        ("a group", f"Customers: Anna <{ANNA}>;", ANNA),
        ("a route", f"Anna <@relay.example:{ANNA}>", ANNA),
        ("plus and dots", "anna.b+shop@customer.example", "anna.b+shop@customer.example"),
        ("apostrophe", "o'neil@customer.example", "o'neil@customer.example"),
        ("umlaut domain", "anna@bücher.example", "anna@bücher.example"),
        ("chinese address", "安娜@例子.测试", "安娜@例子.测试"),
        ("semicolon", f"Anna <{ANNA}>; Bob <bob@other.example>", ANNA),
        ("encoded whole", f"=?utf-8?Q?Anna_=3C{ANNA.replace('@', '=40')}=3E?=", ""),
        ("no address", "Anna the customer", ""),
        ("only brackets", "<>", ""),
        ("missing", "", ""),
        ("nested comments", "(" * 300 + ")" * 300 + f" <{ANNA}>", ANNA),
        ("ten thousand commas", f"Anna <{ANNA}>" + "," * 10_000, ANNA),
    ):
        name = f"from: {label}"
        yield Mail(name, text_mail(name, "hello", from_=value), sender=address, words="hello")
    name = "from: twice"
    yield Mail(name, text_mail(name, "hello", "From: evil@other.example"), words="hello")
    name = "from: missing, sender given"
    yield Mail(name, text_mail(name, "hello", f"Sender: {ANNA}", from_=""), words="hello")
    name = "from: missing, return path given"
    yield Mail(name, text_mail(name, "hello", f"Return-Path: <{ANNA}>", from_=""), words="hello")


def dates() -> Iterator[Mail]:
    for label, value in (
        ("missing", ""),
        ("garbage", "yesterday at noon"),
        ("day 99", "Mon, 99 Nov 2026 09:15:00 +0800"),
        ("year 0", "Mon, 01 Jan 0000 00:00:00 +0000"),
        ("year 99999", "Mon, 01 Jan 99999 00:00:00 +0000"),
        ("zone of 99 hours", "Mon, 23 Nov 2026 09:15:00 +9999"),
        ("no zone", "Mon, 23 Nov 2026 09:15:00"),
        ("chinese", "2026年11月23日 09:15"),
        ("raw bytes", b"\xff\xfe\xfd"),
        ("iso", "2026-11-23T09:15:00Z"),
        ("very long", "Mon, " * 5000),
        ("in the future", "Mon, 23 Nov 2099 09:15:00 +0000"),
    ):
        name = f"date: {label}"
        yield Mail(name, text_mail(name, "hello", date=value), words="hello")
