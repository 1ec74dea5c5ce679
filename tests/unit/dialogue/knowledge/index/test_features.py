"""A text is compared by its words, their order, what is meant, how it is spelt and how it sounds."""

import pytest

from yizhan.dialogue.knowledge.index.features import CONCEPTS, PAIRS, PIECES, SOUNDS, VIEWS, WORDS, features
from yizhan.dialogue.knowledge.normalise import normalise


def view(text: str, number: int) -> tuple[str, ...]:
    return features(normalise(text)).views[number]


@pytest.mark.parametrize(
    ("written", "spelt_out"),
    [
        ("I can't log in", "I can not log in"),
        ("It doesn't work", "It does not work"),
        ("I haven't received it", "I have not received it"),
        ("where's my order", "where my order"),
        ("I've paid", "I have paid"),
        ("I’m waiting", "I am waiting"),
        ("cannot pay", "can not pay"),
    ],
)
def test_a_contraction_is_what_it_stands_for(written: str, spelt_out: str) -> None:
    assert view(written, WORDS) == view(spelt_out, WORDS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("my cards were declined", "my card was declined"),
        ("cancelled orders", "cancelled order"),
        ("paying fees", "pay fee"),
        ("deliveries", "delivery"),
    ],
)
def test_endings_make_no_other_word(one: str, other: str) -> None:
    shared = set(view(one, WORDS)) & set(view(other, WORDS))
    assert len(shared) >= len(view(other, WORDS)) - 1
    assert len(shared) >= 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("refund", "reimbursement"),
        ("my phone is broken", "my mobile is faulty"),
        ("quickly", "fast"),
        ("the parcel is lost", "the package is missing"),
        ("包裹", "快递"),
        ("登录", "登陆"),
        ("多少钱", "几块钱"),
    ],
)
def test_other_words_for_the_same_thing_have_the_same_concepts(one: str, other: str) -> None:
    assert set(view(one, CONCEPTS)) & set(view(other, CONCEPTS))
    assert not set(view(one, WORDS)) & set(view(other, WORDS)) or one.count(" ")


@pytest.mark.parametrize(
    ("one", "other"), [("退货", "退款"), ("发货", "发票"), ("lock", "unlock"), ("buy", "sell"), ("红色", "蓝色")]
)
def test_words_for_other_things_have_no_concept_in_common(one: str, other: str) -> None:
    assert not set(view(one, CONCEPTS)) & set(view(other, CONCEPTS))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("什么时候发货", {"when"}),
        ("怎么退货", {"how"}),
        ("运费多少钱", {"much"}),
        ("how long does it take", {"how", "long"}),
        ("where is my order", {"where"}),
        ("退货", set()),
    ],
)
def test_the_kind_of_answer_that_is_wanted_is_told(text: str, kinds: set[str]) -> None:
    assert features(normalise(text)).kinds == kinds


def test_words_that_only_hold_a_sentence_together_do_not_tell_what_it_is_about() -> None:
    assert features("我的快递在哪里呀").telling == ("快递",)
    assert features("where is my order").telling == ("order",)


def test_pairs_tell_in_which_order_words_stand() -> None:
    assert view("from paris to london", PAIRS) != view("from london to paris", PAIRS)
    assert "pari 2 london" in view("from paris to london", PAIRS)
    assert sorted(view("from paris to london", WORDS)) == sorted(view("from london to paris", WORDS))


def test_pieces_are_what_misspelt_words_have_in_common() -> None:
    own, misspelt = set(view("refund", PIECES)), set(view("refnud", PIECES))
    assert own & misspelt
    assert {"退", "退货", "货流", "退货流"} <= set(view("退货流程", PIECES))
    assert "r" not in own


def test_a_run_of_chinese_sounds_and_a_latin_word_breaks_it() -> None:
    assert view("退货流程", SOUNDS) == view("退或流程", SOUNDS)
    assert view("退货", SOUNDS) == ("tui huo",)
    assert "huo liu" not in view("退货app流程", SOUNDS)
    assert view("tuihuo", SOUNDS) == ()


def test_pinyin_is_heard_in_questions_only() -> None:
    asked = features("tuihuo liucheng")
    assert asked.typed == features("退货流程").typed == features("退货流程").views[SOUNDS]
    assert asked.views[SOUNDS] == ()
    assert features("退货app流程").typed == features("退货app流程").views[SOUNDS]


def test_chinese_and_english_in_one_sentence_are_both_read() -> None:
    mixed = features(normalise("我的order什么时候ship呀"))
    assert {"order", "ship"} <= set(mixed.views[WORDS])
    assert "时候" in "".join(mixed.views[WORDS])
    assert "when" in mixed.kinds
    assert {"order", "ship"} <= set(mixed.telling)
    assert {"order", "orde"} & set(mixed.views[PIECES])


@pytest.mark.parametrize("text", ["", "12345", "é", "\u0301", "〇", "a" * 500, "发" * 500, "𠮷野家"])
def test_any_text_has_features_and_always_the_same(text: str) -> None:
    found = features(text)
    assert len(found.views) == len(VIEWS)
    assert features(text) == found


def test_an_empty_text_has_no_feature() -> None:
    assert features("").views == ((),) * len(VIEWS)
