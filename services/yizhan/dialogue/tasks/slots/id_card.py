"""Citizen identity numbers of 18 places (GB 11643): region, date of birth, sequence and check character.

Retention: the number identifies a person for life, and a hash beside the masked number would not hide it (fewer than 40,000 dates of
birth are left to try), so no hash is made. ``Found.value`` is whole because a hospital's or a bank's backend needs it; it is
``private``: whoever keeps it drops it when the task ends. ``Found.shown`` has region and last four places only.
"""

import re
from datetime import date

from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear, one_of
from yizhan.dialogue.tasks.slots.spelling import spell

HINTS = ("身份证", "证件号", "id card", "id number", "identity")

# The first two digits of GB/T 2260, with 83 for residents from Taiwan. Numbers of foreign permanent residents begin with 9.
_REGIONS = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[0-9]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_NUMBER = re.compile(r"(?<![0-9a-z])[0-9](?:[ \-._]?[0-9]){10,23}(?: ?[x×*](?![0-9x×*]))?(?![0-9a-z])")
_HIDDEN = re.compile(r"(?<![0-9])[0-9]{3,6}[*•]{6,12}[0-9x]{2,4}")
_EARLIEST_YEAR = 1900


def masked(value: str) -> str:
    """110101********1234"""
    return value[:6] + "*" * 8 + value[14:]


def check_character(first_17: str) -> str:
    """The 18th place of a number, from the 17 digits before it (ISO 7064, MOD 11-2)."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_17, strict=True)) % 11]


def read(text: str, context: Context) -> Reading:
    """The identity number in the text. A number that fails is Unclear where one is expected, else another number's."""
    spelled = spell(text)
    expected = context.asked or any(hint in spelled.text for hint in HINTS)
    found: list[Found] = []
    problem: Unclear | None = None
    for match in _NUMBER.finditer(spelled.text):
        number = re.sub(r"[ \-._]", "", match.group()).replace("×", "x").replace("*", "x").upper()
        span = spelled.span(match.start(), match.end())
        reason = _fault(number, context.now.date())
        if reason is None:
            found.append(Found(number, masked(number), span, private=True))
        elif expected and not re.fullmatch(r"1[3-9][0-9]{9}", number):
            problem = problem or Unclear(reason, span)
    hidden = _HIDDEN.search(spelled.text)
    if hidden and expected:
        problem = problem or Unclear(Reason.MASKED, spelled.span(hidden.start(), hidden.end()))
    return one_of(found) if found else problem


def _fault(number: str, today: date) -> Reason | None:
    if len(number) == 15 and number.isdigit():
        return Reason.OLD_FORM
    if len(number) != 18:
        return Reason.TOO_SHORT if len(number) < 18 else Reason.TOO_LONG
    if not _REGIONS.fullmatch(number[:2]):
        return Reason.BAD_REGION
    if not _born(number[6:14], today):
        return Reason.BAD_DATE
    return None if check_character(number[:17]) == number[17] else Reason.CHECKSUM


def _born(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return born.year >= _EARLIEST_YEAR and born <= today
