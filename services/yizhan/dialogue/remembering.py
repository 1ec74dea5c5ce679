"""The steps that the assistant decides, taken so that they can be taken again: the writer's way to ``customer`` and ``commands``."""

from zoneinfo import ZoneInfo

from yizhan.core.messages import command as k
from yizhan.core.messages.command_codec import command_to_proto
from yizhan.core.messages.message import Message
from yizhan.dialogue import commands, customer
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.decisions import Basis, Circumstances, Decision, circumstances, observed, voice_digest
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.recognition.asking import UNHEARD
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn

RESULT = "result"
"""The intent of a decision about how a job ended."""

SETTLED = "settled"
"""That of a command before which an answer went out that stood by."""


class Remembering:
    """Carries out a step and gives what it was made from. A replay does the same, and finds the same or says what differs."""

    def __init__(self, answerer: Answerer, job_ends: JobEnds, voice: Voice, zone: ZoneInfo) -> None:
        self._answerer = answerer
        self._job_ends = job_ends
        self._zone = zone
        self._voice = voice_digest(voice)

    def receive(self, turn: Turn, message: Message) -> tuple[customer.Handled, Decision]:
        """A customer's message."""
        before, held = turn.conversation, self.circumstances(turn)
        handled, ids, outcome = observed(
            turn, lambda: customer.receive(turn, message, self._answerer), lambda given: given.intent
        )
        last = turn.conversation.last_seq
        return handled, Decision(message.id, turn.now, last, Basis(before, held, ids, outcome))

    def obey(self, turn: Turn, command: k.Command) -> tuple[str, Decision | None]:
        """A command; why it was refused. A decision of the assistant is a job's result, or what sent an answer that stood by."""
        result = isinstance(command.kind, k.JobFinished) or _unheard(command)
        if not result and turn.conversation.standby is None:
            return commands.obey(turn, command, self._zone, self._job_ends), None
        before, held = turn.conversation, self.circumstances(turn)
        refused, ids, outcome = observed(
            turn,
            lambda: commands.obey(turn, command, self._zone, self._job_ends),
            lambda given: given or (RESULT if result else SETTLED),
        )
        if (
            refused
            or (turn.conversation is before and not ids)
            or (not result and turn.conversation.standby is not None)
        ):
            return refused, None
        last, said = turn.conversation.last_seq, command_to_proto(command).SerializeToString()
        return refused, Decision(command.id, turn.now, last, Basis(before, held, ids, outcome), said)

    def circumstances(self, turn: Turn) -> Circumstances:
        """What holds now."""
        return circumstances(
            self._answerer.source(turn.conversation.address.workspace), self._voice, turn.recognising, turn.models
        )


def _unheard(command: k.Command) -> bool:
    """A result that did not come is one, too."""
    return isinstance(command.kind, k.TimerFired) and command.kind.purpose == UNHEARD
