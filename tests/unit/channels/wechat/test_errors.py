"""What each code of the platform does to a message: tried again, kept, shown as failed and why, never left to chance."""

from datetime import UTC, datetime

import pytest

from yizhan.channels.contract import QuotaSpent, Refusal, Refused, RetryLater, TokenExpired, WindowClosed
from yizhan.channels.wechat.errors import (
    KF,
    MAX_WORDS,
    WECHAT,
    MediaExpired,
    MenuNotAllowed,
    Told,
    meant,
    seconds_to_next_day,
    words,
)

MORNING = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
"""Nine o'clock in China: fifteen hours to midnight."""


def told(code: int) -> Told:
    return Told(code, "words rid: 65f1a2b3-1a2b3c4d-5e6f7a8b", MORNING, "used-token")


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        pytest.param([40003], Refusal.UNKNOWN_CUSTOMER, id="who is not there"),
        pytest.param(
            [40013, 40125, 40164, 48004, 50001, 50002, 61004], Refusal.ACCOUNT, id="the account is turned away"
        ),
        pytest.param([40008, 40033, 44004, 45008, 45162, 45166, 47001, 47003], Refusal.BAD_CONTENT, id="not takeable"),
        pytest.param([43019, 48002], Refusal.BLOCKED, id="the customer wants nothing"),
        pytest.param([43101, 48001], Refusal.NOT_PERMITTED, id="the account or the template may not"),
        pytest.param([45002], Refusal.TOO_LONG, id="too long"),
        pytest.param([87014], Refusal.RISKY_CONTENT, id="risky content"),
        pytest.param([41001, 45048, 45072, 45080, 45081, 87009], Refusal.OTHER, id="others in the table"),
        pytest.param([99999, 1], Refusal.OTHER, id="a code that nobody knows"),
    ],
)
def test_a_refusal_tells_people_what_to_do_about_it(codes: list[int], reason: Refusal) -> None:
    for code in codes:
        error = meant(told(code), WECHAT)
        assert isinstance(error, Refused)
        assert (error.code, error.reason) == (str(code), reason)
        assert "rid: 65f1a2b3-1a2b3c4d-5e6f7a8b" in error.text


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_token_that_fails_is_named_so_that_it_is_renewed_once(code: int) -> None:
    error = meant(told(code), WECHAT)
    assert isinstance(error, TokenExpired)
    assert error.token == "used-token"
    assert "used-token" not in f"{error!r} {error}"


@pytest.mark.parametrize("code", [43004, 45015])
def test_a_closed_window_is_a_state_of_its_own(code: int) -> None:
    error = meant(told(code), WECHAT)
    assert isinstance(error, WindowClosed)
    assert error.code == str(code)
    assert error.text


def test_a_spent_quota_is_a_state_of_its_own() -> None:
    error = meant(told(45047), WECHAT)
    assert isinstance(error, QuotaSpent)
    assert error.code == "45047"


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        pytest.param(-1, 2.0, id="busy: in a moment"),
        pytest.param(45011, 60.0, id="this minute's calls: in a minute"),
        pytest.param(45009, 15 * 3600.0, id="today's calls: after midnight in China"),
    ],
)
def test_what_passes_is_tried_again_when_it_has_passed(code: int, seconds: float) -> None:
    error = meant(told(code), WECHAT)
    assert isinstance(error, RetryLater)
    assert error.after == seconds


@pytest.mark.parametrize(
    ("hour", "minute", "seconds"),
    [(15, 59, 60.0), (16, 0, 86_400.0), (16, 1, 86_340.0), (0, 0, 16 * 3600.0)],
)
def test_the_platforms_day_begins_at_sixteen_utc(hour: int, minute: int, seconds: float) -> None:
    assert seconds_to_next_day(datetime(2026, 12, 31, hour, minute, tzinfo=UTC)) == seconds


def test_a_message_that_was_sent_before_is_sent() -> None:
    assert meant(told(45065), WECHAT) is None


def test_an_expired_picture_can_be_told_from_one_that_is_refused() -> None:
    assert isinstance(meant(told(40007), WECHAT), MediaExpired)


def test_an_account_without_menus_can_be_told_from_one_without_permission() -> None:
    assert isinstance(meant(told(40200), WECHAT), MenuNotAllowed)


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (95001, QuotaSpent, None),
        (95002, WindowClosed, None),
        (95013, WindowClosed, None),
        (95016, Refused, Refusal.ELSEWHERE),
        (95018, Refused, Refusal.ELSEWHERE),
        (60020, Refused, Refusal.ACCOUNT),
        (45009, RetryLater, None),
        (42001, TokenExpired, None),
    ],
)
def test_customer_service_at_wecom_has_codes_of_its_own(code: int, kind: type, reason: Refusal | None) -> None:
    error = meant(told(code), KF)
    assert isinstance(error, kind)
    assert getattr(error, "reason", None) == reason
    assert code != 45009 or getattr(error, "after", 0) == 60.0


TOKEN = "86_" + "Aa0_-" * 30


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("response out of time limit rid: 6-1-2", "response out of time limit rid: 6-1-2", id="as it is"),
        pytest.param("bad appsecret 0123456789abcdef0123456789abcdef!", "bad appsecret [hidden]!", id="the secret"),
        pytest.param(f"token {TOKEN} is not latest", "token [hidden] is not latest", id="any token"),
        pytest.param(
            "invalid ip 203.0.113.9, not in whitelist", "invalid ip 203.0.113.9, not in whitelist", id="an address"
        ),
        pytest.param("字" * 1000, "字" * MAX_WORDS, id="very long"),
    ],
)
def test_the_platforms_words_are_kept_without_secrets(text: str, kept: str) -> None:
    assert words(text, ("0123456789abcdef0123456789abcdef", "")) == kept
