"""What is shown of a message that was found."""

import pytest

from yizhan.core.words.places import places_of, words_of
from yizhan.dialogue.search.excerpt import BEFORE, LENGTH, excerpt_of


def shown(text: str, query: str) -> tuple[str, list[str]]:
    found = excerpt_of(text, places_of(words_of(query), text) or ())
    return found.text, [found.text[hit.start : hit.end] for hit in found.hits]


@pytest.mark.parametrize(
    ("text", "query", "excerpt", "hits"),
    [
        pytest.param("我要退款", "退款", "我要退款", ["退款"], id="a short message as it is"),
        pytest.param("退\n款\t怎么\x00办", "怎么", "退 款 怎么 办", ["怎么"], id="on one line"),
        pytest.param("請問何時發貨", "发货", "請問何時發貨", ["發貨"], id="as it was written"),
        pytest.param("退款，退款", "退款", "退款，退款", ["退款", "退款"], id="all places"),
        pytest.param(
            "长" * 100 + "退款" + "短" * 200,
            "退款",
            "…" + "长" * BEFORE + "退款" + "短" * (LENGTH - BEFORE - 2) + "…",
            ["退款"],
            id="cut at both ends",
        ),
        pytest.param(
            "退款" + "长" * 300 + "退款",
            "退款",
            "退款" + "长" * (LENGTH - 2) + "…",
            ["退款"],
            id="only the first place",
        ),
        pytest.param("长" * (LENGTH - 1) + "退款", "长", None, None, id="a sign is not cut off for an ellipsis"),
    ],
)
def test_excerpts(text: str, query: str, excerpt: str | None, hits: list[str] | None) -> None:
    if excerpt is None:
        assert shown(text, query)[0] == text
    else:
        assert shown(text, query) == (excerpt, hits)


def test_places_are_counted_in_characters_whatever_stands_before() -> None:
    found = excerpt_of("😀😀 退款", places_of(words_of("退款"), "😀😀 退款") or ())
    assert found.hits == ((3, 5),)


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_wherever_a_word_stands_it_is_in_its_excerpt(at: int) -> None:
    text = "长" * at + "退款" + "短" * (400 - at)
    excerpt, hits = shown(text, "退款")
    assert hits == ["退款"]
    assert len(excerpt) <= LENGTH + 2
