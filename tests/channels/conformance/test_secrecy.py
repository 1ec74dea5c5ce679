"""Nobody but the customer and the platform reads what was said, or what it was said with."""

import pytest

from tests.channels.conformance.cases import every_channel
from tests.channels.conformance.harness import AsksToRetry, LosesAnswers, Refuses
from tests.channels.conformance.stand import Stand

WORDS = ("我的卡号是 6222 0212 3456 7890", "密码是 hunter2-conformance", "住在南京东路 1 号 502")


@every_channel()
async def test_words_and_secrets_are_in_no_log_no_figure_and_no_error(stand: Stand) -> None:
    person = await stand.harness.person()
    for text in WORDS:
        await person.says(text)
    await person.letter("伪造的内容").forged()
    await person.letter("寄错的内容").misdirected()
    await stand.harness.garbage()
    stand.bus.away = True
    letter = person.letter("断线时的内容")
    await letter.push()
    stand.bus.away = False
    await stand.deliver(letter)
    await stand.hears(person, len(WORDS) + 1)
    if isinstance(stand.harness, Refuses):
        stand.harness.refuses()
    await stand.say(person, "这句话被拒绝")
    if isinstance(stand.harness, AsksToRetry):
        stand.harness.is_busy()
    if isinstance(stand.harness, LosesAnswers):
        stand.harness.loses_answer(taken=True)
    await stand.say(person, "这句话下落不明")
    (last,) = await stand.say(person, "这句话到了")
    await stand.reached(last)
    exposed = stand.exposed()
    said = (*WORDS, "6222 0212", "hunter2", "南京东路", "伪造的", "寄错的", "断线时", "被拒绝", "下落不明", "到了")
    assert [word for word in said if word in exposed] == []
    assert len(stand.logged()) > 100, "something was logged at all"
    await stand.check()


@every_channel()
async def test_what_is_looked_for_would_be_found(stand: Stand) -> None:
    """The search itself: a word that a log does hold is seen."""
    person = await stand.harness.person()
    await person.says("不该出现的话")
    await stand.hears(person, 1)
    before = stand.logged()
    stand._log.write('{"event": "leaky", "what": "不该出现的话"}\n')
    with pytest.raises(AssertionError, match="words"):
        await stand.check()
    stand._log.seek(0)
    stand._log.truncate()
    stand._log.write(before)
