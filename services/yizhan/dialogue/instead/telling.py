"""What routing says about leaving messages and callbacks, carried out on a turn. Each gives why it was refused, or nothing."""

from dataclasses import replace

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import timestamp
from yizhan.dialogue.conversation import ASSISTED, WAITING, State
from yizhan.dialogue.handoff import hand_off
from yizhan.dialogue.handoff_reasons import REQUESTED
from yizhan.dialogue.instead import decide
from yizhan.dialogue.instead.decide import Move
from yizhan.dialogue.instead.state import ASKING, CALLBACK, LEAVE_MESSAGE, Instead, Step
from yizhan.dialogue.instead.taking import UNANSWERED, answered, carry_out, in_the_way, place_of
from yizhan.dialogue.instead.wording import shown, where
from yizhan.dialogue.tasks.slots.phone import masked
from yizhan.dialogue.texts import promised
from yizhan.dialogue.turn import TimerSet, Turn
from yizhan.pb.v1 import event_pb2

STALE = "stale_epoch"
TOO_LATE = "too_late"
STILL_OWED = frozenset({"missed", "not_reached"})
DONE = "done"

Kind = k.OfferInstead | k.SuggestTimes | k.TellCallback


def obey(turn: Turn, command: k.Command, kind: Kind) -> str:
    answered(turn)
    match kind:
        case k.OfferInstead():
            return _offer(turn, command, kind)
        case k.SuggestTimes():
            return _suggest(turn, kind)
        case k.TellCallback():
            return _tell(turn, kind)


def left(turn: Turn, command: k.Command, ticketed: k.MarkTicketed) -> str:
    """There is a ticket of what the customer has left: say its number and what is promised.

    Only who waits under this epoch, or is with the assistant, changes hands; whoever closed the conversation meanwhile is
    told all the same.
    """
    if in_the_way(turn):
        return STALE
    answered(turn)
    conversation = turn.conversation
    state = conversation.instead or Instead(Step.LEFT)
    called = ticketed.how == CALLBACK and ticketed.callback_at is not None
    promise = ticketed.ticket_number if called else state.promise
    done = replace(state, step=Step.LEFT, text="", at=None, misses=0, promise=promise)
    turn.conversation = replace(conversation, instead=done, ticket_number=ticketed.ticket_number)
    waits = conversation.state in WAITING and command.epoch == conversation.epoch
    moves = waits or conversation.state is State.BOT
    if moves:
        turn.move(State.TICKETED)
    turn.bot(c.Text(_confirmed(turn, state, ticketed)))
    if moves:
        event = event_pb2.ConversationTicketed(
            ticket_id=ticketed.ticket_id,
            ticket_number=ticketed.ticket_number,
            at=timestamp(turn.now),
            how=ticketed.how,
        )
        turn.event(lambda e: e.conversation_ticketed.CopyFrom(event))
    return ""


def _confirmed(turn: Turn, state: Instead, ticketed: k.MarkTicketed) -> str:
    place = place_of(turn)
    words = place.wording
    reached = where(masked(state.phone) if state.phone else "", place.language)
    if ticketed.callback_at is None:
        by = promised(turn.texts, ticketed.promised_by, place.zone)
        return words.left_message.format(number=ticketed.ticket_number, promised_by=by, where=reached)
    at = shown(ticketed.callback_at, place.zone, place.language)
    return (
        words.promised.format(number=ticketed.ticket_number, at=at, where=reached)
        + ("" if place.language == "zh" else " ")
        + words.how_to_change
    )


def _offer(turn: Turn, command: k.Command, offer: k.OfferInstead) -> str:
    conversation = turn.conversation
    if conversation.state not in WAITING | ASSISTED:
        return TOO_LATE
    state = conversation.instead
    place = place_of(turn)
    if not offer.wished:
        if command.epoch != conversation.epoch:
            return STALE
        if state is not None and state.step in {*ASKING, Step.SENT}:
            return ""
        shown_now = decide.offered(offer.leave_message, offer.callback, offer.next_open, place)
        if shown_now.state is not None and state is not None:
            kept = replace(shown_now.state, phone=state.phone, reached=state.reached, promise=state.promise)
            shown_now = replace(shown_now, state=kept)
        carry_out(turn, None, shown_now)
        return ""
    known = replace(
        state or Instead(Step.OFFERED),
        step=Step.OFFERED,
        leave_message=offer.leave_message,
        callback=offer.callback,
        next_open=offer.next_open,
    )
    possible = offer.leave_message if offer.wished == LEAVE_MESSAGE else offer.callback
    if possible:
        carry_out(turn, None, decide.chosen(known, offer.wished, place))
    elif place.waits:
        carry_out(turn, None, Move(state, (c.Text(place.wording.not_possible),)))
    else:
        hand_off(turn, None, REQUESTED)
    return ""


def _suggest(turn: Turn, suggested: k.SuggestTimes) -> str:
    state = turn.conversation.instead
    if in_the_way(turn) or state is None or state.step is not Step.SENT:
        return TOO_LATE
    carry_out(turn, None, decide.suggested(state, suggested.reason, suggested.times, place_of(turn)))
    return ""


def _tell(turn: Turn, told: k.TellCallback) -> str:
    """While a person talks with the customer nothing is said: they do."""
    state = turn.conversation.instead
    if told.change not in STILL_OWED and state is not None:
        turn.conversation = replace(turn.conversation, instead=replace(state, promise=""))
    if in_the_way(turn) or told.change == DONE:
        return ""
    place = place_of(turn)
    words = place.wording
    text = words.callbacks.get(told.change, words.no_promise)
    at = shown(told.callback_at, place.zone, place.language) if told.callback_at else ""
    turn.bot(c.Text(text.format(at=at, number=told.ticket_number)))
    return ""


def unanswered(turn: Turn) -> str:
    """The timer has fired: routing has not said anything. Who is with the assistant gets a person instead; never refused.

    Should it answer later after all, that is told then.
    """
    state = turn.conversation.instead
    if state is None or state.until is None:
        return ""
    if turn.now < state.until:  # it is a later one
        turn.timers.append(TimerSet(UNANSWERED, state.until, turn.conversation.session))
        return ""
    step = Step.OFFERED if state.step is Step.SENT else state.step
    turn.conversation = replace(turn.conversation, instead=replace(state, step=step, until=None))
    if in_the_way(turn):
        return ""
    if turn.conversation.state is State.BOT:
        hand_off(turn, None, REQUESTED)
        return ""
    place = place_of(turn)
    turn.bot(c.Text(place.wording.unanswered))
    return ""
