"""One voice (invariant 4) under every order of things: the assistant, two agents and a supervisor act on what they saw last."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.unit.dialogue.stage import Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.dialogue.conversation import ASSISTED, Conversation, State

INTERLEAVINGS = 10_000
STEPS = 6
LOOKS_FIRST = 0.5
ON_TICKET = "关于您的工单"
PEOPLE = ("agent-1", "agent-2", "supervisor")


@dataclass
class Race:
    """``seen``: the epoch that each person's screen showed when they last looked."""

    random: random.Random
    stage: Stage = field(default_factory=Stage)
    seen: dict[str, int] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def run(self) -> None:
        acts: list[Callable[[str], None]] = [
            self.writes,
            self.assigns,
            self.assigns,
            self.assigns,
            self.says,
            self.says,
            self.says,
            self.says,
            self.returns,
            self.closes,
            self.gives_back,
            self.lapses,
            self.replies,
        ]
        self.writes(PEOPLE[0])
        for person in PEOPLE:
            self.looks(person)
        for _ in range(STEPS):
            before, said = self.stage.conversation, len(self.stage.turn.messages)
            person = self.random.choice((*PEOPLE, self.stage.conversation.agent_id or PEOPLE[0]))
            if self.random.random() < LOOKS_FIRST:
                self.looks(person)
            self.random.choice(acts)(person)
            check_owner(before, self.stage.conversation)
            for message in self.stage.turn.messages[said:]:
                check_voice(before, message)
                self.count[message.author.kind.name] += 1

    def writes(self, _: str) -> None:
        self.stage.customer(self.random.choice(("转人工", "发货", "你好")))

    def looks(self, person: str) -> None:
        self.seen[person] = self.stage.conversation.epoch

    def assigns(self, person: str) -> None:
        self.number += 1
        if not self.stage.command(k.Assign(person, person, f"a{self.number}"), epoch=self.seen[person]):
            self.looks(person)  # who got it knows so; who had it does not

    def says(self, person: str) -> None:
        self.number += 1
        refused = self.stage.command(k.Say(person, person, c.Text("您好"), f"s{self.number}"), epoch=self.seen[person])
        self.count["refused" if refused else "landed"] += 1

    def replies(self, person: str) -> None:
        """On a ticket, whoever has the conversation: no epoch is named."""
        self.number += 1
        said = k.Reply(person, person, c.Text(ON_TICKET), "t1", f"r{self.number}")
        refused = self.stage.command(said, epoch=0)
        self.count["reply refused" if refused else "landed"] += 1
        self.count["replied"] += not refused

    def returns(self, person: str) -> None:
        self.stage.command(k.ReturnToBot(person), epoch=self.seen[person])

    def closes(self, person: str) -> None:
        if self.random.random() < 0.3:
            self.stage.command(k.Close(person), epoch=self.seen[person])

    def gives_back(self, person: str) -> None:
        self.stage.command(k.Requeue(person, "transfer"), epoch=self.seen[person])

    def lapses(self, person: str) -> None:
        self.stage.command(k.MarkOffered(self.random.choice((person, "")), "offer"), epoch=self.seen[person])


def check_owner(before: Conversation, after: Conversation) -> None:
    """Whoever owns it changes with the epoch, by one each time, and an agent has it only while it is assigned."""
    assert after.epoch >= before.epoch
    if (before.agent_id, owner(before.state)) != (after.agent_id, owner(after.state)):
        assert after.epoch > before.epoch, "a new owner under an old epoch could be spoken over"
    assert bool(after.agent_id) is (after.state is State.ASSIGNED)


def owner(state: State) -> str:
    if state in ASSISTED:
        return "assistant"
    return {State.ASSIGNED: "agent", State.CLOSED: "nobody"}.get(state, "queue")


def check_voice(before: Conversation, message: Message) -> None:
    """An agent speaks only where they had the conversation, or on a ticket where no human had or was to have it; the
    assistant answers no customer while one has it.
    """
    if message.author.kind is AuthorKind.AGENT:
        own = (before.state, before.agent_id) == (State.ASSIGNED, message.author.id)
        on_ticket = c.plain_text(message.content) == ON_TICKET and before.state in ASSISTED | {State.CLOSED}
        assert own or on_ticket
        assert own or message.epoch == before.epoch + 1, "what was decided before it could still be carried out"


def test_exactly_one_speaks_in_ten_thousand_interleavings() -> None:
    count: Counter[str] = Counter()
    for seed in range(INTERLEAVINGS):
        race = Race(random.Random(seed))
        race.run()
        count += race.count
    assert count["landed"] == count["AGENT"], "what was not refused is on the transcript, once"
    assert min(count["landed"], count["refused"]) > INTERLEAVINGS // 10, (count, "both sides of every race were met")
    assert min(count["replied"], count["reply refused"]) > INTERLEAVINGS // 20, (
        count,
        "likewise of replies on tickets",
    )
