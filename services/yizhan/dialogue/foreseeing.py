"""Which words of a batch the assistant will be asked about: they are matched in a thread before they are decided on.

Matching takes milliseconds a question, and tens of them with a large release. Taken on the event loop, a batch would hold
up everything else in the process: other customers' connections, agents' screens, heartbeats. What is decided is the same,
also where it was not foreseen: candidates are only remembered.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from yizhan.core.messages import content as c
from yizhan.core.messages.command import Command, JobFinished
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.store.inbox import Claim
from yizhan.dialogue.arrival import Arrival
from yizhan.dialogue.consulting import read_model_result
from yizhan.dialogue.conversation import ASSISTED, Conversation, State
from yizhan.dialogue.models.documents import QuestionVector
from yizhan.dialogue.standby.state import Words


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Customers' words to a workspace, and what they mean where a job has told that."""

    workspace: str
    words: str
    meant: QuestionVector | None = None


Foresee = Callable[[Sequence[Foreseen]], Awaitable[None]]
"""Match these off the event loop."""


async def unforeseen(asked: Sequence[Foreseen]) -> None:
    """Where matching takes no time."""
    del asked


def foreseen(
    arrivals: Sequence[Arrival], claims: Sequence[Claim], known: Mapping[str, Conversation]
) -> Sequence[Foreseen]:
    """Texts that customers write for the first time, and to the assistant, and those that wait for a meaning that is here now.

    ``claims``: of each arrival that has a key.
    """
    each = iter(claims)
    found: dict[Foreseen, None] = {}
    for arrival in arrivals:
        claim = next(each) if arrival.once else Claim.NEW
        match arrival.what:
            case Message(content=c.Text(text), author=author) if author.kind is AuthorKind.CUSTOMER:
                conversation = known.get(arrival.address.key())
                if claim is Claim.NEW and (conversation is None or _assisted(conversation)):
                    found[Foreseen(arrival.address.workspace, text)] = None
            case Command(kind=JobFinished() as job):
                waiting = _waiting(known.get(arrival.address.key()), job)
                result = read_model_result(job) if waiting else None
                if waiting is not None and isinstance(result, QuestionVector):
                    found[Foreseen(arrival.address.workspace, waiting.text, result)] = None
    return tuple(found)


def _waiting(conversation: Conversation | None, job: JobFinished) -> Words | None:
    """The words whose meaning this job tells."""
    standby = conversation.standby if conversation else None
    return standby.unsure if standby is not None and standby.job_id == job.job_id else None


def _assisted(conversation: Conversation) -> bool:
    """A closed conversation is opened again by what the customer writes."""
    return conversation.state in ASSISTED or conversation.state is State.CLOSED
