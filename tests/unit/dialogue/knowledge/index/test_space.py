"""How alike two texts are: 1 to itself, 0 to what shares nothing, and the same both ways."""

import numpy as np
import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge.index.features import SOUNDS, VIEWS
from yizhan.dialogue.knowledge.index.neighbours import gram, neighbours
from yizhan.dialogue.knowledge.index.question import read
from yizhan.dialogue.knowledge.index.space import Likeness, Space, build

TEXTS = (
    "怎么申请退货",
    "退货流程是什么",
    "退款多久到账",
    "运费是多少",
    "How can I cancel my order?",
    "我的order怎么cancel",
    "app打不开",
    "12345",
    "",
    "怎么申请退货",
)


def space(*texts: str) -> Space:
    return build([read(text).features for text in texts])


SPACE = space(*TEXTS)


def likeness(text: str, within: Space = SPACE) -> Likeness:
    return within.likeness(read(text).features)


@pytest.mark.parametrize("place", [place for place, text in enumerate(TEXTS) if text])
def test_a_text_is_wholly_like_itself_and_not_more_like_anything_else(place: int) -> None:
    whole = likeness(TEXTS[place]).whole
    assert whole[place] == pytest.approx(1.0, abs=1e-5)
    assert whole.max() <= 1.0 + 1e-5
    assert whole.min() >= 0.0


def test_equal_texts_are_equally_like_everything() -> None:
    assert likeness("运费退货").whole[0] == likeness("运费退货").whole[-1]


def test_the_likeness_of_rows_to_rows_is_that_of_questions_to_rows_and_the_same_both_ways() -> None:
    whole = gram(SPACE)
    assert np.allclose(whole, whole.T, atol=1e-6)
    for place, text in enumerate(TEXTS):
        # Latin words are heard as pinyin in questions only; none of these may be.
        assert whole[place] == pytest.approx(likeness(text).whole, abs=1e-5), text


def test_the_likeness_of_the_demo_shops_phrasings_makes_a_kernel() -> None:
    """No combination of rows is less than nothing like itself, or learning votes would not end."""
    whole = gram(space(*(phrasing for entry in faq.entries()[::3] for phrasing in entry.phrasings)))
    assert float(np.linalg.eigvalsh(whole.astype(np.float64)).min()) > -1e-3


def test_each_view_is_a_likeness_too() -> None:
    for view in likeness("怎么申请退货").views:
        assert view[0] == pytest.approx(1.0, abs=1e-5)
        assert view[3] < 0.7
    assert len(likeness("x").views) == len(VIEWS)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("退货流程火星殖民地", "退货流程"),
        ("cancel my zebra order quickly", "cancel my order"),
        ("运费是多少以及量子力学", "运费是多少"),
    ],
)
def test_words_that_nobody_knows_make_a_question_less_like_what_is_known(less: str, more: str) -> None:
    assert likeness(less).whole.max() < likeness(more).whole.max()


def test_rare_words_count_more_than_common_ones() -> None:
    within = space("怎么退货", "怎么换货", "怎么付款", "怎么发票")
    whole = likeness("发票", within).whole
    assert whole.argmax() == 3
    common = likeness("怎么", within).whole
    assert common.max() < whole.max()


def test_pinyin_in_a_question_sounds_like_the_rows_in_characters() -> None:
    assert likeness("tuihuo liucheng").views[SOUNDS][1] > 0.4
    assert likeness("tuihuo liucheng").views[SOUNDS][4] == 0.0


@pytest.mark.parametrize("text", ["", "？？", "zzzz qqqq", "😀"])
def test_what_shares_nothing_is_like_nothing(text: str) -> None:
    assert not likeness(text).whole.any()


@pytest.mark.parametrize("texts", [(), ("",), ("", "")], ids=["no row", "an empty row", "empty rows"])
def test_rows_without_anything_are_like_nothing(texts: tuple[str, ...]) -> None:
    within = space(*texts)
    assert within.size == len(texts)
    assert not likeness("怎么退货", within).whole.any()
    assert not gram(within).any()


def test_the_neighbours_of_a_row_are_the_rows_most_like_it_and_itself() -> None:
    whole, near = gram(SPACE), neighbours(SPACE, 3)
    for place, text in enumerate(TEXTS):
        own = [row for row in near.rows[place] if row >= 0]
        if not text:
            assert own == []
            continue
        assert place in own
        worst_kept = min(whole[place, row] for row in own)
        others = [whole[place, row] for row in range(len(TEXTS)) if row not in own]
        assert max(others) <= worst_kept + 1e-6
        assert [near.likeness[place, i] for i, row in enumerate(near.rows[place]) if row >= 0] == pytest.approx(
            [whole[place, row] for row in own], abs=1e-6
        )


def test_neighbours_among_some_rows_are_numbered_by_their_places_there() -> None:
    kept = np.array([1, 2, 5])
    among = neighbours(SPACE, len(TEXTS)).among(kept)
    alone = gram(SPACE)[np.ix_(kept, kept)]
    for place in range(len(kept)):
        seen = {
            int(row): float(like)
            for row, like in zip(among.rows[place], among.likeness[place], strict=True)
            if row >= 0
        }
        assert all(0 <= row < len(kept) for row in seen)
        assert {row: pytest.approx(float(alone[place, row]), abs=1e-6) for row in seen} == seen
        assert {row for row in range(len(kept)) if alone[place, row] > 0} == set(seen)
