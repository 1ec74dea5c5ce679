"""gRPC ConversationsService: reading transcripts and lists. Writing goes over the bus."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

import grpc

from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable, address_from_proto, address_to_proto, timestamp, window_to_proto
from yizhan.core.messages.message import AuthorKind
from yizhan.core.messages.receipt import ReceiptState
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.internal_note import note_to_proto
from yizhan.dialogue.tasks.state import Phase, TaskState
from yizhan.pb.v1 import conversations_pb2 as pb, conversations_pb2_grpc, event_pb2, message_pb2, receipt_pb2

MOST_CONVERSATIONS = 100
MOST_MESSAGES = 500
MOST_HEADS = 500

Context = grpc.aio.ServicerContext[Any, Any]


class ConversationsApi(conversations_pb2_grpc.ConversationsServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListConversations(
        self, request: pb.ListConversationsRequest, context: Context
    ) -> pb.ListConversationsResponse:
        size = min(request.page_size or 30, MOST_CONVERSATIONS)
        page = store.Page(
            workspace=_workspace(request.workspace),
            states=tuple(_state(state) for state in request.states),
            agent_id=request.agent_id,
            search=request.search.strip(),
            ids=tuple(request.ids[:MOST_CONVERSATIONS]),
            before=_page_start(request.page_token),
            size=size,
        )
        async with self._database.read() as tx:
            found = await store.list_conversations(tx, page)
        shown = found[:size]
        token = _page_token(shown[-1]) if len(found) > size else ""
        return pb.ListConversationsResponse(conversations=[to_proto(item) for item in shown], next_page_token=token)

    async def GetConversation(self, request: pb.GetConversationRequest, context: Context) -> pb.GetConversationResponse:
        conversation = await self._find(request.workspace, request.conversation_id, request)
        if conversation is None:
            raise RpcProblem("unknown_conversation", grpc.StatusCode.NOT_FOUND)
        return pb.GetConversationResponse(conversation=to_proto(conversation))

    async def ListMessages(self, request: pb.ListMessagesRequest, context: Context) -> pb.ListMessagesResponse:
        conversation = await self._find(request.workspace, request.conversation_id, request)
        if conversation is None:
            return pb.ListMessagesResponse()
        limit = min(request.limit or 100, MOST_MESSAGES)
        async with self._database.read() as tx:
            if request.ids:
                rows = await store.messages_named(tx, conversation.id, tuple(request.ids[:MOST_MESSAGES]))
            elif request.before_seq:
                rows = await store.messages_before(tx, conversation.id, request.before_seq, limit)
            else:
                rows = await store.messages_after(tx, conversation.id, request.after_seq, limit)
            unread = await store.count_unread(tx, conversation) if request.count_unread else 0
        if request.ids:
            more = False
        elif request.before_seq:
            more = bool(rows) and rows[0].seq > 1
        else:
            more = bool(rows) and rows[-1].seq < conversation.last_seq
        last_seq = max(conversation.last_seq, rows[-1].seq if rows else 0)
        return pb.ListMessagesResponse(
            messages=[_message(row, conversation) for row in rows],
            last_seq=last_seq,
            more=more,
            conversation=to_proto(conversation),
            unread=unread,
        )

    async def ListNotes(self, request: pb.ListNotesRequest, context: Context) -> pb.ListNotesResponse:
        limit = min(request.limit or 100, MOST_MESSAGES)
        async with self._database.read() as tx:
            workspace, conversation_id = _workspace(request.workspace), request.conversation_id
            conversation = await store.conversation_by_id(tx, workspace, conversation_id)
            if conversation is None:
                raise RpcProblem("unknown_conversation", grpc.StatusCode.NOT_FOUND)
            found = await store.notes_after(tx, conversation.id, request.after, limit)
        last = max(conversation.last_note, found[-1].number if found else 0)
        more = bool(found) and found[-1].number < last
        return pb.ListNotesResponse(notes=[note_to_proto(note) for note in found], last_number=last, more=more)

    async def GetHeads(self, request: pb.GetHeadsRequest, context: Context) -> pb.GetHeadsResponse:
        addresses = [_address(item) for item in request.addresses[:MOST_HEADS]]
        async with self._database.read() as tx:
            found = await store.heads(tx, addresses)
        rows = [pb.Head(address=address_to_proto(address), last_seq=seq) for address, seq in found.items()]
        return pb.GetHeadsResponse(heads=rows)

    async def _find(
        self, workspace: str, conversation_id: str, request: pb.GetConversationRequest | pb.ListMessagesRequest
    ) -> Conversation | None:
        async with self._database.read() as tx:
            if conversation_id:
                return await store.conversation_by_id(tx, _workspace(workspace), conversation_id)
            return await store.conversation_by_address(tx, _address(request.address))


def to_proto(item: Conversation) -> pb.Conversation:
    """A conversation as other services see it."""
    return pb.Conversation(
        id=item.id,
        address=address_to_proto(item.address),
        state=event_pb2.ConversationState.ValueType(item.state),
        epoch=item.epoch,
        last_seq=item.last_seq,
        session=item.session,
        agent_id=item.agent_id,
        agent_name=item.agent_name,
        customer_name=item.customer_name,
        locale=item.locale,
        opened_at=timestamp(item.opened_at),
        last_message_at=timestamp(item.last_message_at),
        closed_at=timestamp(item.closed_at),
        last_text=item.last_text,
        last_author=message_pb2.AuthorKind.ValueType(item.last_author or 0),
        rating=item.rating,
        handoff_reason=item.handoff_reason,
        handoff_at=timestamp(item.handoff_at),
        page_url=item.page_url,
        page_title=item.page_title,
        verified=item.verified,
        first_seen_at=timestamp(item.first_seen_at),
        delivered_seq=item.delivered_seq,
        read_seq=item.read_seq,
        reply_window=window_to_proto(item.reply_window),
        task=_task(item.task) if item.task else None,
        mail_subject=item.mail_subject,
        topic=item.topic,
        urgency=event_pb2.Urgency.ValueType(item.urgency or 0),
    )


def _task(state: TaskState) -> pb.TaskView:
    values = [
        pb.TaskValue(slot=name, label=state.labels.get(name, name), shown=value.shown)
        for name, value in state.values.items()
    ]
    return pb.TaskView(
        name=state.task,
        title=state.title,
        phase=state.phase,
        values=values,
        opened_at=timestamp(state.opened_at),
        asked=state.labels.get(state.open, state.open) if state.phase is Phase.ASKING else "",
    )


def _message(row: store.Stored, conversation: Conversation) -> pb.StoredMessage:
    message = message_pb2.Message()
    message.ParseFromString(row.body)
    state = receipt_state(row, conversation)
    return pb.StoredMessage(
        message=message,
        receipt=receipt_pb2.ReceiptState.ValueType(state or 0),
        receipt_reason=row.reason,
        receipt_detail=row.detail,
        fallback=row.fallback,
    )


def receipt_state(row: store.Stored, conversation: Conversation) -> ReceiptState | None:
    """How far a message to the customer got: its own mark or the conversation's watermarks, whichever knows more."""
    if row.author is AuthorKind.CUSTOMER:
        return None
    if row.receipt is ReceiptState.HELD:
        return row.receipt  # a watermark that went past it cannot mean it
    states = [row.receipt] if row.receipt else []
    if row.seq <= conversation.delivered_seq:
        states.append(ReceiptState.DELIVERED)
    if row.seq <= conversation.read_seq:
        states.append(ReceiptState.READ)
    return max(states, key=lambda state: state.rank, default=None)


def _workspace(workspace: str) -> str:
    if not workspace:
        raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
    return workspace


def _address(address: message_pb2.Address) -> Address:
    try:
        return address_from_proto(address)
    except Undecodable as error:
        raise RpcProblem("incomplete_address", grpc.StatusCode.INVALID_ARGUMENT) from error


def _state(number: int) -> State:
    try:
        return State(number)
    except ValueError as error:
        raise RpcProblem("unknown_state", grpc.StatusCode.INVALID_ARGUMENT) from error


def _page_token(last: Conversation) -> str:
    at = last.last_message_at or last.first_seen_at
    return base64.urlsafe_b64encode(f"{at.isoformat()} {last.id}".encode()).decode()


def _page_start(token: str) -> tuple[datetime, str] | None:
    if not token:
        return None
    try:
        at, _, last_id = base64.urlsafe_b64decode(token).decode().partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), last_id
    except (ValueError, binascii.Error) as error:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT) from error
