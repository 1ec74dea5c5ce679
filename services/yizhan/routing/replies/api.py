"""gRPC RepliesService. Roles are checked by who knows them: the caller says whether a person may change what is shared."""

import base64
import binascii
from typing import Any

import grpc

from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.pb.v1 import replies_pb2 as pb, replies_pb2_grpc
from yizhan.routing.replies.book import Person, ReplyBook, Wanted
from yizhan.routing.replies.refusals import refusals
from yizhan.routing.replies.reply import CannedReply
from yizhan.routing.replies.variables import LABELS, Variable

Context = grpc.aio.ServicerContext[Any, Any]

MOST_LISTED = 200
MOST_FOUND = 50
_PLACE_PARTS = 3

VARIABLES = [pb.ReplyVariable(name=name, label=zh, label_en=en) for name, (zh, en) in LABELS.items()]


class RepliesApi(replies_pb2_grpc.RepliesServiceServicer):
    def __init__(self, book: ReplyBook) -> None:
        self._book = book

    async def ListReplies(self, request: pb.ListRepliesRequest, context: Context) -> pb.ListRepliesResponse:
        found, name = await self._book.everything(request.workspace, request.viewer_id)
        size = min(request.page_size or 100, MOST_LISTED)
        after = _place(request.page_token)
        left = [reply for reply in found if after is None or _order(reply) > after]
        shown = left[:size]
        return pb.ListRepliesResponse(
            replies=[_to_proto(reply) for reply in shown],
            next_page_token=_token(shown[-1]) if len(left) > size else "",
            variables=VARIABLES,
            workspace_name=name,
        )

    async def PutReply(self, request: pb.PutReplyRequest, context: Context) -> pb.PutReplyResponse:
        if not (request.by and request.reply.workspace):
            raise RpcProblem("reply_incomplete", grpc.StatusCode.INVALID_ARGUMENT)
        with refusals():
            kept = await self._book.put(_from_proto(request.reply), Person(request.by, request.may_share))
        return pb.PutReplyResponse(reply=_to_proto(kept))

    async def DeleteReply(self, request: pb.DeleteReplyRequest, context: Context) -> pb.DeleteReplyResponse:
        by = Person(request.by, request.may_share)
        with refusals():
            await self._book.delete(request.workspace, request.reply_id, request.revision, by)
        return pb.DeleteReplyResponse()

    async def SearchReplies(self, request: pb.SearchRepliesRequest, context: Context) -> pb.SearchRepliesResponse:
        known = request.values
        wanted = Wanted(
            query=request.query,
            conversation_id=request.conversation_id,
            language=request.language,
            values={
                Variable.CUSTOMER_NAME: known.customer_name,
                Variable.AGENT_NAME: known.agent_name,
                Variable.ORDER_NUMBER: known.order_number,
            },
            limit=min(request.limit or 10, MOST_FOUND),
        )
        found = await self._book.found(request.workspace, request.viewer_id, wanted)
        return pb.SearchRepliesResponse(
            found=[
                pb.FoundReply(reply=_to_proto(reply), rendered=shown.text, missing=shown.missing, blanks=shown.blanks)
                for reply, shown in found
            ]
        )

    async def UseReply(self, request: pb.UseReplyRequest, context: Context) -> pb.UseReplyResponse:
        with refusals():
            await self._book.use(request.workspace, request.reply_id, request.viewer_id)
        return pb.UseReplyResponse()

    async def SetWorkspaceName(
        self, request: pb.SetWorkspaceNameRequest, context: Context
    ) -> pb.SetWorkspaceNameResponse:
        await self._book.name(request.workspace, request.name)
        return pb.SetWorkspaceNameResponse()


def _order(reply: CannedReply) -> tuple[str, ...]:
    return (reply.folder, reply.title, reply.id)


def _token(last: CannedReply) -> str:
    """Where the next page begins: what is added or deleted meanwhile moves nothing else."""
    return base64.urlsafe_b64encode("\n".join(_order(last)).encode()).decode("ascii")


def _place(token: str) -> tuple[str, ...] | None:
    if not token:
        return None
    try:
        place = tuple(base64.urlsafe_b64decode(token.encode("ascii")).decode().split("\n"))
    except (ValueError, binascii.Error) as error:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT) from error
    if len(place) != _PLACE_PARTS:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT)
    return place


def _from_proto(given: pb.CannedReply) -> CannedReply:
    return CannedReply(
        id=given.id,
        workspace=given.workspace,
        owner_id=given.owner_id,
        title=given.title,
        text=given.text,
        shortcut=given.shortcut,
        folder=given.folder,
        language=given.language,
        revision=given.revision,
    )


def _to_proto(reply: CannedReply) -> pb.CannedReply:
    return pb.CannedReply(
        id=reply.id,
        workspace=reply.workspace,
        owner_id=reply.owner_id,
        title=reply.title,
        shortcut=reply.shortcut,
        folder=reply.folder,
        language=reply.language,
        text=reply.text,
        revision=reply.revision,
        uses=reply.uses,
        updated_at=timestamp(reply.updated_at),
        updated_by=reply.updated_by,
    )
