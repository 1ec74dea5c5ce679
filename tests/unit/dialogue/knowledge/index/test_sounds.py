"""What sounds the same to many speakers is written with the same syllables."""

import pytest

from yizhan.dialogue.knowledge.index.sounds import sound, spoken, syllables


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("退或", "退货"),
        ("资道", "知道"),
        ("陈功", "成功"),
        ("十十", "四四"),
        ("银杏", "迎新"),
        ("运废", "运费"),
        ("发漂", "发票"),
        ("登路", "登录"),
    ],
    ids=["huo", "zh and z", "-eng and -en", "sh and s", "-ing and -in", "fei", "piao", "lu"],
)
def test_what_is_typed_by_ear_sounds_like_what_was_meant(said: str, meant: str) -> None:
    assert spoken(said) == spoken(meant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("退货", "退款"),
        ("发货", "发票"),
        ("三", "山河"),
        ("买", "没"),
        ("那", "拿来"),
        ("发", "华"),
        ("优惠卷", "优惠券"),
    ],
)
def test_other_words_sound_otherwise(one: str, other: str) -> None:
    assert spoken(one) != spoken(other)


@pytest.mark.parametrize(
    ("typed", "characters"),
    [
        ("zenme", "怎么"),
        ("tuihuo", "退货"),
        ("fahuo", "发货"),
        ("shouhou", "售后"),
        ("kuaidi", "快递"),
        ("youhuiquan", "优惠券"),
        ("dingdan", "订单"),
        ("zhifubao", "支付宝"),
        ("zhuangtai", "状态"),
        ("shenme", "什么"),
        ("nv", "女"),
    ],
)
def test_pinyin_is_cut_into_the_syllables_of_the_characters(typed: str, characters: str) -> None:
    assert list(syllables(typed)) == spoken(characters)


@pytest.mark.parametrize(
    ("typed", "cut"),
    [("xian", ("xian",)), ("fangan", ("fan", "gan")), ("mao", ("mao",)), ("a", ("a",)), ("dangao", ("dan", "gao"))],
)
def test_of_several_cuts_the_one_with_the_fewest_syllables_is_taken(typed: str, cut: tuple[str, ...]) -> None:
    assert syllables(typed) == cut


@pytest.mark.parametrize(
    "word",
    [
        *("order", "the", "refund", "iphone", "abc", "ng", "zzz"),
        *("", "zenme1", "ZENME", "xi'an", "zen me", "怎么", "é", "ni" * 13),
    ],
)
def test_a_word_that_is_no_pinyin_has_no_syllables(word: str) -> None:
    assert syllables(word) == ()


@pytest.mark.parametrize("character", ["a", "1", "\U0003fffd", "〇", "😀"])
def test_every_character_has_some_sound(character: str) -> None:
    assert isinstance(sound(character), str)
    assert sound(character)
