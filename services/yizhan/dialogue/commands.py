"""What agents, routing and timers ask of a conversation. A command with another epoch is refused: invariant 4."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import timestamp
from yizhan.dialogue import by_mail, session_rating, tasking
from yizhan.dialogue.agents_words import Words, by, utter
from yizhan.dialogue.conversation import ASSISTED, WAITING, State
from yizhan.dialogue.instead import taking, telling
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.misses.suggestion import used
from yizhan.dialogue.recognition import asking
from yizhan.dialogue.recognition.attending import forget
from yizhan.dialogue.recognition.documents import RECOGNISE
from yizhan.dialogue.standby import settling
from yizhan.dialogue.texts import promised
from yizhan.dialogue.tickets import replying, surveying, watching
from yizhan.dialogue.transferring import requeue
from yizhan.dialogue.turn import IDLE, TimerSet, Turn
from yizhan.dialogue.waiting import tell_off_hours, tell_progress
from yizhan.dialogue.writing_notes import take_note
from yizhan.pb.v1 import event_pb2

STALE = "stale_epoch"
CLOSED = "closed"
HAS_IT_ALREADY = "has_it_already"
NOBODY = frozenset({"", "system", "customer"})
"""Who are no agents, in ``by`` of commands."""


def obey(turn: Turn, command: k.Command, zone: ZoneInfo, job_ends: JobEnds) -> str:
    """Carry out a command; returns why it was refused, empty when it was not."""
    match command.kind:
        case k.Say():
            return _say(turn, command, command.kind)
        case k.Note():
            return take_note(turn, command, command.kind)
        case k.Reply():
            return replying.reply(turn, command, command.kind)
        case k.Assign() | k.Requeue() | k.ReturnToBot() | k.Close():
            return _of_ownership(turn, command, command.kind)
        case (
            k.MarkOffered()
            | k.MarkTicketed()
            | k.TellProgress()
            | k.TellOffHours()
            | k.Acknowledge()
            | k.OfferInstead()
            | k.SuggestTimes()
            | k.TellCallback()
        ):
            return _of_the_queue(turn, command, command.kind, zone)
        case k.Watch():
            return watching.watch(turn, command, command.kind)
        case k.AskTicketRating():
            return surveying.ask(turn, command.kind)
        case k.TimerFired() | k.JobFinished():
            return _came_back(turn, command.kind, job_ends)
        case k.Visit() | k.NoteWindow():
            raise AssertionError("not a command to the conversation's owner")


OfOwnership = k.Assign | k.Requeue | k.ReturnToBot | k.Close


def _of_ownership(turn: Turn, command: k.Command, kind: OfOwnership) -> str:
    """Whatever gives the conversation to somebody else."""
    match kind:
        case k.Assign():
            return _assign(turn, command, kind)
        case k.Requeue():
            return requeue(turn, command, kind)
        case k.ReturnToBot():
            return _return_to_bot(turn, command, kind)
        case k.Close():
            return _close(turn, command, kind)


OfTheQueue = k.MarkOffered | k.MarkTicketed | k.TellProgress | k.TellOffHours | k.Acknowledge | telling.Kind


def _of_the_queue(turn: Turn, command: k.Command, kind: OfTheQueue, zone: ZoneInfo) -> str:
    """What routing says while a human is being looked for, or promised."""
    match kind:
        case k.MarkOffered():
            return _mark_offered(turn, command, kind)
        case k.MarkTicketed():
            return _mark_ticketed(turn, command, kind, zone)
        case k.TellProgress():
            return tell_progress(turn, command, kind)
        case k.TellOffHours():
            return tell_off_hours(turn, command, kind, zone)
        case k.Acknowledge():
            return by_mail.acknowledge(turn, command, kind, zone)
        case _:
            return telling.obey(turn, command, kind)


def refuse(turn: Turn, command: k.Command, reason: str) -> None:
    """Tell everyone concerned that a command was not taken, and why."""
    kind = command.kind
    client_id = kind.client_id if isinstance(kind, k.Say | k.Note | k.Reply) else ""
    agent_id = _who(kind)
    refused = event_pb2.CommandRefused(
        command_id=command.id,
        command_kind=type(kind).__name__,
        reason=reason,
        client_id=client_id,
        agent_id=agent_id,
        epoch_given=command.epoch,
    )
    turn.event(lambda event: event.command_refused.CopyFrom(refused))
    action = _ACTIONS.get(type(kind), "")
    if client_id or (action and agent_id):
        turn.refuse(client_id=client_id, agent_id=agent_id, reason=reason, action=action)


_ACTIONS: dict[type, str] = {k.Assign: "take", k.Requeue: "transfer", k.ReturnToBot: "return", k.Close: "close"}
"""What an agent does with a conversation, as their screen calls it: they were told that it was asked for, so they hear of a no."""


def _who(kind: k.CommandKind) -> str:
    """The agent whom a command comes from or is for; empty where it is nobody's."""
    match kind:
        case (
            k.Say(agent_id) | k.Reply(agent_id) | k.Assign(agent_id) | k.ReturnToBot(agent_id) | k.MarkOffered(agent_id)
        ):
            return agent_id
        case k.Note(author_id):
            return author_id
        case k.Requeue(by) | k.Close(by):
            return "" if by in NOBODY else by
        case _:
            return ""


