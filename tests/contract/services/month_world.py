"""A month at a desk: customers, agents and the dialogue between them, played against a routing service on a simulated clock.

Everything that the service tells is heard at once and held against the books.
"""

import random
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.contract.services.conftest import RecordingBus
from tests.contract.services.month_agenda import Agenda
from tests.contract.services.month_books import Books, Slip
from tests.contract.services.month_people import Customer
from tests.contract.services.month_promises import Phase
from tests.contract.services.month_staff import OWL, Offered, Staff
from tests.contract.services.month_talk import Talk, script, some_hours, ticket_moves
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk
from tests.contract.services.ticket_desk import ANN, SUE, tickets_on
from yizhan.core.bus.topology import Exchange
from yizhan.core.messages import command as k
from yizhan.core.messages.codec import moment, timestamp
from yizhan.core.messages.command_codec import command_from_proto
from yizhan.pb.v1 import event_pb2, live_pb2, message_pb2, routing_pb2 as pb, tickets_pb2

LEAST_OFFER = timedelta(seconds=3)


@dataclass(eq=False)
class World:
    desk: Desk
    books: Books
    seed: int
    agenda: Agenda
    staff: Staff
    lively: float
    """The share of tickets that anybody works on."""
    talks: dict[str, Talk] = field(default_factory=dict)
    heard: list[event_pb2.Event] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    expected_call: datetime | None = None

    @property
    def now(self) -> datetime:
        return self.desk.clock()

    @property
    def bus(self) -> RecordingBus:
        return self.desk.bus

    async def run(self, until: datetime) -> None:
        await self.agenda.run(until, self._hear)

    # --- customers who want a human

    def expect(self, customer: Customer) -> None:
        self.agenda.at(customer.at + customer.lag, lambda: self._come(customer))

    async def _come(self, customer: Customer) -> None:
        talk = self.talks[customer.name] = Talk(customer.name, random.Random(f"{self.seed}/{customer.name}/talk"))
        talk.leaves, talk.wishes = customer.leaves, customer.wishes
        talk.group, talk.urgent = customer.group, customer.urgent
        await self._ask(talk, max(customer.at, self.now - customer.lag))

    async def _ask(self, talk: Talk, requested_at: datetime, reason: str = "requested", from_agent: str = "") -> None:
        talk.epoch += 1
        talk.wait = self.books.asked(talk.name, requested_at, self.now, someone=bool(self.staff.online))
        request = event_pb2.HandoffRequested(
            reason=reason,
            at=timestamp(requested_at),
            last_text="转人工",
            can_choose=talk.leaves is not None,
            urgency=event_pb2.URGENCY_CRITICAL if talk.urgent else event_pb2.URGENCY_NORMAL,
            group_id=self.staff.asked_for if talk.group else "",
            from_agent_id=from_agent,
        )
        await self.desk.event(talk.name, talk.epoch, handoff_requested=request)
        if talk.leaves is not None:
            self.agenda.later(talk.leaves, lambda: self._leave(talk))

    async def _leave(self, talk: Talk, *, soon: bool = False) -> None:
        """They have waited for so long, and would rather leave a message or be called: also when they have a ticket already."""
        wait = talk.wait
        if wait is None or wait.outcome in {"met", "escalated"}:
            return
        said = event_pb2.MessageLeft(how="left_message", text="请回复", at=timestamp(self.now))
        if talk.slip is not None:
            said.ticket_number = talk.slip.number
        if talk.wishes is not None:
            said.how = "callback"
            self._wish(talk, said, soon=soon)
        await self.desk.event(talk.name, talk.epoch, message_left=said)

    def _wish(self, talk: Talk, said: event_pb2.MessageLeft, *, soon: bool) -> None:
        wanted = None
        if talk.wishes and not soon:
            whole = (self.now + timedelta(seconds=talk.wishes)).replace(second=0, microsecond=0)
            wanted = whole - timedelta(minutes=whole.minute % 5)
            said.callback_at.FromDatetime(wanted)
        self.expected_call = self.books.callable_at(wanted, self.now)

    # --- conversations with agents

    async def _obey(self, talk: Talk, agent: str, case_id: str, phase: Phase) -> None:
        """Dialogue has given the conversation to the agent."""
        talk.epoch += 1
        talk.agent, talk.case_id = agent, case_id
        talk.owed = self.books.assigned(case_id, phase, self.now)
        told = event_pb2.ConversationAssigned(agent_id=agent, assignment_id=case_id, at=timestamp(self.now))
        await self.desk.event(talk.name, talk.epoch, conversation_assigned=told)
        call = self.books.calls.get(talk.slip.id) if talk.slip else None
        if call is not None and call.state in {"due", "missed"}:
            call.state, call.case_id = "taken", case_id
        talk.steps = deque(script(talk, call))
        self._go_on(talk)

    def _go_on(self, talk: Talk) -> None:
        if talk.steps:
            seconds, what = talk.steps.popleft()
            self.agenda.later(seconds, lambda: self._say(talk, what))

    async def _say(self, talk: Talk, what: str) -> None:
        agent, workspace = talk.agent, SHOP
        self.happened[what] += 1
        match what:
            case "reply" | "write":
                self._speak(talk, what)
                self._go_on(talk)
            case "close":
                closing = pb.CloseConversationRequest(
                    workspace=workspace, agent_id=agent, conversation_id=talk.name, epoch=talk.epoch
                )
                await self.desk.api.CloseConversation(closing, NO_CONTEXT)
            case "return":
                giving = pb.ReturnToBotRequest(
                    workspace=workspace, agent_id=agent, conversation_id=talk.name, epoch=talk.epoch
                )
                await self.desk.api.ReturnToBot(giving, NO_CONTEXT)
            case "transfer":
                moving = pb.TransferRequest(
                    workspace=workspace, agent_id=agent, conversation_id=talk.name, epoch=talk.epoch
                )
                await self.desk.api.Transfer(moving, NO_CONTEXT)
            case "leave":
                await self._closed(talk)
            case "not_reached":
                await self._not_reached(talk)

    def _speak(self, talk: Talk, what: str) -> None:
        """Routing hears of it a moment after it was said."""
        talk.seq += 1
        seq, at, tell = talk.seq, self.now, self._tell_reply if what == "reply" else self._tell_words
        self.agenda.later(talk.chance.choice((0, 0.000001, 0.15)), lambda: tell(talk, seq, at))

    async def _tell_reply(self, talk: Talk, seq: int, at: datetime) -> None:
        assert talk.owed is not None
        self.books.replied(talk.owed, seq, at)
        if talk.slip is not None and talk.slip.status not in {"solved", "closed"}:
            talk.slip.first_response_at = talk.slip.first_response_at or at
        told = event_pb2.AgentReplied(agent_id=talk.agent, message_id=f"m{seq}", at=timestamp(at), seq=seq)
        await self.desk.event(talk.name, talk.epoch, agent_replied=told)

    async def _tell_words(self, talk: Talk, seq: int, at: datetime) -> None:
        assert talk.owed is not None
        self.books.wrote(talk.owed, seq, at)
        spoken = event_pb2.ConversationSpoken(
            message_id=f"m{seq}", seq=seq, at=timestamp(at), author=message_pb2.AUTHOR_KIND_CUSTOMER
        )
        await self.desk.event(talk.name, talk.epoch, conversation_spoken=spoken)

    async def _closed(self, talk: Talk) -> None:
        self._over(talk, "closed")
        if talk.slip is not None and talk.slip.taken and talk.slip.status in {"open", "reopened"}:
            talk.slip.move("solved", self.now)
        await self.desk.closed(talk.name, talk.epoch)

    async def _returned(self, talk: Talk, by: str) -> None:
        self._over(talk, "returned")
        told = event_pb2.ConversationReturned(by=by, at=timestamp(self.now))
        await self.desk.event(talk.name, talk.epoch, conversation_returned=told)
        slip = talk.slip
        if slip is not None and slip.id not in self.books.calls:
            self.agenda.later(3600, lambda: self._end_ticket(slip))

    async def _requeued(self, talk: Talk) -> None:
        agent, talk.handed_on = talk.agent, talk.handed_on + 1
        epoch = talk.epoch
        self._over(talk, "handed_on")
        talk.epoch = epoch  # asking makes it one more
        talk.leaves = None
        await self._ask(talk, self.now, "transfer", agent)

    def _over(self, talk: Talk, why: str) -> None:
        assert talk.owed is not None
        self.books.over(talk.owed, self.now, why)
        wait = self.books.by_case.get(talk.case_id)
        if wait is not None:
            wait.over_at = self.now
        talk.owed, talk.agent, talk.case_id = None, "", ""
        talk.epoch += 1

    # --- tickets

    def _owe(self, talk: Talk, slip: Slip) -> None:
        """What will become of a ticket: taken by an agent, worked on in parts, or left lying until somebody ends it."""
        chance = talk.chance
        talk.slip = slip
        if slip.id in self.books.calls:
            return
        if chance.random() >= self.lively:
            return
        what = chance.random()
        if what < 0.35:
            self.agenda.later(some_hours(chance, 5), lambda: self._take_ticket(talk, slip))
        elif what < 0.85:
            self._work(talk, slip, ticket_moves(chance))
        else:
            self.agenda.later(some_hours(chance, 60), lambda: self._end_ticket(slip))

    def _work(self, talk: Talk, slip: Slip, moves: deque[str]) -> None:
        if moves:
            move = moves.popleft()
            self.agenda.later(some_hours(talk.chance, 9), lambda: self._move(talk, slip, move, moves))

    async def _move(self, talk: Talk, slip: Slip, move: str, moves: deque[str]) -> None:
        self.happened[move] += 1
        if move in {"words", "doubt"}:
            at = self.now
            self.agenda.later(0.2, lambda: self._tell_of_words(talk, slip, move, at))
        else:
            slip.move(move, self.now)
            await self._edit(slip, ANN, move)
        self._work(talk, slip, moves)

    async def _tell_of_words(self, talk: Talk, slip: Slip, move: str, at: datetime) -> None:
        """The ticket moves as of when the customer wrote."""
        slip.move("open" if move == "words" else "reopened", at)
        wrote = event_pb2.CustomerWrote(message_id=f"w{at}", at=timestamp(at), text="还没好")
        await self.desk.event(talk.name, talk.epoch, customer_wrote=wrote)

    async def _end_ticket(self, slip: Slip) -> None:
        self.happened["ended by a supervisor"] += 1
        slip.move("closed", self.now)
        await self._edit(slip, SUE, "closed")

    async def _edit(self, slip: Slip, by: tickets_pb2.TicketActor, status: str) -> None:
        [outcome] = await tickets_on(self.desk).bulk([slip.id], by, status=status)
        assert moment(outcome.ticket.solution_due) == slip.solution_due, f"{status} {outcome.code} moved the solution"
        self.books.compared["ticket moves"] += 1

    async def _take_ticket(self, talk: Talk, slip: Slip) -> None:
        """By whoever is there; by night by nobody, and then it is tried again."""
        if not self.staff.online:
            self.agenda.later(1800, lambda: self._take_ticket(talk, slip))
            return
        agent = sorted(self.staff.online)[talk.chance.randrange(len(self.staff.online))]
        slip.taken = True
        asked = pb.TakeTicketRequest(workspace=SHOP, agent_id=agent, ticket_id=slip.id)
        await self.desk.api.TakeTicket(asked, NO_CONTEXT)

    async def write_by_hand(self, conversation: str, priority: str) -> None:
        """A ticket that somebody makes for a customer who wrote a letter."""
        talk = self.talks[conversation] = Talk(conversation, random.Random(f"{self.seed}/{conversation}"))
        record = await tickets_on(self.desk).make(conversation, priority=priority)
        self._owe(talk, self.books.opened(record.id, conversation, priority, self.now))

    # --- calls

    async def _not_reached(self, talk: Talk) -> None:
        slip = talk.slip
        assert slip is not None
        call = self.books.calls[slip.id]
        asked = tickets_pb2.RecordCallbackRequest(
            workspace=SHOP, ticket_id=slip.id, outcome="not_reached", tries=call.tries, by=ANN
        )
        call.tries += 1
        slip.taken = False
        await tickets_on(self.desk).api.RecordCallback(asked, NO_CONTEXT)

    # --- what is heard

    def _hear(self) -> None:
        published, announced = list(self.bus.published), list(self.bus.announced)
        self.bus.published.clear()
        self.bus.announced.clear()
        for item in published:
            if item.exchange is Exchange.INBOUND:
                self._hear_command(command_from_proto(item.envelope.command))
            elif item.exchange is Exchange.EVENTS:
                self._hear_event(item.envelope.event)
        for _, envelope in announced:
            if envelope.live.HasField("offer"):
                self._hear_offer(envelope.live)

    def _hear_command(self, command: k.Command) -> None:
        talk = self.talks[command.conversation_id]
        match command.kind:
            case k.Assign(agent, _, case_id):
                self._hear_assign(talk, command, agent, case_id)
            case k.MarkTicketed():
                self._hear_ticket(talk, command.kind)
            case k.TellOffHours(reopens_at, _):
                phase = talk.wait.phase if talk.wait else self.books.phase(self.now)
                assert reopens_at == phase.reopens(self.now), f"told that people come back at {reopens_at}"
                talk.off_hours_told = self.now
                self.books.compared["reopenings"] += 1
            case k.SuggestTimes():
                assert self.expected_call is None, f"{talk.name} could have been called at {self.expected_call}"
                self.agenda.later(8, lambda: self._leave(talk, soon=True))
            case k.Close():
                self.agenda.later(0.05, lambda: self._closed(talk))
            case k.ReturnToBot(agent, _):
                self.agenda.later(0.05, lambda: self._returned(talk, agent))
            case k.Requeue():
                self.agenda.later(0.05, lambda: self._requeued(talk))

    def _hear_assign(self, talk: Talk, command: k.Command, agent: str, case_id: str) -> None:
        call = self.books.calls.get(talk.slip.id) if talk.slip else None
        if command.epoch:
            assert talk.wait is not None
            assert command.epoch == talk.epoch
            self.books.took(talk.wait, case_id, self.now)
            phase = talk.wait.phase
        elif call is not None and talk.slip is not None:
            assert call.phase is not None
            phase, call.case_id, talk.slip.taken = call.phase, case_id, True
            self.happened["calls taken"] += 1
        else:
            phase = None
        obeys = self.now + timedelta(seconds=talk.chance.choice((0, 0.03, 0.4)))
        self.agenda.at(obeys, lambda: self._obey(talk, agent, case_id, phase or self.books.phase(self.now)))

    def _hear_ticket(self, talk: Talk, told: k.MarkTicketed) -> None:
        talk.epoch += 1
        wait = talk.wait
        assert wait is not None
        slip = self.books.tickets.get(told.ticket_id)
        if slip is None:
            self.books.ticketed(wait, self.now, chosen=bool(told.how))
            slip = self.books.opened(told.ticket_id, talk.name, "urgent" if talk.urgent else "normal", self.now)
            if not told.how:
                off_hours = talk.off_hours_told == self.now
                assert off_hours != wait.phase.is_open(self.now), f"told of closed doors: {off_hours}, at {self.now}"
        assert told.promised_by == slip.promised_by, f"promised an answer by {told.promised_by}"
        if told.how == "callback":
            assert told.callback_at is not None
            expected = self.expected_call
            assert told.callback_at == expected, f"promised a call at {told.callback_at}, not {expected}"
            self.books.promised(slip.id, told.callback_at, self.now)
        slip.number = told.ticket_number
        talk.slip = slip
        if not talk.planned and (told.how or talk.leaves is None):
            talk.planned = True
            self._owe(talk, slip)

    def _hear_event(self, event: event_pb2.Event) -> None:
        match event.WhichOneof("kind"):
            case "answer_timed":
                self.heard.append(event)
            case "callback_changed":
                self._hear_call(event.callback_changed)

    def _hear_call(self, told: event_pb2.CallbackChanged) -> None:
        call = self.books.calls.get(told.ticket_id)
        assert call is not None, f"{told.change}: a call that nobody was promised"
        self.happened[f"call {told.change}"] += 1
        at, now = moment(told.callback_at), moment(told.at)
        match told.change:
            case "promised" | "moved":
                pass
            case "due":
                assert now == call.asks_at, f"asked for a call at {now}, not {call.asks_at}"
                call.state, call.phase = "due", self.books.phase(now)
            case "missed":
                assert (call.state, now) == ("due", max(call.at, call.asks_at)), f"a call of {call.at} missed at {now}"
                call.state, call.late = "missed", True
                self.agenda.later(1200, self.staff.be(OWL, "online"))
                self.agenda.later(6000, self.staff.be(OWL, "offline"))
            case "not_reached":
                expected = self.books.soonest(now, self.books.phase(now).paper.retry)
                assert at == expected, f"a second call at {at}, not {expected}"
                again = self.books.promised(call.ticket_id, at, now)
                again.tries, again.late = call.tries, call.late
            case "failed":
                call.state = "failed"
                slip = self.books.tickets[call.ticket_id]
                self.agenda.later(3600, lambda: self._end_ticket(slip))
            case _:
                call.state = told.change
        assert told.late == self.books.calls[told.ticket_id].late
        assert at == self.books.calls[told.ticket_id].at
        self.books.compared["calls"] += 1

    def _hear_offer(self, live: live_pb2.Live) -> None:
        offer = live.offer
        if offer.change != "made":
            gone = self.staff.offers.pop(offer.offer_id, None)
            if offer.change == "lapsed":
                assert gone is not None, "an offer lapsed that was over"
                assert gone.expires_at == self.now, f"an offer until {gone.expires_at} lapsed at {self.now}"
            return
        expires = moment(offer.expires_at)
        lapses = self.now + timedelta(seconds=self.books.phase(self.now).paper.offer)
        deadline = moment(offer.deadline)
        is_call = offer.reason == "callback"
        wanted = lapses if is_call else min(lapses, max(deadline, self.now + LEAST_OFFER))
        assert expires == wanted, f"an offer until {expires}, not {wanted}"
        if not is_call:
            wait = self.talks[live.conversation_id].wait
            assert wait is not None
            assert deadline == wait.deadline, f"promised a person by {deadline}, not {wait.deadline}"
        self.books.compared["offers"] += 1
        self.staff.react(offer.offer_id, Offered(offer.agent_id, live.conversation_id, expires))
