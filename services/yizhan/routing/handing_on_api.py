"""Calls by which a conversation goes on to somebody else, notes about it, and why it was offered to whom."""

from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, BusUnavailable
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_from_proto, timestamp
from yizhan.core.messages.command import Command, Note, Requeue
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import derived_id
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database, Transaction
from yizhan.pb.v1 import message_pb2, routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.desk import Agent, Case, CaseState, free
from yizhan.routing.finding import present
from yizhan.routing.groups import Group, Transfer
from yizhan.routing.looked_up import Context, Status, agent_of, assignment, case_of
from yizhan.routing.shift import Shift
from yizhan.routing.switchboard import Switchboard

LONGEST_NOTE = 2_000
LONGEST_REMARK = 1_000
TRANSFER = "transfer"


class HandingOnCalls:
    """A part of ``RoutingApi``."""

    _switchboard: Switchboard
    _database: Database
    _bus: Bus
    _partitions: int
    _clock: Clock

    async def Transfer(self, request: pb.TransferRequest, context: Context) -> pb.TransferResponse:
        """To an agent or a group that can take it now. Repeating the call moves it once: then its epoch is an old one.

        Each call is a command of its own: one that overtook the assignment is refused, and can be asked for again.
        """
        if len(request.note) > LONGEST_REMARK:
            raise RpcProblem("note_too_long", Status.INVALID_ARGUMENT)
        async with self._switchboard.shift(request.workspace) as shift:
            case = await case_of(shift.tx, request.workspace, request.conversation_id, request.agent_id, request.epoch)
            agents = {agent.id: agent for agent in await store.load_agents(shift.tx, request.workspace)}
            group = await self._group(shift.tx, request.workspace, request.to_group_id)
            if request.to_agent_id:
                await self._check_agent(shift, agents.get(request.to_agent_id), case)
            elif group is not None:
                await self._check_group(shift, [agents[one] for one in group.agents if one in agents], case)
            transfer = Transfer(
                request.conversation_id,
                request.epoch,
                shift.now,
                request.to_agent_id,
                request.to_group_id,
                request.agent_id,
                request.note,
            )
            await store.put_transfer(shift.tx, transfer)
            requeue = Requeue(
                by=request.agent_id,
                reason=TRANSFER,
                group_id=request.to_group_id,
                group_name=group.name if group else "",
                note=request.note,
                by_name=agents[request.agent_id].name,
            )
            shift.command(case.address, request.conversation_id, request.epoch, requeue)
        return pb.TransferResponse()

    async def TakeOver(self, request: pb.TakeOverRequest, context: Context) -> pb.TakeOverResponse:
        """The conversation is the supervisor's once dialogue has obeyed; until then it stays whose it is."""
        async with self._switchboard.shift(request.workspace) as shift:
            agent = await agent_of(shift.tx, request.workspace, request.agent_id)
            address = _address_in(request.workspace, request.address)
            before = await store.open_case(shift.tx, request.workspace, request.conversation_id)
            if before is not None and before.state is CaseState.ASSIGNED and before.agent_id == agent.id:
                raise RpcProblem("already_yours", Status.FAILED_PRECONDITION)
            if before is not None and request.epoch != before.epoch:
                raise RpcProblem("stale_epoch", Status.FAILED_PRECONDITION)
            case = await self._switchboard.take_over(shift, agent, address, request.conversation_id, before)
        return pb.TakeOverResponse(assignment=assignment(case))

    async def AddNote(self, request: pb.AddNoteRequest, context: Context) -> pb.AddNoteResponse:
        """Returns once the note is durable on the conversation's partition. Repeating it with its client id adds it once."""
        text = request.text.strip()
        if not text or not request.client_id:
            raise RpcProblem("note_incomplete", Status.INVALID_ARGUMENT)
        if len(text) > LONGEST_NOTE:
            raise RpcProblem("note_too_long", Status.INVALID_ARGUMENT, f"a note has at most {LONGEST_NOTE} characters")
        address = _address_in(request.workspace, request.address)
        async with self._database.read() as tx:
            agent = await agent_of(tx, request.workspace, request.agent_id)
            if request.whisper_to:
                await agent_of(tx, request.workspace, request.whisper_to)
        command_id = derived_id("note", agent.id, request.conversation_id, request.client_id)
        note = Note(agent.id, agent.name, Text(text), request.client_id, request.whisper_to)
        command = Command(command_id, address, self._clock(), note, request.conversation_id, 0)
        try:
            await self._bus.publish([envelopes.inbound(command, self._partitions)])
        except BusUnavailable as error:
            raise RpcProblem("bus_unavailable", Status.UNAVAILABLE) from error
        return pb.AddNoteResponse(message_id=command_id)

    async def ListDecisions(self, request: pb.ListDecisionsRequest, context: Context) -> pb.ListDecisionsResponse:
        async with self._database.read() as tx:
            found = await store.load_decisions(tx, request.workspace, request.conversation_id)
        return pb.ListDecisionsResponse(
            decisions=[
                pb.RoutingDecision(
                    case_id=one.case_id,
                    number=one.number,
                    at=timestamp(one.at),
                    agent_id=one.agent_id,
                    record=one.record,
                )
                for one in found
            ]
        )

    async def _group(self, tx: Transaction, workspace: str, group_id: str) -> Group | None:
        if not group_id:
            return None
        for group in await store.load_groups(tx, workspace):
            if group.id == group_id:
                return group
        raise RpcProblem("unknown_group", Status.NOT_FOUND)

    async def _check_agent(self, shift: Shift, agent: Agent | None, case: Case) -> None:
        if agent is None or agent.id == case.agent_id:
            raise RpcProblem("unknown_agent", Status.NOT_FOUND)
        if not present([agent], shift.now, self._switchboard.finding.heard_within):
            raise RpcProblem("agent_absent", Status.FAILED_PRECONDITION)
        if not await self._some_room(shift, [agent], case):
            raise RpcProblem("agent_full", Status.FAILED_PRECONDITION)

    async def _check_group(self, shift: Shift, agents: list[Agent], case: Case) -> None:
        here = [
            agent
            for agent in present(agents, shift.now, self._switchboard.finding.heard_within).values()
            if agent.id != case.agent_id
        ]
        if not here:
            raise RpcProblem("group_absent", Status.FAILED_PRECONDITION)
        if not await self._some_room(shift, here, case):
            raise RpcProblem("group_full", Status.FAILED_PRECONDITION)

    async def _some_room(self, shift: Shift, agents: list[Agent], case: Case) -> bool:
        loads = await store.loads(shift.tx, shift.workspace)
        heard_within = self._switchboard.finding.heard_within
        return any(free(agent, loads.get(agent.id, 0) + case.weight - 1, shift.now, heard_within) for agent in agents)


def _address_in(workspace: str, given: message_pb2.Address) -> Address:
    address = address_from_proto(given)
    if not workspace or address.workspace != workspace:
        raise RpcProblem("unknown_conversation", Status.NOT_FOUND)
    return address
