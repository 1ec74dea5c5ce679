"""The call of TicketsService that records what came of a promised call."""

from abc import ABC, abstractmethod
from typing import Any

import grpc

from yizhan.pb.v1 import tickets_pb2 as pb, tickets_pb2_grpc
from yizhan.routing.callbacks.callback import Outcome
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.tickets.codec import actor_of, word
from yizhan.routing.tickets.refusals import refusals
from yizhan.routing.tickets.ticket import Ticket

Context = grpc.aio.ServicerContext[Any, Any]


class CallbackCalls(tickets_pb2_grpc.TicketsServiceServicer, ABC):
    """To be mixed into the servicer of TicketsService."""

    _switchboard: Switchboard

    async def RecordCallback(self, request: pb.RecordCallbackRequest, context: Context) -> pb.RecordCallbackResponse:
        """A try that is recorded twice is refused the second time: ``tries`` has grown."""
        by, outcome = actor_of(request.by), word(request.outcome, Outcome, "unknown_outcome")
        with refusals():
            async with self._switchboard.shift(request.workspace) as shift:
                ticket = await self._switchboard.callbacks.record(shift, request.ticket_id, outcome, request.tries, by)
                await self._switchboard.dispatch(shift)
        return pb.RecordCallbackResponse(ticket=await self._shown(ticket))

    @abstractmethod
    async def _shown(self, ticket: Ticket) -> pb.TicketRecord:
        """As whoever opened it sees it."""
