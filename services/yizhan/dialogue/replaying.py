"""Finds a stored decision by the id of a message, opens the release that it was made from, and makes it again."""

from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from yizhan.core.messages.codec import Undecodable, message_from_proto
from yizhan.core.messages.command import Command
from yizhan.core.messages.command_codec import command_from_proto
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.decisions import Circumstances, DecisionUnreadable, load_basis
from yizhan.dialogue.explaining import Explanation, explained
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.one_release import OneRelease
from yizhan.dialogue.replay import Setting, changed, differences, made_again
from yizhan.dialogue.served import Served
from yizhan.dialogue.shelf import ReleaseUnusable, Shelf
from yizhan.dialogue.store import Place, StoredDecision
from yizhan.pb.v1 import command_pb2, message_pb2

NO_DECISION = "no_decision"
NOT_THE_ASSISTANT = "not_the_assistant"
NOT_AN_ANSWER = "not_an_answer"
UNREADABLE = "unreadable"


class UnknownMessage(Exception):
    """The workspace has no message, and no decision, of this id."""


class NotReplayable(Exception):
    """There is nothing to make again. ``reason`` is one of these names; ``detail`` says what is unreadable or unusable.

    ``no_decision``: the message was handled before decisions were kept. ``not_the_assistant``: a person or the system
    said it. ``not_an_answer``: the assistant said it without having been told anything (a greeting, a ticket's number).
    ``unreadable``: what was kept cannot be read. ``release_missing``, ``release_damaged``, ``release_index_outdated``:
    the release that it was made from cannot be opened.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".rstrip())
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Replayed:
    """``messages``: how many were stored for it, the customer's own among them. ``differences``: lines, none when identical.

    ``changed``: what does not hold any more that held then; it explains differences and is none itself.
    """

    explanation: Explanation
    messages: int
    differences: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def identical(self) -> bool:
        return not self.differences


class Replayer:
    """Reads only. ``setting`` is what the deployment gives decisions today."""

    def __init__(self, database: Database, shelf: Shelf, setting: Setting) -> None:
        self._database = database
        self._shelf = shelf
        self._setting = setting

    async def replay(self, workspace: str, message_id: str) -> Replayed:
        """By the id of a customer's message, of an answer, or of a command.

        Raises UnknownMessage, NotReplayable and StoreUnavailable.
        """
        stored = await self._find(workspace, message_id)
        try:
            basis = load_basis(stored.document)
        except DecisionUnreadable as error:
            raise NotReplayable(UNREADABLE, "decision") from error
        if basis.before.address.workspace != workspace:
            raise UnknownMessage(message_id)
        async with self._database.read() as tx:
            bodies = await store.bodies_between(tx, stored.conversation_id, stored.after_seq, stored.last_seq)
        what = _command(stored.command) if stored.command is not None else _message(stored.id, bodies)
        answerer = await self._answerer(basis.circumstances)
        again = made_again(basis, what, stored.decided_at, answerer, self._setting)
        return Replayed(
            explanation=explained(basis, what, again, answerer),
            messages=len(bodies),
            differences=differences(bodies, basis, again),
            changed=changed(basis.circumstances, again.circumstances),
        )

    async def _find(self, workspace: str, message_id: str) -> StoredDecision:
        async with self._database.read() as tx:
            found = await store.decision_by_id(tx, message_id)
            place = None if found else await store.message_place(tx, message_id)
            if found is not None:
                return found
            message = _stored(place) if place else None
            if place is None or message is None or message.address.workspace != workspace:
                raise UnknownMessage(message_id)
            # The result of a job may have said it, in reply to a message that was decided on before; or the next message
            # of the customer came before that, and the answer went out first.
            found = await store.decision_by_command(tx, place.conversation_id, place.seq)
            if found is None and message.in_reply_to:
                found = _holding(place, await store.decision_by_id(tx, message.in_reply_to))
            if found is None and message.in_reply_to:
                found = _holding(place, await store.decision_after(tx, place.conversation_id, place.seq))
        if found is None:
            raise NotReplayable(_why_not(place.author, bool(message.in_reply_to)))
        return found

    async def _answerer(self, held: Circumstances) -> OneRelease:
        """The thresholds that held then count where the release has none of its own, whatever the settings say now."""
        thresholds = Thresholds(held.answer, held.clarify, held.margin)
        if not held.release_id:
            return OneRelease(None, thresholds)
        try:
            release = await self._shelf.open(held.release_id)
        except ReleaseUnusable as error:
            raise NotReplayable(f"release_{error.reason}", error.detail) from error
        return OneRelease(Served(release, thresholds, self._setting.zone), thresholds)


def _why_not(author: AuthorKind, answers: bool) -> str:
    if author is AuthorKind.CUSTOMER or answers:
        return NO_DECISION
    return NOT_AN_ANSWER if author is AuthorKind.BOT else NOT_THE_ASSISTANT


def _holding(place: Place, found: StoredDecision | None) -> StoredDecision | None:
    """A decision only where the message is one of those that were stored for it."""
    return found if found is not None and found.after_seq < place.seq <= found.last_seq else None


def _message(message_id: str, bodies: Sequence[bytes]) -> Message:
    """The customer's message, among what was stored for it: the first, but for the answer to the one before."""
    try:
        stored = map(message_pb2.Message.FromString, bodies)
        return message_from_proto(next(one for one in stored if one.id == message_id))
    except (StopIteration, DecodeError, Undecodable) as error:
        raise NotReplayable(UNREADABLE, "message") from error


def _command(data: bytes) -> Command:
    try:
        return command_from_proto(command_pb2.Command.FromString(data))
    except (DecodeError, Undecodable) as error:
        raise NotReplayable(UNREADABLE, "command") from error


def _stored(place: Place) -> Message:
    try:
        return message_from_proto(message_pb2.Message.FromString(place.body))
    except (DecodeError, Undecodable) as error:
        raise NotReplayable(UNREADABLE, "message") from error
