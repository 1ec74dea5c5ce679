"""What a platform may answer to a call, and what comes of it: seen once or not at all, and honestly told."""

import pytest

from tests.channels.conformance.cases import every_channel
from tests.channels.conformance.harness import (
    AsksToRetry,
    ClosesWindow,
    CountsMessages,
    ExpiresTokens,
    LosesAnswers,
    Person,
    Refuses,
)
from tests.channels.conformance.stand import Stand
from yizhan.channels.ecommerce import calls as shop_calls
from yizhan.channels.wechat import calls as wechat_calls
from yizhan.core.messages.receipt import ReceiptState


async def in_talk(stand: Stand) -> Person:
    """A customer who wrote, and whom everything has reached so far."""
    person = await stand.harness.person()
    await person.says("在吗")
    await stand.hears(person, 1)
    (message,) = await stand.say(person, "在的")
    await stand.reached(message)
    return person


@every_channel(AsksToRetry)
async def test_a_platform_that_is_busy_is_asked_again(stand: Stand) -> None:
    person = await in_talk(stand)
    stand.hook(AsksToRetry).is_busy()
    first, second = await stand.say(person, "稍候", "再说")
    await stand.reached(first)
    await stand.reached(second)
    assert stand.texts(person) == ["在的", "稍候", "再说"]


@every_channel(AsksToRetry)
async def test_a_platform_that_is_busy_for_long_is_told_of_and_keeps_the_order(stand: Stand) -> None:
    person = await in_talk(stand)
    stand.hook(AsksToRetry).is_busy_for_long()
    first, second = await stand.say(person, "很久以后", "更久以后")
    assert (await stand.told(first, ReceiptState.HELD)).reason == "provider_busy"
    assert (await stand.told(second, ReceiptState.HELD)).reason == "in_order"
    assert stand.texts(person) == ["在的"]


@every_channel(ExpiresTokens)
@pytest.mark.parametrize("way", ["expired", "replaced"])
async def test_a_token_that_ends_between_two_messages_costs_none(stand: Stand, way: str) -> None:
    person = await in_talk(stand)
    hook = stand.hook(ExpiresTokens)
    if way == "expired":
        hook.expires_tokens()
    else:
        hook.replaces_tokens()
    first, second = await stand.say(person, "一", "二")
    await stand.reached(first)
    await stand.reached(second)
    assert stand.texts(person) == ["在的", "一", "二"]


@every_channel(ClosesWindow)
async def test_what_comes_too_late_waits_for_the_customer_and_then_goes_in_order(stand: Stand) -> None:
    person = await in_talk(stand)
    stand.hook(ClosesWindow).closes_window()
    first, second = await stand.say(person, "太晚了", "也太晚了")
    told = await stand.told(first, ReceiptState.HELD)
    assert told.reason == "window_closed"
    assert told.reply_window is not None
    await stand.told(second, ReceiptState.HELD)
    assert stand.texts(person) == ["在的"]
    await person.says("我回来了")
    await stand.reached(first)
    await stand.reached(second)
    assert stand.texts(person) == ["在的", "太晚了", "也太晚了"]


@every_channel(CountsMessages)
async def test_what_exceeds_the_quota_waits_for_the_customer_and_then_goes_in_order(stand: Stand) -> None:
    person = await stand.harness.person()
    await person.says("全部告诉我")
    await stand.hears(person, 1)
    quota = stand.hook(CountsMessages).quota()
    wanted = [f"第{number}条" for number in range(quota + 2)]
    messages = await stand.say(person, *wanted)
    for message in messages[:quota]:
        await stand.reached(message)
    assert (await stand.told(messages[quota], ReceiptState.HELD)).reason == "quota_spent"
    await stand.told(messages[quota + 1], ReceiptState.HELD)
    assert stand.texts(person) == wanted[:quota]
    await person.says("继续")
    for message in messages[quota:]:
        await stand.reached(message)
    assert stand.texts(person) == wanted


@every_channel(CountsMessages)
async def test_a_platform_that_counted_more_than_we_is_believed(stand: Stand) -> None:
    person = await in_talk(stand)
    stand.hook(CountsMessages).spends_quota()
    first, second = await stand.say(person, "超额了", "也超额了")
    assert (await stand.told(first, ReceiptState.HELD)).reason == "quota_spent"
    await stand.told(second, ReceiptState.HELD)
    assert stand.texts(person) == ["在的"]
    await person.says("继续")
    await stand.reached(first)
    await stand.reached(second)
    assert stand.texts(person) == ["在的", "超额了", "也超额了"]


@every_channel(Refuses)
async def test_a_refusal_is_told_with_the_platforms_words_and_stops_nothing(stand: Stand) -> None:
    person = await in_talk(stand)
    code = stand.hook(Refuses).refuses()
    first, second = await stand.say(person, "不许说的", "可以说的")
    told = await stand.told(first, ReceiptState.FAILED)
    assert told.reason
    assert told.detail.startswith(code)
    await stand.reached(second)
    assert stand.texts(person) == ["在的", "可以说的"]


@every_channel(LosesAnswers)
async def test_a_message_whose_answer_was_lost_is_seen_once(stand: Stand) -> None:
    person = await in_talk(stand)
    stand.hook(LosesAnswers).loses_answer(taken=True)
    first, second = await stand.say(person, "也许到了", "之后的")
    await stand.reached(second)
    if stand.harness.idempotent:
        await stand.reached(first)
    else:
        assert (await stand.told(first, ReceiptState.UNKNOWN)).reason == "outcome_unknown"
    assert stand.texts(person) == ["在的", "也许到了", "之后的"]


@every_channel(LosesAnswers)
async def test_a_call_of_which_nobody_knows_is_not_guessed(stand: Stand) -> None:
    person = await in_talk(stand)
    stand.hook(LosesAnswers).loses_answer(taken=False)
    first, second = await stand.say(person, "也许没到", "之后的")
    await stand.reached(second)
    if stand.harness.idempotent:
        await stand.reached(first)
        assert stand.texts(person) == ["在的", "也许没到", "之后的"]
    else:
        assert (await stand.told(first, ReceiptState.UNKNOWN)).reason == "outcome_unknown"
        assert stand.texts(person) == ["在的", "之后的"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls give up after a second and a half instead of ten."""
    wechat, shop = wechat_calls.Timeouts(connect=1.0, total=1.5), shop_calls.Timeouts(connect=1.0, total=1.5)
    monkeypatch.setattr(wechat_calls, "Timeouts", lambda: wechat)
    monkeypatch.setattr(shop_calls, "Timeouts", lambda: shop)


@pytest.mark.usefixtures("impatient")
@every_channel(LosesAnswers)
async def test_a_call_that_times_out_after_it_was_taken_is_seen_once(stand: Stand) -> None:
    person = await in_talk(stand)
    stand.hook(LosesAnswers).goes_silent()
    first, second = await stand.say(person, "超时了", "之后的")
    await stand.reached(second)
    if stand.harness.idempotent:
        await stand.reached(first)
    else:
        assert (await stand.told(first, ReceiptState.UNKNOWN)).reason == "outcome_unknown"
    assert stand.texts(person) == ["在的", "超时了", "之后的"]
