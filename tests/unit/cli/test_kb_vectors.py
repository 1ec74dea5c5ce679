"""The command line says whose vectors a release has, or why it has none and what to do."""

import pytest

from yizhan.cli.kb_vectors import vectors_line, vectors_lines


@pytest.mark.parametrize(
    ("model", "failed", "line"),
    [
        pytest.param("", "", "", id="no model is set"),
        pytest.param("embed-1", "", "embedding model embed-1", id="it has the vectors of a model"),
        pytest.param("", "deadline", "words alone: the endpoint did not answer in time (deadline)", id="too slow"),
        pytest.param("", "key_refused", "words alone: the endpoint refused the key (key_refused)", id="no right key"),
        pytest.param(
            "",
            "wrong_count",
            "words alone: the endpoint's answer was not what it should be (wrong_count)",
            id="it talks nonsense",
        ),
    ],
)
def test_a_release_is_listed_with_what_its_answers_are_found_by(model: str, failed: str, line: str) -> None:
    assert vectors_line(model, failed) == line


@pytest.mark.parametrize(
    ("failed", "advice"),
    [
        pytest.param("unreachable", "see `yizhan doctor`, and build again", id="the endpoint fails"),
        pytest.param("budget_spent", "build again tomorrow, or allow more", id="the budget is spent"),
    ],
)
def test_who_builds_without_vectors_is_told_what_to_do(failed: str, advice: str) -> None:
    first, second = vectors_lines("", failed, takes_part=False)
    assert failed in first
    assert second.endswith(advice)
