"""Telling routing of what the customer writes where a ticket follows it, and only there: ADR 0036."""

from dataclasses import replace
from functools import partial

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import derived_id
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.dialogue.answering import Acknowledges, Greets, Thanks
from yizhan.dialogue.served import plain_intent
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2

Sense = event_pb2.CustomerWrote.Sense

RATING = "rating:"
"""How the ids of menus begin that ask how it was."""


def watch(turn: Turn, command: k.Command, asked: k.Watch) -> str:
    """Begin or end to tell; never refused. Of two that come in the wrong order, the one that was asked for later counts."""
    ties, last = turn.conversation.ties, turn.conversation.last_customer_at
    if asked.end:
        if ties.watched_at is not None and ties.watched_at <= command.at:
            turn.conversation = replace(turn.conversation, ties=replace(ties, watched_at=None))
        return ""
    watched_at = max(command.at, ties.watched_at or command.at)
    if ties.watched_at is None and asked.since is not None and last is not None and last > asked.since:
        text = turn.conversation.last_text if turn.conversation.last_author is AuthorKind.CUSTOMER else ""
        told = event_pb2.CustomerWrote(at=timestamp(last), text=text)
        _tell(turn, told, derived_id("wrote", turn.conversation.id, last.isoformat()))
    turn.conversation = replace(turn.conversation, ties=replace(ties, watched_at=watched_at))
    return ""


def tell(turn: Turn, message: Message, *, rating: bool = False, quotes: bool = True) -> None:
    """A message of the customer is stored. ``rating``: it says how satisfied they are, whatever it looks like. Not ``quotes``:
    what it says is nothing to name a ticket by, such as a telephone number that was asked for.
    """
    if turn.conversation.ties.watched_at is None:
        return
    told = event_pb2.CustomerWrote(
        message_id=message.id,
        at=timestamp(message.received_at),
        sense=Sense.SENSE_RATING if rating else sense_of(message.content),
        text=turn.preview(message) if quotes else "",
    )
    _tell(turn, told, derived_id("wrote", message.id))


def sense_of(content: c.Content) -> event_pb2.CustomerWrote.Sense.ValueType:
    """Whether it is only a courtesy, a rating, or says something."""
    match content:
        case c.Choice(menu_id) if menu_id.startswith(RATING):
            return Sense.SENSE_RATING
        case c.Text(text) | c.Choice(_, _, text):
            polite = isinstance(plain_intent(text), Greets | Thanks | Acknowledges)
            return Sense.SENSE_COURTESY if polite else Sense.SENSE_UNSPECIFIED
        case _:
            return Sense.SENSE_UNSPECIFIED


def _tell(turn: Turn, told: event_pb2.CustomerWrote, event_id: str) -> None:
    """The id is derived, so that no decision draws one more because of a ticket, and a repeat is known."""
    turn.event(partial(_set, told), id=event_id)


def _set(told: event_pb2.CustomerWrote, event: event_pb2.Event) -> None:
    event.customer_wrote.CopyFrom(told)