def _stale(turn: Turn, command: k.Command) -> bool:
    return command.epoch != turn.conversation.epoch


def _say(turn: Turn, command: k.Command, say: k.Say) -> str:
    conversation = turn.conversation
    if conversation.state is State.CLOSED:
        return CLOSED
    if _stale(turn, command) or conversation.state is not State.ASSIGNED or conversation.agent_id != say.agent_id:
        return STALE
    author = by(say.agent_id, conversation.agent_name)
    utter(turn, command, Words(author, say.content, say.client_id, first=not conversation.agent_replied))
    turn.conversation = replace(turn.conversation, agent_replied=True)
    turn.suggestions += used(say.suggestion, agent_id=say.agent_id, new_id=turn.new_id)
    return ""


def _mark_offered(turn: Turn, command: k.Command, offered: k.MarkOffered) -> str:
    """An offer is no change of owner: the queue still has the conversation. No agent: the offer lapsed."""
    if _stale(turn, command) or turn.conversation.state not in WAITING:
        return STALE
    turn.conversation = replace(turn.conversation, state=State.OFFERED if offered.agent_id else State.QUEUED)
    turn.announce_state()
    return ""


def _assign(turn: Turn, command: k.Command, assign: k.Assign) -> str:
    """From the queue, or from the agent who has it, with the present epoch; epoch 0 takes any conversation that no agent has.

    That is a ticket's. An agent whose conversation another one takes over speaks under an old epoch from then on.
    """
    conversation = turn.conversation
    had = conversation.agent_id if conversation.state is State.ASSIGNED else ""
    if command.epoch == 0 and not had:
        if conversation.state is State.CLOSED:
            turn.open_session(first=False)
    elif _stale(turn, command) or not (had or conversation.state in WAITING):
        return STALE
    if had == assign.agent_id:
        return HAS_IT_ALREADY
    settling.settle(turn)
    taking.drop(turn)
    turn.conversation = replace(
        turn.conversation,
        agent_id=assign.agent_id,
        agent_name=assign.agent_name,
        served_by=assign.agent_id,
        agent_replied=False,
    )
    turn.move(State.ASSIGNED)
    turn.note("agent_joined", turn.texts.agent_joined.format(name=assign.agent_name))
    assigned = event_pb2.ConversationAssigned(
        agent_id=assign.agent_id,
        agent_name=assign.agent_name,
        assignment_id=assign.assignment_id,
        at=timestamp(turn.now),
        from_agent_id=had,
    )
    turn.event(lambda event: event.conversation_assigned.CopyFrom(assigned))
    return ""


def _return_to_bot(turn: Turn, command: k.Command, returned: k.ReturnToBot) -> str:
    if _stale(turn, command) or turn.conversation.state in ASSISTED or turn.conversation.state is State.CLOSED:
        return STALE
    turn.conversation = replace(
        turn.conversation, agent_id="", agent_name="", handoff_reason="", handoff_at=None, topic="", urgency=None
    )
    turn.move(State.BOT)
    turn.note("returned_to_bot", turn.texts.returned)
    tasking.returned(turn)
    event = event_pb2.ConversationReturned(by=returned.agent_id, reason=returned.reason, at=timestamp(turn.now))
    turn.event(lambda e: e.conversation_returned.CopyFrom(event))
    surveying.look(turn)
    return ""


