"""What a business's own system may read here with its token: the transcript and the card of its agents' conversations.

Which conversations those are, routing knows and is asked at every call. Everything else stays closed to it, as do calls
that do not name a conversation.
"""

from collections.abc import Awaitable, Callable

import grpc

from yizhan.core.runtime.grpc import Door, Doors, RpcProblem
from yizhan.core.security.bearers import bearer_digest
from yizhan.pb.v1 import conversations_pb2, customers_pb2
from yizhan.pb.v1.routing_pb2 import AdmitReadRequest
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub

Admit = Callable[[bytes, str, str], Awaitable[object]]
"""Takes a token's digest, workspace and conversation. Raises RpcProblem where the token does not open that."""

_Read = (
    conversations_pb2.GetConversationRequest
    | conversations_pb2.ListMessagesRequest
    | customers_pb2.GetCustomerRequest
    | customers_pb2.SummariseSessionRequest
)


def read_doors(admit: Admit) -> Doors:
    """The calls that name a conversation and read of it alone."""
    door = _door(admit)
    return {
        "/yizhan.v1.ConversationsService/GetConversation": door,
        "/yizhan.v1.ConversationsService/ListMessages": door,
        "/yizhan.v1.CustomersService/GetCustomer": door,
        "/yizhan.v1.CustomersService/SummariseSession": door,
    }


def asking_routing(channel: grpc.aio.Channel) -> Admit:
    """Where routing is another process."""
    routing = RoutingServiceStub(channel)

    async def admit(digest: bytes, workspace: str, conversation_id: str) -> object:
        asked = AdmitReadRequest(token_digest=digest, workspace=workspace, conversation_id=conversation_id)
        return await routing.AdmitRead(asked)

    return admit


def _door(admit: Admit) -> Door:
    async def door(token: str, request: object) -> object:
        digest = bearer_digest(token)
        if digest is None:
            raise RpcProblem("unauthenticated", grpc.StatusCode.UNAUTHENTICATED, "no token of a system")
        if not isinstance(request, _Read):
            raise TypeError("a door for another call")
        by_customer = isinstance(request, customers_pb2.GetCustomerRequest) and request.customer_id
        if not request.conversation_id or by_customer:
            raise RpcProblem(
                "conversation_missing", grpc.StatusCode.PERMISSION_DENIED, "a system's token asks by conversation_id"
            )
        return await admit(digest, request.workspace, request.conversation_id)

    return door
