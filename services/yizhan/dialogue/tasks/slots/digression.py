"""Whether a message is rather a question of its own than the answer to ours."""

import re

from yizhan.dialogue.tasks.slots.spelling import spell

_ASKS = re.compile(
    "什么|怎么|怎样|如何|为啥|为何|啥|几[号点天家个次件元块]|多少|多久|多大|哪|谁|是否|会不会|有没有|能不能|([\u4e00-\u9fff])不\\1|天气|下雨|上班|下班|营业|开门|活动"
    "|[?]|[吗么呢不没]$|(?<![a-z])(?:what|what's|how|when|where|which|why|who|is there|are there|do i|do you|can you|can i|could you|will i|will you|should i)(?![a-z])|^(?:is|are|do|does|did|can|could|will|would|should) "
)
_POLITE = re.compile(
    "(?:这样|也)?(?:可以|行|好|成|方便|ok)(?:吗|么|不|吧)?[?。 ]{0,2}$|(?:行不行|可不可以|好不好)[?。 ]{0,2}$"
)
"""明天可以吗 answers, and asks only whether the answer will do."""
_MOST_AROUND = 12
_LONGEST_AROUND = 100


def asks(text: str) -> bool:
    """The text wants to know something."""
    return _ASKS.search(_POLITE.sub("", spell(text).text.strip(), count=1)) is not None


def beside_the_point(text: str, start: int, end: int) -> bool:
    """So much stands around the stretch that a number in it is hardly the answer to a question for one."""
    if len(text) - (end - start) > _LONGEST_AROUND:  # looked at no further: it is asked for every number of a text
        return True
    around = text[:start] + text[end:]
    return sum(character.isalnum() for character in around) > _MOST_AROUND or asks(around)
