"""E-mail addresses, with the slips of a Chinese keyboard: "zhang@163。com", "zhang ＠ qq.com"."""

import re

from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear, one_of
from yizhan.dialogue.tasks.slots.spelling import spell

HINTS = ("邮箱", "邮件地址", "电子邮件", "e-mail", "email", "mail")

_ADDRESS = re.compile(
    r"(?<![a-z0-9._%+\-])([a-z0-9][a-z0-9._%+\-]{0,63}) {0,2}@ {0,2}"
    r"([a-z0-9\-]{1,63}(?: ?[.。] ?[a-z0-9\-]{1,63}| ?, ?(?:com|cn|net|org)(?![a-z])){0,5})(?![a-z0-9@])"
)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.){1,5}[a-z]{2,24}")
_SPELLED_OUT = re.compile(
    r"[a-z0-9]@|@[a-z0-9]|(?<![a-z0-9.])[a-z0-9._\-]{2,64}?(?:163|126|qq|gmail|outlook|hotmail|sina|foxmail)[.。]com"
)
_LONGEST = 254


def masked(value: str) -> str:
    """zh***@163.com; at most two characters of the name are left."""
    name, _, domain = value.partition("@")
    return name[: min(2, len(name) - 1)] + "***@" + domain


def read(text: str, context: Context) -> Reading:
    """The address in lower case."""
    spelled = spell(text)
    found: list[Found] = []
    problem: Unclear | None = None
    for match in _ADDRESS.finditer(spelled.text):
        domain = re.sub(" ", "", match.group(2)).replace("。", ".").replace(",", ".")
        value = f"{match.group(1)}@{domain}"
        span = spelled.span(match.start(), match.end())
        name = match.group(1)
        if not _DOMAIN.fullmatch(domain):
            problem = Unclear(Reason.NO_DOMAIN if "." not in domain else Reason.SPELLING, span)
        elif name.endswith(".") or ".." in name or len(value) > _LONGEST:
            problem = Unclear(Reason.SPELLING, span)
        else:
            found.append(Found(value, masked(value), span, private=True))
    if found:
        return one_of(found)
    slip = _SPELLED_OUT.search(spelled.text) if context.asked else None
    if problem is None and slip is not None:
        return Unclear(Reason.SPELLING, spelled.span(slip.start(), slip.end()))
    return problem
