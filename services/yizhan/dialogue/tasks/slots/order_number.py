"""Numbers that a business gave: orders, parcels, registrations. Their shape is the business's own."""

import re
from dataclasses import dataclass

from yizhan.dialogue.tasks.slots import id_card, phone
from yizhan.dialogue.tasks.slots.digression import beside_the_point
from yizhan.dialogue.tasks.slots.number_shape import Shape, letters_and_digits
from yizhan.dialogue.tasks.slots.numerals import spoken_runs
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear, one_of
from yizhan.dialogue.tasks.slots.spelling import Spelled, spell

HINTS = ("订单", "单号", "编号", "流水号", "order")

_HINT_BEFORE = re.compile(
    r"(?:订单|单号|编号|流水号|order)(?: ?(?:号码?|编号|单号|number|num|no|id))?[ .]?"
    r"(?: ?(?:是的|应该是|是|为|：|:|#|=|\(|「|【|\[|,|is|was|叫|尾号))?[ :#\"'“]{0,3}$"
)
_HINT_AFTER = re.compile(r"[ \])】」]{0,2}(?:这个|这一|的|这张|那个|那张)?(?:订单|单子|单号|这单|那单|order)")
_HINT_REACH = 24
_TOKEN = re.compile(r"(?<![0-9a-z@])[0-9a-z]++(?:[-_./][0-9a-z]++){0,30}")
_DATE = re.compile(r"20[0-9]{2}[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12][0-9]|3[01])")
_COMPACT_DATE = re.compile("20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_SPACED = re.compile("(?<![0-9a-z])[0-9]{2,8}(?: [0-9]{1,8}){1,6}(?![0-9a-z])")
_OTHERS_BEFORE = re.compile("(?:会员号?|余额|卡号?|密码|邮编|qq号?|账号|账户|积分|工号|版本|型号)[是为: ]{0,2}$")
_PLAIN_ENOUGH = 6
"""This many digits make a number an order's even where nobody spoke of one."""
_WORD_DIGITS = 3
_HEX_WORDS = re.compile(r"https?|www|[a-z]++[0-9]{1,4}|[0-9]{1,4}(?:am|pm|st|nd|rd|th|k|days?)")


@dataclass(frozen=True, slots=True)
class OrderNumberRules:
    """``shape`` None: 6 to 32 letters and digits, one digit at least, "-" and "_" inside allowed."""

    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    found: Found
    hinted: bool
    sure: bool


def read(text: str, rules: OrderNumberRules, context: Context) -> Reading:
    """The order number, in capitals and with the shape's own separators. Customers may leave those out or mistype them.

    Where nobody asked or spoke of an order, only what can hardly be anything else is taken.
    """
    spelled = spell(text)
    view = spoken_runs(spelled.text)
    shape = rules.shape
    places = letters_and_digits(view) if shape is None else shape.places(view)
    candidates = [_weighed(spelled, view, value, start, end, shape, context) for value, start, end in places]
    hinted = [each.found for each in candidates if each.hinted]
    if hinted:
        return one_of(hinted)
    sure = [each.found for each in candidates if each.sure]
    if sure:
        return one_of(sure)
    if context.asked:
        return (
            _spaced(spelled, view, shape)
            or one_of([each.found for each in candidates if shape is not None])
            or _misshapen(spelled, view, shape)
        )
    return None


def _weighed(
    spelled: Spelled, view: str, value: str, start: int, end: int, shape: Shape | None, context: Context
) -> _Candidate:
    found = Found(value, value, spelled.span(start, end))
    hinted = bool(_HINT_BEFORE.search(view[max(0, start - _HINT_REACH) : start]) or _HINT_AFTER.match(view, end))
    written = view[start:end]
    digits = sum(character.isdigit() for character in value)
    known = _is_another_number(value, context) or (shape is None and _DATE.fullmatch(written) is not None)
    wordlike = shape is None and (digits < _WORD_DIGITS or _HEX_WORDS.fullmatch(written) is not None)
    if context.asked:
        sure = not known and not (wordlike and digits < _WORD_DIGITS)
    else:
        known = known or _COMPACT_DATE.fullmatch(written) is not None
        known = known or _OTHERS_BEFORE.search(view[max(0, start - _HINT_REACH) : start]) is not None
        sure = not known and len(value) >= (8 if shape else 10) and digits >= _PLAIN_ENOUGH
    return _Candidate(found, hinted and digits > 0 and not (wordlike and digits < _WORD_DIGITS), sure)


def _is_another_number(value: str, context: Context) -> bool:
    """It reads as a telephone number or an identity card, which order numbers are rarely mistaken for."""
    unasked = Context(context.now)
    return any(
        isinstance(reading, Found) and reading.span.end - reading.span.start == len(value)
        for reading in (
            phone.read(value, phone.PhoneRules(), unasked),
            id_card.read(value, unasked),
        )
    )


def _spaced(spelled: Spelled, view: str, shape: Shape | None) -> Reading:
    """One number in groups of digits, where its shape is not known: 2026 1103 8821 3."""
    spaced = _SPACED.search(view) if shape is None else None
    if spaced is None:
        return None
    value = spaced.group().replace(" ", "")
    if not 8 <= len(value) <= 32 or re.fullmatch(r"(?:86)?1[3-9][0-9]{9}", value):
        return None
    return Found(value, value, spelled.span(spaced.start(), spaced.end()))


def _misshapen(spelled: Spelled, view: str, shape: Shape | None) -> Reading:
    """What is wrong with the number that an asked customer wrote."""
    for token in _TOKEN.finditer(view):
        bare = re.sub(r"[^0-9a-z]", "", token.group())
        digits = sum(character.isdigit() for character in bare)
        if digits < _WORD_DIGITS or _DATE.fullmatch(token.group()):
            continue
        hinted = _HINT_BEFORE.search(view[max(0, token.start() - _HINT_REACH) : token.start()])
        if not hinted and beside_the_point(view, token.start(), token.end()):
            continue
        span = spelled.span(token.start(), token.end())
        if re.fullmatch(r"(?:86)?1[3-9][0-9]{9}", bare):
            return Unclear(Reason.LOOKS_LIKE_PHONE, span)
        if shape is not None:
            return Unclear(Reason.SHAPE, span)
        return Unclear(Reason.TOO_SHORT if len(bare) < 6 else Reason.TOO_LONG if len(bare) > 32 else Reason.SHAPE, span)
    return None
