"""Pushes that are none of the platform's, and keys that change."""

from tests.channels.conformance.cases import every_channel
from tests.channels.conformance.harness import Letter, Person, Proves, Rotates
from tests.channels.conformance.stand import Stand


async def still_works(stand: Stand, *unheard: Person) -> None:
    """Another customer gets through, and nothing of these did."""
    other = await stand.harness.person()
    await other.says("一切正常")
    await stand.hears(other, 1)
    assert [stand.words(person) for person in unheard] == [[] for _ in unheard]
    assert stand.accepted() == 1


@every_channel(Proves)
async def test_a_push_with_a_bad_signature_is_refused(stand: Stand) -> None:
    person = await stand.harness.person()
    told = await person.letter("我是平台").forged()
    assert stand.hook(Proves).is_turned_away(told)
    assert told.status in {401, 403, 412}, "by a decision about who it is from"
    await still_works(stand, person)


@every_channel(Proves)
async def test_a_push_to_an_unknown_account_is_refused(stand: Stand) -> None:
    person = await stand.harness.person()
    told = await person.letter("有人吗").misdirected()
    assert stand.hook(Proves).is_turned_away(told)
    assert told.status == 404
    await still_works(stand, person)


@every_channel(Proves)
async def test_a_push_that_cannot_be_read_is_refused_and_hurts_nobody(stand: Stand) -> None:
    answers = await stand.harness.garbage()
    assert len(answers) > 3
    assert [told for told in answers if not stand.hook(Proves).is_turned_away(told)] == []
    await still_works(stand)


@every_channel(Rotates)
async def test_messages_get_through_all_the_while_a_key_is_changed(stand: Stand) -> None:
    person = await stand.harness.person()
    letters: list[Letter] = [person.letter("换钥匙之前")]
    await stand.deliver(letters[0])
    async for step in stand.hook(Rotates).rotation(stand):
        letters.append(person.letter(f"这一步：{step}"))
        await stand.deliver(letters[-1])
    await stand.hears(person, len(letters))
    assert stand.words(person) == [letter.text for letter in letters]
    assert len(letters) > 2
