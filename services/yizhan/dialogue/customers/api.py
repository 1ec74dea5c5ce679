"""gRPC CustomersService: who customers are across channels, what is known of them, and what a session is about."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import grpc

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.customers import problems
from yizhan.dialogue.customers.cards import Cards
from yizhan.dialogue.customers.codec import (
    card_to_proto,
    customer_to_proto,
    editor_from_proto,
    event_to_proto,
    orders_to_proto,
    suggestion_to_proto,
    summary_to_proto,
    wording_to_proto,
)
from yizhan.dialogue.customers.desk import CustomerDesk
from yizhan.dialogue.customers.linking import Why
from yizhan.dialogue.customers.orders import CustomerOrders, OrdersAsked
from yizhan.dialogue.customers.summarising import Summaries
from yizhan.dialogue.customers.wordings import Wordings
from yizhan.dialogue.store.customers import Listed
from yizhan.pb.v1 import customers_pb2 as pb, customers_pb2_grpc

MOST_CUSTOMERS = 100
MOST_REASON = 500
MOST_WORDS = 200

Context = grpc.aio.ServicerContext[Any, Any]

_NOT_THERE = (problems.UnknownCustomer, problems.UnknownIdentity, problems.UnknownConversation)
_ILL_FORMED = (problems.ReasonMissing, problems.BadValue)


class CustomersApi(customers_pb2_grpc.CustomersServiceServicer):
    def __init__(
        self,
        cards: Cards,
        desk: CustomerDesk,
        summaries: Summaries,
        wordings: Wordings | None,
        orders: CustomerOrders,
        clock: Clock,
    ) -> None:
        self._cards = cards
        self._desk = desk
        self._summaries = summaries
        self._orders = orders
        self._wordings = wordings
        self._clock = clock

    async def GetCustomer(self, request: pb.GetCustomerRequest, context: Context) -> pb.GetCustomerResponse:
        workspace = _workspace(request.workspace)
        with _refusals():
            if request.conversation_id:
                return card_to_proto(await self._cards.by_conversation(workspace, request.conversation_id))
            return await self._card(workspace, request.customer_id)

    async def ListCustomers(self, request: pb.ListCustomersRequest, context: Context) -> pb.ListCustomersResponse:
        page = Listed(
            workspace=_workspace(request.workspace),
            search=request.search.strip()[:200],
            tag=request.tag.strip(),
            before=_page_start(request.page_token),
            size=min(max(request.page_size, 0) or 30, MOST_CUSTOMERS),
        )
        found, following = await self._cards.list(page)
        token = base64.urlsafe_b64encode(following.encode()).decode()
        return pb.ListCustomersResponse(customers=list(map(customer_to_proto, found)), next_page_token=token)

    async def LinkIdentities(self, request: pb.LinkIdentitiesRequest, context: Context) -> pb.GetCustomerResponse:
        workspace = _workspace(request.workspace)
        why = self._why(request.by, request.reason, force=request.force)
        with _refusals():
            if request.identity_id:
                done = await self._desk.link(workspace, request.customer_id, request.identity_id, why)
            else:
                done = await self._desk.link_all(workspace, request.customer_id, request.other_customer_id, why)
            return await self._card(workspace, done)

    async def UnlinkIdentity(self, request: pb.UnlinkIdentityRequest, context: Context) -> pb.GetCustomerResponse:
        workspace = _workspace(request.workspace)
        why = self._why(request.by, request.reason)
        with _refusals():
            left = await self._desk.unlink(workspace, request.identity_id, why)
            return await self._card(workspace, left)

    async def ListLinkEvents(self, request: pb.ListLinkEventsRequest, context: Context) -> pb.ListLinkEventsResponse:
        with _refusals():
            found = await self._desk.link_events(_workspace(request.workspace), request.customer_id)
        return pb.ListLinkEventsResponse(events=list(map(event_to_proto, found)))

    async def SuggestLinks(self, request: pb.SuggestLinksRequest, context: Context) -> pb.SuggestLinksResponse:
        with _refusals():
            found = await self._desk.suggest(_workspace(request.workspace), request.customer_id)
        return pb.SuggestLinksResponse(suggestions=list(map(suggestion_to_proto, found)))

    async def SetCustomerTags(self, request: pb.SetCustomerTagsRequest, context: Context) -> pb.GetCustomerResponse:
        workspace, by = _workspace(request.workspace), editor_from_proto(request.by)
        with _refusals():
            done = await self._desk.set_tags(workspace, request.customer_id, request.add, request.remove, by)
            return await self._card(workspace, done)

    async def SetCustomerAttributes(
        self, request: pb.SetCustomerAttributesRequest, context: Context
    ) -> pb.GetCustomerResponse:
        workspace, by = _workspace(request.workspace), editor_from_proto(request.by)
        with _refusals():
            done = await self._desk.set_attributes(
                workspace, request.customer_id, dict(request.set), request.remove, by
            )
            return await self._card(workspace, done)

    async def AddCustomerNote(self, request: pb.AddCustomerNoteRequest, context: Context) -> pb.GetCustomerResponse:
        workspace, by = _workspace(request.workspace), editor_from_proto(request.by)
        with _refusals():
            done = await self._desk.add_note(workspace, request.customer_id, request.text, by)
            return await self._card(workspace, done)

    async def SummariseSession(
        self, request: pb.SummariseSessionRequest, context: Context
    ) -> pb.SummariseSessionResponse:
        with _refusals():
            found = await self._summaries.of(_workspace(request.workspace), request.conversation_id)
        return summary_to_proto(found, offered=self._wordings is not None and found.worth_wording)

    async def WordSession(self, request: pb.WordSessionRequest, context: Context) -> pb.WordSessionResponse:
        workspace = _workspace(request.workspace)
        if self._wordings is None:
            raise RpcProblem("wording_off", grpc.StatusCode.FAILED_PRECONDITION)
        with _refusals():
            session, found = await self._wordings.of(workspace, request.conversation_id)
        return wording_to_proto(session, found)

    async def ListCustomerOrders(
        self, request: pb.ListCustomerOrdersRequest, context: Context
    ) -> pb.ListCustomerOrdersResponse:
        asked = OrdersAsked(
            _workspace(request.workspace), request.conversation_id, request.words[:MOST_WORDS], request.locale[:35]
        )
        with _refusals():
            return orders_to_proto(await self._orders.of(asked))

    async def _card(self, workspace: str, customer_id: str) -> pb.GetCustomerResponse:
        return card_to_proto(await self._cards.by_id(workspace, customer_id))

    def _why(self, by: pb.CustomerEditor, reason: str, *, force: bool = False) -> Why:
        return Why(editor_from_proto(by), self._clock(), reason.strip()[:MOST_REASON], force)


@contextmanager
def _refusals() -> Iterator[None]:
    """The named errors of customers as statuses."""
    try:
        yield
    except _NOT_THERE as error:
        raise RpcProblem(error.code, grpc.StatusCode.NOT_FOUND) from error
    except _ILL_FORMED as error:
        raise RpcProblem(error.code, grpc.StatusCode.INVALID_ARGUMENT) from error
    except problems.CustomerProblem as error:
        raise RpcProblem(error.code, grpc.StatusCode.FAILED_PRECONDITION) from error


def _workspace(name: str) -> str:
    if not name:
        raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
    return name


def _page_start(token: str) -> tuple[datetime, str] | None:
    if not token:
        return None
    try:
        at, _, last_id = base64.urlsafe_b64decode(token).decode().partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), last_id
    except (ValueError, binascii.Error) as error:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT) from error
