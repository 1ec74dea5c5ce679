"""The calls of TicketsService for saved views."""

from dataclasses import replace
from typing import Any

import grpc

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import IntegrityConflict
from yizhan.pb.v1 import tickets_pb2 as pb, tickets_pb2_grpc
from yizhan.routing.store import tickets_lists as lists, tickets_views as views
from yizhan.routing.tickets.codec import actor_of, filter_of, sort_of, view_to_proto
from yizhan.routing.tickets.errors import RoleTooLow, UnknownView, ViewChanged, ViewNameTaken
from yizhan.routing.tickets.filters import TicketView
from yizhan.routing.tickets.refusals import refusals
from yizhan.routing.tickets.ticket import Actor, Role

Context = grpc.aio.ServicerContext[Any, Any]

LONGEST_NAME = 100
MOST_VIEWS = 50
"""Of one owner."""


class TicketViewCalls(tickets_pb2_grpc.TicketsServiceServicer):
    """To be inherited by the servicer. A shared view is a supervisor's to change; one's own is nobody else's to see."""

    _database: Database
    _clock: Clock
    _new_id: NewId

    async def ListTicketViews(self, request: pb.ListTicketViewsRequest, context: Context) -> pb.ListTicketViewsResponse:
        viewer, now = request.viewer_id, self._clock()
        counted = []
        async with self._database.read() as tx:
            for view in await views.load_views(tx, request.workspace, viewer):
                count = await lists.count_tickets(tx, request.workspace, view.filter, viewer=viewer, now=now)
                counted.append(pb.CountedTicketView(view=view_to_proto(view), count=count))
        return pb.ListTicketViewsResponse(views=counted)

    async def PutTicketView(self, request: pb.PutTicketViewRequest, context: Context) -> pb.PutTicketViewResponse:
        by, given = actor_of(request.by), request.view
        view = TicketView(
            id=given.id or self._new_id(),
            workspace=request.workspace,
            owner_id=given.owner_id,
            name=given.name.strip(),
            filter=filter_of(given.filter),
            sort=sort_of(given.sort),
            revision=given.revision + 1,
        )
        if not 1 <= len(view.name) <= LONGEST_NAME:
            raise RpcProblem("view_name_invalid", grpc.StatusCode.INVALID_ARGUMENT, f"1 to {LONGEST_NAME} characters")
        with refusals():
            try:
                async with self._database.begin() as tx:
                    view = await self._put(tx, view, by, new=not given.id)
            except IntegrityConflict as error:
                raise ViewNameTaken from error
        return pb.PutTicketViewResponse(view=view_to_proto(view))

    async def DeleteTicketView(
        self, request: pb.DeleteTicketViewRequest, context: Context
    ) -> pb.DeleteTicketViewResponse:
        by = actor_of(request.by)
        with refusals():
            async with self._database.begin() as tx:
                await _own(tx, request.workspace, request.view_id, by)
                await views.delete_view(tx, request.view_id)
        return pb.DeleteTicketViewResponse()

    async def _put(self, tx: Transaction, view: TicketView, by: Actor, *, new: bool) -> TicketView:
        if new:
            _check_owner(view.owner_id, by)
            known = await views.load_views(tx, view.workspace, view.owner_id)
            if sum(one.owner_id == view.owner_id for one in known) >= MOST_VIEWS:
                raise RpcProblem("too_many_views", grpc.StatusCode.FAILED_PRECONDITION, f"at most {MOST_VIEWS}")
            view = replace(view, revision=1)
            await views.insert_view(tx, view, self._clock())
            return view
        before = await _own(tx, view.workspace, view.id, by)
        view = replace(view, owner_id=before.owner_id)
        if not await views.save_view(tx, view, view.revision - 1):
            raise ViewChanged
        return view


async def _own(tx: Transaction, workspace: str, view_id: str, by: Actor) -> TicketView:
    """The view, which this person may change. Raises UnknownView, RoleTooLow."""
    view = await views.load_view(tx, workspace, view_id)
    if view is None or view.owner_id not in (views.SHARED, by.id):
        raise UnknownView
    _check_owner(view.owner_id, by)
    return view


def _check_owner(owner_id: str, by: Actor) -> None:
    if owner_id == views.SHARED and by.role is not Role.SUPERVISOR:
        raise RoleTooLow("shared views are a supervisor's to change")
    if owner_id not in (views.SHARED, by.id):
        raise UnknownView
