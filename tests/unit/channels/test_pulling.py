"""Platforms that must be asked: asked again only when what they gave is durable, each source by itself."""

import asyncio
from collections.abc import Sequence

from tests.channels.waiting import until
from yizhan.channels.contract import Fact, InboundTyping, NotAccepted, Pulled, RetryLater
from yizhan.channels.pulling import Puller
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Author, AuthorKind


def fact(name: str) -> InboundTyping:
    return InboundTyping(Address("default", "mail", "box", name), Author(AuthorKind.CUSTOMER))


class Mailboxes:
    """Sources that give what is new, in turn, and note what was asked and committed."""

    def __init__(self, **given: list[Sequence[Fact] | Exception]) -> None:
        self.given = given
        self.asked = dict.fromkeys(given, 0)
        self.committed: list[str] = []

    def sources(self) -> frozenset[str]:
        return frozenset(self.given)

    async def pull(self, source: str) -> Pulled:
        self.asked[source] += 1
        if not self.given[source]:
            await asyncio.Event().wait()
        following = self.given[source].pop(0)
        if isinstance(following, Exception):
            raise following

        async def commit() -> None:
            self.committed.append(source)

        return Pulled(tuple(following), commit)


class Sink:
    def __init__(self) -> None:
        self.away = False
        self.tries = 0
        self.facts: list[Fact] = []

    async def __call__(self, facts: Sequence[Fact]) -> None:
        self.tries += 1
        if self.away:
            raise NotAccepted(0.01)
        self.facts += facts


async def run(channel: Mailboxes, sink: Sink) -> asyncio.Task[None]:
    return asyncio.create_task(Puller("mail", channel, sink, idle=0.01).run())


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def test_a_cursor_moves_only_when_what_was_given_is_durable() -> None:
    mailboxes, sink = Mailboxes(a=[RetryLater(0.01), [fact("one")], [], [fact("two")]]), Sink()
    sink.away = True
    pulling = await run(mailboxes, sink)
    await until(lambda: sink.tries >= 2)
    assert mailboxes.asked["a"] == 2
    assert mailboxes.committed == []
    sink.away = False
    await until(lambda: mailboxes.asked["a"] == 5)
    assert sink.facts == [fact("one"), fact("two")]
    assert len(mailboxes.committed) == 3
    await end(pulling)


async def test_a_source_that_hangs_or_breaks_holds_up_no_other() -> None:
    mailboxes, sink = Mailboxes(hangs=[], breaks=[ValueError("a mistake"), [fact("b")]], works=[[fact("w")]]), Sink()
    pulling = await run(mailboxes, sink)
    await until(lambda: len(sink.facts) == 2)
    assert set(sink.facts) == {fact("b"), fact("w")}
    await end(pulling)


async def test_a_source_that_goes_is_asked_no_more_and_a_new_one_is() -> None:
    mailboxes, sink = Mailboxes(old=[]), Sink()
    pulling = await run(mailboxes, sink)
    await until(lambda: mailboxes.asked["old"] == 1)
    del mailboxes.given["old"]
    mailboxes.asked["new"] = 0
    mailboxes.given["new"] = [[fact("n")]]
    await until(lambda: sink.facts == [fact("n")])
    await end(pulling)
