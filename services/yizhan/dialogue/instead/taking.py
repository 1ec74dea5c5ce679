"""Leaving a message or arranging a callback on a conversation: the pure steps of ``decide`` carried out on a turn.

While the customer answers, the queue keeps their place and any agent may take them: then what was begun is dropped, and
stands on the transcript. What they say counts when routing has made a ticket of it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.message import Message
from yizhan.dialogue.conversation import WAITING, State
from yizhan.dialogue.instead import decide
from yizhan.dialogue.instead.decide import MENU, Move, Place
from yizhan.dialogue.instead.state import (
    ASKING,
    CALLBACK,
    CANCEL_CALLBACK,
    LEAVE_MESSAGE,
    LEFT_MESSAGE,
    Instead,
    Step,
)
from yizhan.dialogue.knowledge.contact_wish import ContactWish, changes_time, contact_wish
from yizhan.dialogue.knowledge.intents import wants_human
from yizhan.dialogue.spoken_language import language
from yizhan.dialogue.turn import TimerSet, Turn
from yizhan.pb.v1 import event_pb2

UNANSWERED = "instead_unanswered"
"""The purpose of the timer after which the customer is told that routing has not answered."""

PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """Routing is asked whether this is possible; its answer goes on from there."""

    wish: str


Taken = Move | Wish


def place_of(turn: Turn) -> Place:
    conversation = turn.conversation
    spoken = language(conversation.locale)
    return Place(turn.now, turn.voice.zone, spoken, conversation.state in WAITING, conversation.epoch)


def read(turn: Turn, message: Message) -> Taken | None:
    """What a customer's message is to all this; None where it has nothing to do with it. Changes nothing."""
    match message.content:
        case c.Choice(menu_id, option_id, _) if menu_id.startswith(MENU):
            return _pressed(turn, option_id)
        case c.Text(text) | c.Choice(_, _, text):
            return _said(turn, text)
        case _:
            state = turn.conversation.instead
            return decide.shown_thing(state, place_of(turn)) if state is not None else None


def only_arranges(turn: Turn, message: Message, taken: Taken | None) -> bool:
    """Whether a message says when and how they are to be reached, and nothing of what it is about. Asked before ``carry_out``."""
    if isinstance(message.content, c.Choice) and message.content.menu_id.startswith(MENU):
        return True
    state = turn.conversation.instead
    tells = state is not None and state.step is Step.ABOUT and not isinstance(message.content, c.Choice)
    return taken is not None and not tells


def carry_out(turn: Turn, message: Message | None, taken: Taken) -> None:
    """Remember, say, and tell routing."""
    if isinstance(taken, Wish):
        wished = event_pb2.ContactWished(wish=taken.wish, at=timestamp(turn.now))
        turn.event(lambda event: event.contact_wished.CopyFrom(wished))
        turn.conversation = replace(turn.conversation, instead=turn.conversation.instead or Instead(Step.OFFERED))
        _await_answer(turn)
        return
    turn.conversation = replace(turn.conversation, instead=taken.state)
    for content in taken.say:
        turn.bot(content, answers=message)
    if taken.sends and taken.state is not None:
        _send(turn, taken.state)
        _await_answer(turn)


def _await_answer(turn: Turn) -> None:
    """Never leave the customer without a word: routing may be away, or be of a version that does not know this."""
    state = turn.conversation.instead
    if state is not None:
        until = turn.now + PATIENCE
        turn.conversation = replace(turn.conversation, instead=replace(state, until=until))
        turn.timers.append(TimerSet(UNANSWERED, until, turn.conversation.session))


def answered(turn: Turn) -> None:
    """Routing has said something."""
    state = turn.conversation.instead
    if state is not None and state.until is not None:
        turn.conversation = replace(turn.conversation, instead=replace(state, until=None))


def over(turn: Turn, message: Message) -> None:
    """A button of a question that is not open any more. Who would wait on when nobody came has a ticket."""
    conversation = turn.conversation
    pending = turn.texts.ticket_pending.format(number=conversation.ticket_number)
    turn.bot(c.Text(pending if conversation.state is State.TICKETED else turn.texts.stay), answers=message)


def kept(state: Instead | None) -> Instead | None:
    """What outlives the wait: that a callback is arranged, and how the customer is reached."""
    if state is None or not state.promise:
        return None
    return Instead(Step.LEFT, phone=state.phone, reached=state.reached, promise=state.promise)


def _pressed(turn: Turn, option: str) -> Taken | None:
    state = turn.conversation.instead
    move = decide.pressed(state, option, place_of(turn)) if state is not None else None
    if move is None and option in {LEAVE_MESSAGE, CALLBACK} and (state is None or state.step is not Step.SENT):
        return Wish(option)
    return move


def _said(turn: Turn, text: str) -> Taken | None:
    state = turn.conversation.instead
    place = place_of(turn)
    wish = contact_wish(text)
    if state is not None and state.step in ASKING:
        gives_up = wants_human(text) or (wish is ContactWish.CANCEL_CALLBACK and state.step is not Step.ABOUT)
        return decide.said(state, place.wording.wait if gives_up else text, place)
    arranged = state is not None and bool(state.promise)
    if arranged and changes_time(text):
        return Wish(CALLBACK)
    if wish is ContactWish.CANCEL_CALLBACK:
        return Wish(CANCEL_CALLBACK) if arranged else None
    if wish is None or (state is not None and state.step is Step.SENT):
        return None
    return (decide.pressed(state, str(wish), place) if state is not None and place.waits else None) or Wish(str(wish))


def _send(turn: Turn, state: Instead) -> None:
    conversation = turn.conversation
    left = event_pb2.MessageLeft(
        how=LEFT_MESSAGE if state.how == LEAVE_MESSAGE else CALLBACK,
        text=state.text,
        phone=state.phone,
        callback_at=timestamp(state.at),
        at=timestamp(turn.now),
        customer_name=conversation.customer_name,
        language=language(conversation.locale),
        ticket_number=(state.promise if state.how == CALLBACK else "") or conversation.ticket_number,
    )
    turn.event(lambda event: event.message_left.CopyFrom(left))


def open_question(turn: Turn) -> None:
    """Something was said in between: what is being asked is asked again."""
    state = turn.conversation.instead
    if state is not None and state.step in ASKING:
        turn.bot(decide.question(state, place_of(turn)))


def drop(turn: Turn) -> None:
    """A person has the customer, or they go to the queue anew: what was begun is over."""
    turn.conversation = replace(turn.conversation, instead=kept(turn.conversation.instead))


def in_the_way(turn: Turn) -> bool:
    """Whether the customer is with a person: what comes from routing now is too late."""
    return turn.conversation.state is State.ASSIGNED
