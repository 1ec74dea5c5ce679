"""How long a wait is said to be: never narrower than what was reckoned."""

import pytest

from yizhan.dialogue.texts import Voice
from yizhan.dialogue.waiting import interval

CASES = [
    pytest.param(0, 60, "不到 1 分钟", "less than a minute", id="a moment"),
    pytest.param(30, 61, "不超过 2 分钟", "no more than 2 minutes", id="no lower bound worth telling"),
    pytest.param(60, 180, " 1–3 分钟", "1–3 minutes", id="a range"),
    pytest.param(119, 121, " 1–3 分钟", "1–3 minutes", id="rounded outwards"),
    pytest.param(300, 300, "约 5 分钟", "about 5 minutes", id="to the minute"),
    pytest.param(3600, 5400, " 60–90 分钟", "60–90 minutes", id="an hour and a half"),
    pytest.param(3600, 5401, " 1–2 小时", "1–2 hours", id="longer: hours"),
    pytest.param(600, 10800, "不超过 3 小时", "no more than 3 hours", id="up to hours"),
    pytest.param(7200, 7200, "约 2 小时", "about 2 hours", id="to the hour"),
]


@pytest.mark.parametrize(("low", "high", "chinese", "english"), CASES)
def test_a_wait_as_people_say_it(low: int, high: int, chinese: str, english: str) -> None:
    voice = Voice("助手")
    assert (interval(voice.texts("zh-CN"), low, high), interval(voice.texts("en"), low, high)) == (chinese, english)


@pytest.mark.parametrize("ahead", [1, 2])
def test_english_counts_people(ahead: int) -> None:
    texts = Voice("助手").texts("en")
    said = (texts.ahead_one if ahead == 1 else texts.ahead).format(ahead=ahead, wait="1–3 minutes")
    assert ("one person" in said) is (ahead == 1)
