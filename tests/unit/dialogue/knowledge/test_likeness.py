"""Nearly equal phrasings are found as if each were compared with each, in a small part of the time."""

import random

import pytest
from rapidfuzz import fuzz

from yizhan.dialogue.knowledge.likeness import ALIKE, alike

WORDS = (
    "什么时候",
    "可以",
    "退货",
    "发货",
    "门店",
    "周末",
    "快递",
    "会员",
    "积分",
    "怎么",
    "申请",
    "取消",
    "订单",
    "吗",
)


def every_pair(texts: list[str]) -> set[tuple[int, int]]:
    return {
        (one, other)
        for other in range(len(texts))
        for one in range(other)
        if texts[one] != texts[other]
        and min(len(texts[one]), len(texts[other])) >= 4
        and fuzz.ratio(texts[one], texts[other]) >= ALIKE
    }


@pytest.mark.parametrize("seed", range(5))
def test_no_pair_is_missed_and_none_invented(seed: int) -> None:
    source = random.Random(seed)
    texts = ["".join(source.choices(WORDS, k=source.randint(2, 6))) for _ in range(150)]
    for text in list(texts):  # with a letter changed, added or left out
        place = source.randrange(len(text))
        texts.append(text[:place] + source.choice(["", "的", "的" + text[place]]) + text[place + 1 :])
    texts = list(dict.fromkeys(texts))
    found = list(alike(texts))
    assert len(found) == len(set(found)), "a pair was told twice"
    assert set(found) == every_pair(texts)


def test_short_texts_are_not_compared() -> None:
    """Of three letters one is a third of the meaning."""
    assert list(alike(["退货吗", "退款吗"])) == []