def _close(turn: Turn, command: k.Command, close: k.Close) -> str:
    if turn.conversation.state is State.CLOSED:
        return CLOSED
    if _stale(turn, command):
        return STALE
    end_session(turn, by=close.by, reason=close.reason, ask_rating=close.ask_rating)
    return ""


def end_session(turn: Turn, *, by: str, reason: str, ask_rating: bool) -> None:
    """Close the session, say so, and ask how it was when somebody was served in it."""
    settling.settle(turn)
    forget(turn)
    left = tasking.after_close(turn.conversation)
    taking.drop(turn)
    turn.conversation = replace(turn.conversation, agent_id="", agent_name="", closed_at=turn.now, task=left)
    turn.move(State.CLOSED)
    turn.note("closed", turn.texts.closed)
    closed = event_pb2.ConversationClosed(by=by, reason=reason, at=timestamp(turn.now))
    turn.event(lambda event: event.conversation_closed.CopyFrom(closed))
    if ask_rating:
        session_rating.ask(turn)
    surveying.look(turn)


def _mark_ticketed(turn: Turn, command: k.Command, ticketed: k.MarkTicketed, zone: ZoneInfo) -> str:
    if ticketed.how:
        return telling.left(turn, command, ticketed)
    if _stale(turn, command) or turn.conversation.state not in WAITING:
        return STALE
    turn.conversation = replace(turn.conversation, ticket_number=ticketed.ticket_number)
    turn.move(State.TICKETED)
    texts = turn.texts
    by = promised(texts, ticketed.promised_by, zone)
    words = texts.ticketed_by_mail if turn.conversation.is_mail else texts.ticketed
    told = words.format(number=ticketed.ticket_number, promised_by=by)
    if turn.conversation.is_mail:
        turn.bot(c.Text(by_mail.letter(turn, told)), posted=not by_mail.was_acknowledged(turn.conversation))
    else:
        turn.bot(c.Text(told))
    event = event_pb2.ConversationTicketed(
        ticket_id=ticketed.ticket_id, ticket_number=ticketed.ticket_number, at=timestamp(turn.now)
    )
    turn.event(lambda e: e.conversation_ticketed.CopyFrom(event))
    taking.open_question(turn)
    surveying.look(turn)
    return ""


def _came_back(turn: Turn, kind: k.TimerFired | k.JobFinished, job_ends: JobEnds) -> str:
    """What dialogue itself has set going."""
    if isinstance(kind, k.JobFinished):
        return job_ends.take(turn, kind)
    match kind.purpose:
        case settling.UNSENT:
            return settling.unsent(turn)
        case taking.UNANSWERED:
            return telling.unanswered(turn)
        case asking.UNHEARD:
            return _unheard(turn, job_ends)
        case surveying.SURVEY:
            surveying.look(turn)
            return ""
        case _:
            return _timer_fired(turn, kind)


def _unheard(turn: Turn, job_ends: JobEnds) -> str:
    """A recognition whose result has not come, as one that was too slow: its job is gone, or another version had it."""
    pending = turn.conversation.recognition
    if pending is None:
        return ""
    if turn.now < pending.until:  # it is a later one
        turn.timers.append(TimerSet(asking.UNHEARD, pending.until, turn.conversation.session))
        return ""
    return job_ends.take(turn, k.JobFinished(pending.job_id, RECOGNISE, k.JobOutcome.TIMED_OUT))


def _timer_fired(turn: Turn, fired: k.TimerFired) -> str:
    """Close a session in which nobody wrote for the idle time; a session in motion is looked at again later."""
    conversation = turn.conversation
    if fired.purpose != IDLE or fired.session != conversation.session or conversation.state is State.CLOSED:
        return ""
    last = conversation.last_message_at or conversation.first_seen_at
    due = last + turn.idle_close
    if conversation.state in ASSISTED and due <= turn.now + timedelta(seconds=1):
        end_session(turn, by="system", reason="idle", ask_rating=True)
    else:
        turn.timers.append(TimerSet(IDLE, max(due, turn.now + timedelta(minutes=1)), conversation.session))
    return ""
