"""The tokens are what an index is made of: when they change, the version must change with them."""

import pytest

from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.tokens import TOKENIZER_VERSION, tokenize

GOLDEN = [
    ("什么时候发货", ["qwhen", "kship", "m发货", "p发货", "c发", "c货"]),
    ("退款多久到账", ["qlong", "krefund", "m退款", "p退款", "c退", "c款", "w到账", "p到账", "c账"]),
    (
        "怎么开发票",
        ["qhow", "kinvoice", "w开发票", "p开发", "p发票", "c开", "c发", "c票"],
    ),
    ("我的狗丢了怎么办", ["qdeal", "klost", "w狗", "m丢了", "p的狗", "p狗丢", "p丢了", "c狗", "c丢"]),
    ("iphone 15能退", ["w退", "p能退", "c退", "liphon", "l15"]),
    ("how can i return my items", ["qhow", "qmay", "lreturn", "litem"]),
    (
        "开一张发票",
        ["kinvoice", "w开", "m发票", "p开一", "p一张", "p张发", "p发票", "c开", "c张", "c发", "c票"],
    ),
    ("你们在吗", []),
    ("", []),
]


def test_the_golden_tokens_belong_to_this_version() -> None:
    assert TOKENIZER_VERSION == "1.2"


@pytest.mark.parametrize(("text", "expected"), GOLDEN, ids=[case[0] or "nothing" for case in GOLDEN])
def test_golden_tokens(text: str, expected: list[str]) -> None:
    assert list(tokenize(text)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("什么时候发货", "啥时候发货"), ("怎么付钱", "如何付款"), ("快递到哪了", "包裹到哪了"), ("多少钱", "几块钱")],
)
def test_ways_to_say_the_same_share_a_concept_or_kind_of_question(one: str, other: str) -> None:
    def meanings(text: str) -> set[str]:
        return {token for token in tokenize(normalise(text)) if token[0] in "kq"}

    assert meanings(one) & meanings(other)
