"""Words with halves of characters in them are read like the words without; nothing breaks on them."""

import pytest
from hypothesis import given, settings, strategies as st

from yizhan.dialogue.guards.parse import default_guards
from yizhan.dialogue.knowledge.intents import wants_human
from yizhan.dialogue.knowledge.normalise import fold, normalise
from yizhan.dialogue.knowledge.script import simplified
from yizhan.dialogue.knowledge.tokens import tokenize
from yizhan.dialogue.misses.miss import key_of, language_of

HALVES = ("\ud83d", "\ude00", "\ud83d\ud83d", "\udc80")


@pytest.mark.parametrize("half", HALVES)
def test_the_words_around_it_are_simplified(half: str) -> None:
    assert simplified(f"{half}什麼時候{half}發貨{half}") == f"{half}什么时候{half}发货{half}"


@pytest.mark.parametrize("half", HALVES)
def test_the_question_is_the_same(half: str) -> None:
    assert normalise(f"什麼時候發貨？{half}") == normalise("什么时候发货")


@pytest.mark.parametrize("half", HALVES)
def test_a_wish_for_a_human_is_obeyed(half: str) -> None:
    assert wants_human(f"轉人工{half}")


@settings(deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_everything_that_looks_at_words_takes_any(text: str) -> None:
    fold(text)
    words = normalise(text)
    tokenize(words)
    key_of(words)
    language_of(words)
    wants_human(text)
    default_guards().judge(text, "", ())
