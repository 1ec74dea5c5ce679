"""What dialogue has of a conversation: messages and internal notes, asked over gRPC."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import grpc
import grpc.aio

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.pb.v1 import conversations_pb2, message_pb2
from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceStub

if TYPE_CHECKING:
    from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceAsyncStub

SECONDS: Final = 5.0
PAGE: Final = 50


class TranscriptAway(Exception):
    """Dialogue does not answer now."""


class Transcripts:
    """Of all workspaces. With ``yizhan up`` dialogue is reached only once the process answers: ``connect``."""

    def __init__(self, dialogue: grpc.aio.Channel | None = None) -> None:
        self._dialogue: ConversationsServiceAsyncStub | None = None
        if dialogue is not None:
            self.connect(dialogue)

    def connect(self, dialogue: grpc.aio.Channel) -> None:
        self._dialogue = ConversationsServiceStub(dialogue)

    async def messages(
        self, workspace: str, conversation_id: str, after: int
    ) -> Sequence[conversations_pb2.StoredMessage]:
        """The next ones, oldest first; none where dialogue knows no such conversation. Raises TranscriptAway."""
        asked = conversations_pb2.ListMessagesRequest(
            workspace=workspace, conversation_id=conversation_id, after_seq=after, limit=PAGE
        )
        try:
            return (await self._asked().ListMessages(asked, timeout=SECONDS)).messages
        except RpcProblem as problem:
            if problem.status is grpc.StatusCode.NOT_FOUND:
                return ()
            raise TranscriptAway(problem.code) from problem

    async def notes(self, workspace: str, conversation_id: str, after: int) -> Sequence[message_pb2.InternalNote]:
        """The next ones, the first one first; none where there is no such conversation. Raises TranscriptAway."""
        asked = conversations_pb2.ListNotesRequest(
            workspace=workspace, conversation_id=conversation_id, after=after, limit=PAGE
        )
        try:
            return (await self._asked().ListNotes(asked, timeout=SECONDS)).notes
        except RpcProblem as problem:
            if problem.status is grpc.StatusCode.NOT_FOUND:
                return ()
            raise TranscriptAway(problem.code) from problem

    def _asked(self) -> "ConversationsServiceAsyncStub":
        """Raises TranscriptAway where it is not known (as yet) where dialogue is."""
        if self._dialogue is None:
            raise TranscriptAway("dialogue_unknown")
        return self._dialogue
