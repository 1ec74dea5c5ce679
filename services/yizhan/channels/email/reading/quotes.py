"""What the writer says this time: without what they quote and how they sign (reference F.5, and what we found besides).

Whoever answers below or between the quoted lines has said it there: then everything is kept, as it is when nothing would be
left. Rules look at one line at a time and at no line that is longer than such a line can be.
"""

import re

from yizhan.channels.email.reading.lines import Line, Made, joined

_LONGEST = 200

_ATTRIBUTIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\s*(?:在|于)\s?.{4,120}(?:写道|寫道)\s?[：:]?\s*",
        r".{0,80}(?:于|在|於)\s?.{4,80}(?:写道|寫道|写到|寫到)\s?[：:]\s*",
        r"\s*\d{4}[-年/.].{2,100}(?:写道|寫道)\s?[：:]\s*",
        r"\s*(?:on|at|le|am)\s.{6,150}\s(?:wrote|a écrit|schrieb)\b.{0,60}[：:]\s*",
        r"\s*.{2,80}<[^<>]{3,80}@[^<>]{3,80}>\s*(?:wrote|写道|寫道|於.{4,60}寫道|于.{4,60}写道)\s?[：:]\s*",
    )
)
_SEPARATOR = re.compile(
    r"\s*(?:[-_—–=*]{2,}\s*)(?:原始邮件|原始郵件|原邮件|邮件原件|回复的原邮件|回复的邮件|转发的原邮件|转发的邮件|转发邮件信息|转发邮件|轉寄郵件"
    r"|original message|original appointment|forwarded message|forwarded by .{1,60}|reply message|回复邮件)\s*[-_—–=*]{2,}\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-_—–=*]{5,}\s*")
_FROM = re.compile(r"\s*[|*>]?\s*(?:发件人|寄件者|寄件人|发送人|from|von|de)\s*\*?\s*[：:|].*", re.IGNORECASE)
_BESIDES = re.compile(
    r"\s*[|*>]?\s*(?:发送时间|发送日期|发件时间|日期|时间|寄件日期|傳送時間|收件人|收件者|抄送|主题|主旨|sent|date|to|cc|subject)\s*\*?\s*[：:|].*",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"\s*(?:(?:发自|發自|来自|來自|发送自|從)\s?(?:我的|我嘅|手机|網易|网易|腾讯|qq|outlook|foxmail|华为|小米|vivo|oppo|iphone|ipad|邮箱|139|189)"
    r".{0,60}|从\s?(?:outlook|windows|我的|手机).{0,40}(?:发送|傳送)?|sent from (?:my |mail for |outlook|yahoo|the |samsung|proton|huawei).{0,80}"
    r"|get outlook for .{0,40}|获取 ?outlook.{0,40}|下载 ?outlook.{0,40}|此?邮件由.{0,40}发送|via .{0,20}mail for .{0,20})[.。]?\s*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\s*(?:此致|敬礼|此致[，,\s]{0,3}敬礼|敬上|祝好|顺祝商祺|顺颂商祺|即颂商祺|敬祝商祺|祝商祺|祝生活愉快|祝工作顺利|祝您?(?:工作|生活|身体|一切).{1,8}"
    r"|顺祝.{1,8}|(?:with )?(?:best|kind|warm|many thanks and|thanks and|thanks &)?\s?(?:regards|wishes)|(?:yours )?(?:sincerely|faithfully|truly)"
    r"(?: yours)?|yours|cheers|best)\s*[,，.。!！~]?\s*",
    re.IGNORECASE,
)
_MOST_SIGNED = 8
_LONGEST_SIGNED = 60
_LIST_FOOTER = re.compile(r"\s*_{20,}\s*")


def new_words(lines: list[Line]) -> str:
    """What is new in a body; everything where that cannot be told. Empty only for a body without words."""
    unsigned = _without_signature(lines)
    cut = _cut(unsigned)
    own = [line for line in unsigned[:cut] if line.made is Made.OWN]
    if _answers_between(unsigned, cut):
        return joined(lines)
    return joined(_trimmed(own)) or joined(lines)


def has_quote(lines: list[Line]) -> bool:
    """Whether an earlier mail stands in the body, by any rule."""
    return _cut(lines) < len(lines) or any(line.made is Made.QUOTED for line in lines)


