"""What a customer's past comes to."""

from datetime import UTC, datetime, timedelta

import pytest

from yizhan.dialogue.customers.figures import Figure, HandedOff, Past, Spoken, figures, handed_off, topics
from yizhan.dialogue.customers.following import before_overlap
from yizhan.dialogue.customers.rating import Rated

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def past(**more: object) -> Past:
    return Past(1, 1, 1, ago(10.9), ago(0.5), **more)  # type: ignore[arg-type]


def rated(score: int, days: float) -> Rated:
    return Rated(f"m{days}", "c", 1, score, "", ago(days))


def test_sessions_count_once_however_much_was_said_in_them() -> None:
    spoken = [
        Spoken("a", 1, True, ago(80)),
        Spoken("a", 1, True, ago(80)),
        Spoken("a", 2, True, ago(2)),
        Spoken("b", 1, True, ago(1)),
        Spoken("b", 9, False, ago(1)),
        Spoken("b", 3, True, ago(91)),
    ]
    found = figures(past(spoken=spoken), NOW)
    assert (found[Figure.SESSIONS_90D], found[Figure.MESSAGES_90D]) == (3, 4)


def test_hand_offs_count_in_their_time() -> None:
    handoffs = [HandedOff("requested", ago(days)) for days in (1, 29, 31, 89, 91)]
    found = figures(past(handoffs=handoffs), NOW)
    assert (found[Figure.HANDOFFS_30D], found[Figure.HANDOFFS_90D]) == (2, 4)


def test_nobody_who_did_not_rate_has_an_average() -> None:
    found = figures(past(), NOW)
    assert (found[Figure.RATINGS], found[Figure.RATING_AVG], found[Figure.RATING_LAST]) == (0, None, None)


def test_the_last_rating_is_the_newest_whatever_the_order() -> None:
    found = figures(past(ratings=[rated(5, 9), rated(1, 2), rated(4, 30)]), NOW)
    assert (found[Figure.RATINGS], found[Figure.RATING_AVG], found[Figure.RATING_LAST]) == (3, 3.33, 1)


def test_days_are_whole_ones() -> None:
    found = figures(past(), NOW)
    assert (found[Figure.DAYS_KNOWN], found[Figure.DAYS_SINCE_SEEN]) == (10, 0)


def test_topics_are_the_categories_of_what_was_answered() -> None:
    spoken = [Spoken("a", 1, False, NOW, entry) for entry in ("ship", "fee", "back", "gone", "plain", "")]
    categories = {"ship": "物流", "fee": "物流", "back": "售后", "plain": ""}
    assert list(topics(spoken, categories)) == [("物流", 2), ("售后", 1)]


DOCUMENTS = [
    pytest.param(
        b'{"before":{},"outcome":{"intent":"x","state":2,"handoff_reason":"requested"}}', "requested", id="asked"
    ),
    pytest.param(
        b'{"before":{"state":5},"outcome":{"state":2,"handoff_reason":"no_answer"}}', "no_answer", id="recalled"
    ),
    pytest.param(
        b'{"before":{"state":2},"outcome":{"state":2,"handoff_reason":"requested"}}', None, id="waits already"
    ),
    pytest.param(b'{"before":{},"outcome":{"state":1}}', None, id="answered"),
    pytest.param(b'{"before":{},"outcome":{}}', None, id="another version's"),
    pytest.param(b"\xff", None, id="broken"),
]


@pytest.mark.parametrize(("document", "reason"), DOCUMENTS)
def test_a_hand_off_is_read_out_of_its_decision(document: bytes, reason: str | None) -> None:
    found = handed_off(document, NOW)
    assert (found.reason if found else None) == reason


IDS = [
    pytest.param("01a20729-cf72-7225-860c-3e9f50a7a4b7", "01a20720-a7b2", id="ten minutes before an id of ours"),
    pytest.param("00000000-0001-7000-8000-000000000000", "00000000-0000", id="nothing is before the beginning"),
    pytest.param("", "", id="nothing was seen yet"),
    pytest.param("conversation-1", "", id="an id of another kind: look through everything"),
]


@pytest.mark.parametrize(("seen", "least"), IDS)
def test_what_is_a_little_older_than_the_last_one_seen_is_looked_through_again(seen: str, least: str) -> None:
    assert before_overlap(seen) == least
