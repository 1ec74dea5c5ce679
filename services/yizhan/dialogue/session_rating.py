"""Asking a customer how a session was, and taking the answer: of a session the last one counts. Pure. ADR 0054."""

from dataclasses import dataclass, replace
from functools import partial

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.message import Message
from yizhan.dialogue import by_mail
from yizhan.dialogue.conversation import State
from yizhan.dialogue.customers.rating import Rated
from yizhan.dialogue.misses.noting import note_rating
from yizhan.dialogue.tickets.surveying import MENU, SCORES
from yizhan.dialogue.tickets.watching import RATING
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2


@dataclass(frozen=True, slots=True)
class Given:
    """``session``: the one that is rated. By mail that may be one before the present."""

    score: int
    session: int


@dataclass(frozen=True, slots=True)
class Late:
    """It was asked by mail, and nobody waits for the answer any more: it is kept, and begins nothing."""


def ask(turn: Turn) -> None:
    """The session is over: ask how it was, when somebody was served in it."""
    conversation = turn.conversation
    if not (conversation.answered or conversation.agent_replied):
        return
    options = tuple(c.MenuOption(str(score), label) for score, label in enumerate(turn.texts.rating_labels, start=1))
    menu_id = f"{RATING}{conversation.session}"
    if not conversation.is_mail:
        turn.bot(c.Menu(menu_id, turn.texts.rating_prompt, options))
    elif by_mail.may_invite(turn):
        case = replace(
            conversation.mail_case,
            asked_session=conversation.session,
            asked_agent=conversation.served_by,
            asked_at=turn.now,
        )
        turn.conversation = replace(conversation, mail_case=case)
        turn.bot(c.Menu(menu_id, by_mail.addressed(turn, turn.texts.mail_rating_prompt), options), posted=True)


def answer_in(turn: Turn, message: Message) -> Given | Late | None:
    """What a customer's message says to the question about a session, if it does."""
    content, conversation = message.content, turn.conversation
    if not isinstance(content, c.Choice) or not content.menu_id.startswith(RATING) or content.menu_id.startswith(MENU):
        return None
    session = content.menu_id.removeprefix(RATING)
    just_ended = conversation.state is State.CLOSED and session == str(conversation.session)
    asked_by_mail = conversation.is_mail and session == str(conversation.mail_case.asked_session)
    if (just_ended or asked_by_mail) and content.option_id in SCORES:
        return Given(int(content.option_id), int(session))
    return Late() if conversation.is_mail else None


def take(turn: Turn, message: Message, given: Given | Late) -> str:
    """Keep the answer, which is stored, and thank for it; the reply's id. Who answered by mail was thanked by the page."""
    if isinstance(given, Late):
        return ""
    before = turn.conversation
    present = given.session == before.session
    agent_id = before.served_by if present else before.mail_case.asked_agent
    turn.ratings.append(Rated(message.id, before.id, given.session, given.score, agent_id, turn.now))
    if present:
        turn.conversation = replace(before, rating=given.score)
    reply = None if before.is_mail else turn.bot(c.Text(turn.texts.rating_thanks), answers=message)
    rated = event_pb2.ConversationRated(score=given.score, agent_id=agent_id, at=timestamp(turn.now))
    said = message if present else replace(message, session=given.session)
    turn.event(partial(_set, rated), said=said)
    if present:
        note_rating(turn, given.score)
    return reply.id if reply else ""


def _set(rated: event_pb2.ConversationRated, event: event_pb2.Event) -> None:
    event.conversation_rated.CopyFrom(rated)