def _cut(lines: list[Line]) -> int:
    """The first line of the earliest quote's head; the number of lines where there is none."""
    for number, line in enumerate(lines):
        if line.made is Made.QUOTED:
            continue
        text = line.text
        if not text.strip() or len(text) > _LONGEST:
            continue
        if _SEPARATOR.fullmatch(text) or _attributes(text) or _attributes(_with_next(lines, number)):
            return number
        if _FROM.fullmatch(text) and _head_follows(lines, number):
            return number
    return len(lines)


def _attributes(text: str) -> bool:
    return len(text) <= _LONGEST and any(pattern.fullmatch(text) for pattern in _ATTRIBUTIONS)


def _with_next(lines: list[Line], number: int) -> str:
    """A line and the one or two it runs on in: programs fold "On … wrote:" and what Chinese ones write like it."""
    following = [line.text.strip() for line in lines[number + 1 : number + 3]]
    if re.match(r"\s*(?:on|at|在|于)\s?", lines[number].text, re.IGNORECASE) is None:
        return ""
    for count in (1, 2):
        whole = " ".join([lines[number].text.strip(), *following[:count]])
        if whole.rstrip().endswith((":", "：")) and _attributes(whole):
            return whole
    return ""


def _head_follows(lines: list[Line], number: int) -> bool:
    """From: alone is a form that a customer fills in; a mail's head has a second such line close by."""
    near = [line.text for line in lines[number + 1 : number + 7] if line.text.strip()]
    return sum(1 for text in near[:4] if len(text) <= 4 * _LONGEST and _BESIDES.fullmatch(text)) >= 1


def _answers_between(lines: list[Line], cut: int) -> bool:
    """Whether own words stand below the first quoted line."""
    first = next((number for number, line in enumerate(lines) if line.made is Made.QUOTED), len(lines))
    below = [line for line in lines[first:] if line.made is Made.OWN and line.text.strip()]
    heads = [line for line in below if _is_head(line.text)]
    return bool(below) and (len(below) > len(heads)) and (cut <= first or cut == len(lines))


def _is_head(text: str) -> bool:
    return len(text) <= _LONGEST and bool(
        _attributes(text)
        or _SEPARATOR.fullmatch(text)
        or _RULE.fullmatch(text)
        or _FROM.fullmatch(text)
        or _BESIDES.fullmatch(text)
    )


def _without_signature(lines: list[Line]) -> list[Line]:
    """Without the block below "-- ", lines of mail programs, and a closing with the name below it."""
    cut = _cut(lines)
    kept = [line for line in lines[:cut] if line.made is not Made.SIGNED and not _by_device(line.text)]
    kept = _until_delimiter(kept)
    kept = _until_closing(kept)
    rest = [line for line in lines[cut:] if line.made is not Made.SIGNED and not _by_device(line.text)]
    return kept + _until_delimiter(rest)


def _by_device(text: str) -> bool:
    return len(text) <= _LONGEST and _DEVICE.fullmatch(text) is not None


def _until_delimiter(lines: list[Line]) -> list[Line]:
    for number, line in enumerate(lines):
        if line.made is not Made.OWN:
            continue
        if line.text.rstrip("\r") in {"-- ", "--", "—"} or _LIST_FOOTER.fullmatch(line.text[:_LONGEST]):
            if not any(one.text.strip() for one in lines[:number]):
                continue
            quoted = (other for other in range(number, len(lines)) if lines[other].made is Made.QUOTED)
            return lines[:number] + lines[next(quoted, len(lines)) :]
    return lines


def _until_closing(lines: list[Line]) -> list[Line]:
    own = [number for number, line in enumerate(lines) if line.made is Made.OWN and line.text.strip()]
    for number in own[-_MOST_SIGNED - 1 :]:
        if number == own[0] or len(lines[number].text) > _LONGEST_SIGNED or not _CLOSING.fullmatch(lines[number].text):
            continue
        below = [lines[other].text for other in own if other > number]
        if all(len(text) <= _LONGEST_SIGNED and not re.search("[?？]", text) for text in below):
            return lines[:number] + [line for line in lines[number:] if line.made is not Made.OWN]
    return lines


def _trimmed(lines: list[Line]) -> list[Line]:
    """Without the rules that programs put above what they quote."""
    end = len(lines)
    while end and (not lines[end - 1].text.strip() or _RULE.fullmatch(lines[end - 1].text[:_LONGEST])):
        end -= 1
    return lines[:end]
