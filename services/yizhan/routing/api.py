"""gRPC RoutingService: what agents' screens (the console, a business's own agent system) ask and do."""

from collections.abc import Sequence
from dataclasses import replace

from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, BusUnavailable
from yizhan.core.messages.codec import (
    Undecodable,
    address_to_proto,
    content_from_proto,
    timestamp,
)
from yizhan.core.messages.command import Close, Command, CommandKind, ReturnToBot, Say
from yizhan.core.messages.command_codec import suggestion_from_proto
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import NewId, derived_id
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database, Transaction
from yizhan.pb.v1 import live_pb2, message_pb2, routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.answering import answer_due
from yizhan.routing.attending.admission import Admission
from yizhan.routing.attending.attend_api import AttendCalls
from yizhan.routing.attending.streams import Streams
from yizhan.routing.attending.webhooks.figures import troubles
from yizhan.routing.contracts_api import ContractCalls
from yizhan.routing.desk import BUSY, UNSERVED, Agent, Case, CaseState, free
from yizhan.routing.groups_api import GroupCalls, abilities
from yizhan.routing.handing_on_api import HandingOnCalls
from yizhan.routing.heartbeats import Heartbeats
from yizhan.routing.looked_up import Context, Status, agent_of, assignment, case_of
from yizhan.routing.matching.facts import AwayReason, Presence
from yizhan.routing.offer_codec import open_offer
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.tickets.simple_api import SimpleTicketCalls

MAIL = "email"
"""The channel on which what is said has a subject, and files of its own."""

MOST_CONVERSATIONS = 200
MOST_PROMISES = 200


class RoutingApi(GroupCalls, HandingOnCalls, ContractCalls, AttendCalls, SimpleTicketCalls):
    def __init__(
        self,
        *,
        switchboard: Switchboard,
        database: Database,
        bus: Bus,
        partitions: int,
        default_capacity: int,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._switchboard = switchboard
        self._database = database
        self._bus = bus
        self._partitions = partitions
        self._default_capacity = default_capacity
        self._clock = clock
        self._new_id = new_id
        self._heartbeats = Heartbeats(switchboard, database, clock)
        self.attending = Streams()
        self.admission = Admission(database, clock)

    async def PutAgent(self, request: pb.PutAgentRequest, context: Context) -> pb.PutAgentResponse:
        given = request.agent
        if not (given.id and given.workspace and given.name):
            raise RpcProblem("agent_incomplete", Status.INVALID_ARGUMENT)
        agent = Agent(
            id=given.id,
            workspace=given.workspace,
            name=given.name[:100],
            capacity=given.capacity or self._default_capacity,
            enabled=given.enabled,
        )
        async with self._switchboard.shift(agent.workspace) as shift:
            known = await store.load_agent(shift.tx, agent.workspace, agent.id)
            await store.put_agent(shift.tx, agent)
            if known is None or (known.capacity, known.enabled) != (agent.capacity, agent.enabled):
                await shift.agents_changed([agent.id])
            if not agent.enabled:
                await self._switchboard.set_presence(
                    shift, await agent_of(shift.tx, agent.workspace, agent.id), Presence.OFFLINE
                )
            else:
                await self._switchboard.dispatch(shift)
            stored = await agent_of(shift.tx, agent.workspace, agent.id)
            load = (await store.loads(shift.tx, agent.workspace)).get(agent.id, 0)
        return pb.PutAgentResponse(agent=self._agent_proto(stored, load))

    async def ListAgents(self, request: pb.ListAgentsRequest, context: Context) -> pb.ListAgentsResponse:
        async with self._database.read() as tx:
            agents = await store.load_agents(tx, request.workspace, request.agent_id)
            loads = await store.loads(tx, request.workspace, request.agent_id)
            groups = await store.load_groups(tx, request.workspace)
        shown = [self._agent_proto(agent, loads.get(agent.id, 0)) for agent in agents]
        for one in shown:
            one.group_ids.extend(group.id for group in groups if one.id in group.agents)
        return pb.ListAgentsResponse(agents=shown)

    async def SetPresence(self, request: pb.SetPresenceRequest, context: Context) -> pb.SetPresenceResponse:
        presence, absence = _presence(request.state), _absence(request.reason)
        if presence is None:
            stored, load = await self._heartbeats.hear(request.workspace, request.agent_id)
            return pb.SetPresenceResponse(agent=self._agent_proto(stored, load))
        async with self._switchboard.shift(request.workspace) as shift:
            agent = await agent_of(shift.tx, request.workspace, request.agent_id)
            stored = await self._switchboard.set_presence(shift, agent, presence, absence)
            load = (await store.loads(shift.tx, request.workspace, agent.id)).get(agent.id, 0)
        return pb.SetPresenceResponse(agent=self._agent_proto(stored, load))

    async def SetAbilities(self, request: pb.SetAbilitiesRequest, context: Context) -> pb.SetAbilitiesResponse:
        skills, languages = abilities(request.skills, request.languages)
        async with self._switchboard.shift(request.workspace) as shift:
            agent = await agent_of(shift.tx, request.workspace, request.agent_id)
            able = replace(agent, skills=skills, languages=languages, supervisor=request.supervisor)
            await store.set_abilities(shift.tx, able)
            await shift.agents_changed([agent.id])
            await self._switchboard.dispatch(shift)
            load = (await store.loads(shift.tx, request.workspace)).get(agent.id, 0)
        return pb.SetAbilitiesResponse(agent=self._agent_proto(able, load))

    async def ListOffers(self, request: pb.ListOffersRequest, context: Context) -> pb.ListOffersResponse:
        async with self._database.read() as tx:
            cases = await store.cases_in(tx, request.workspace, [CaseState.OFFERED], request.agent_id)
        return pb.ListOffersResponse(offers=[open_offer(case) for case in cases])

    async def AcceptOffer(self, request: pb.AcceptOfferRequest, context: Context) -> pb.AcceptOfferResponse:
        async with self._switchboard.shift(request.workspace) as shift:
            case = await self._offered(shift.tx, request.workspace, request.offer_id, request.agent_id)
            if case.state is CaseState.OFFERED:
                agent = await agent_of(shift.tx, request.workspace, request.agent_id)
                case = await self._switchboard.accept(shift, case, agent)
        return pb.AcceptOfferResponse(assignment=assignment(case))

    async def DeclineOffer(self, request: pb.DeclineOfferRequest, context: Context) -> pb.DeclineOfferResponse:
        async with self._switchboard.shift(request.workspace) as shift:
            case = await self._offered(shift.tx, request.workspace, request.offer_id, request.agent_id)
            if case.state is not CaseState.OFFERED:
                raise RpcProblem("offer_gone", Status.FAILED_PRECONDITION)
            await self._switchboard.pass_on(shift, case, "declined")
        return pb.DeclineOfferResponse()

    async def ListAssignments(self, request: pb.ListAssignmentsRequest, context: Context) -> pb.ListAssignmentsResponse:
        async with self._database.read() as tx:
            cases = await store.cases_in(tx, request.workspace, [CaseState.ASSIGNED], request.agent_id)
        return pb.ListAssignmentsResponse(assignments=[assignment(case) for case in cases])

    async def Say(self, request: pb.SayRequest, context: Context) -> pb.SayResponse:
        """Repeating a call with the same client id says it once."""
        if not request.client_id:
            raise RpcProblem("client_id_missing", Status.INVALID_ARGUMENT)
        try:
            content = content_from_proto(request.content)
        except Undecodable as error:
            raise RpcProblem("content_missing", Status.INVALID_ARGUMENT) from error
        case = await self._case(request.workspace, request.conversation_id, request.agent_id, request.epoch)
        if isinstance(content, Text) and content.mail is not None and case.address.channel != MAIL:
            raise RpcProblem("not_by_mail", Status.INVALID_ARGUMENT)  # its subject and files would be lost
        async with self._database.read() as tx:
            agent = await agent_of(tx, request.workspace, request.agent_id)
        command_id = derived_id("say", request.agent_id, request.conversation_id, request.client_id)
        suggestion = suggestion_from_proto(request.suggestion) if request.HasField("suggestion") else None
        say = Say(agent.id, agent.name, content, request.client_id, suggestion)
        await self._command(command_id, case, request.epoch, say)
        return pb.SayResponse(message_id=command_id)

    async def ReturnToBot(self, request: pb.ReturnToBotRequest, context: Context) -> pb.ReturnToBotResponse:
        case = await self._case(request.workspace, request.conversation_id, request.agent_id, request.epoch)
        await self._command(self._new_id(), case, request.epoch, ReturnToBot(request.agent_id, request.reason[:200]))
        return pb.ReturnToBotResponse()

    async def CloseConversation(
        self, request: pb.CloseConversationRequest, context: Context
    ) -> pb.CloseConversationResponse:
        case = await self._case(request.workspace, request.conversation_id, request.agent_id, request.epoch)
        await self._command(self._new_id(), case, request.epoch, Close(request.agent_id, request.reason[:200]))
        return pb.CloseConversationResponse()

    async def SendTyping(self, request: pb.SendTypingRequest, context: Context) -> pb.SendTypingResponse:
        """A hint only: nothing happens when the agent does not have the conversation."""
        async with self._database.read() as tx:
            case = await store.open_case(tx, request.workspace, request.conversation_id)
            agent = await agent_of(tx, request.workspace, request.agent_id)
        if case is not None and case.state is CaseState.ASSIGNED and case.agent_id == request.agent_id:
            hint = live_pb2.Live(address=address_to_proto(case.address), conversation_id=case.conversation_id)
            author = message_pb2.Author(kind=message_pb2.AUTHOR_KIND_AGENT, id=agent.id, name=agent.name)
            hint.typing.CopyFrom(live_pb2.Typing(author=author))
            await self._bus.announce(case.address.channel, [envelopes.live(hint)])
        return pb.SendTypingResponse()

    async def GetQueue(self, request: pb.GetQueueRequest, context: Context) -> pb.GetQueueResponse:
        async with self._database.read() as tx:
            cases = await store.cases_in(tx, request.workspace, [CaseState.WAITING, *BUSY])
            agents = await store.load_agents(tx, request.workspace)
            loads = await store.loads(tx, request.workspace)
            tickets = await store.count_open_tickets(tx, request.workspace)
            now = self._clock()
            answers = await store.count_answers(tx, request.workspace, now)
            told = await store.webhooks.list_webhooks(tx, request.workspace)
        heard_within = self._switchboard.finding.heard_within
        waiting = [case for case in cases if case.state is CaseState.WAITING]
        oldest = min((case.requested_at for case in cases if case.state is not CaseState.ASSIGNED), default=None)
        return pb.GetQueueResponse(
            waiting=len(waiting),
            offered=sum(case.state is CaseState.OFFERED for case in cases),
            assigned=sum(case.state is CaseState.ASSIGNED for case in cases),
            oldest_since=timestamp(oldest),
            agents_online=sum(free(agent, -1, now, heard_within) for agent in agents),
            agents_free=sum(free(agent, loads.get(agent.id, 0), now, heard_within) for agent in agents),
            tickets_open=tickets,
            promises=[_promise(case) for case in _first_due(cases, request.most_promises)],
            answers_due=answers.due,
            answers_at_risk=answers.at_risk,
            answers_overdue=answers.overdue,
            troubled=troubles(told),
        )

    async def ListAnswersDue(self, request: pb.ListAnswersDueRequest, context: Context) -> pb.ListAnswersDueResponse:
        if len(request.conversation_ids) > MOST_CONVERSATIONS:
            raise RpcProblem("too_many_conversations", Status.INVALID_ARGUMENT)
        async with self._database.read() as tx:
            owed = await store.answers_due(tx, request.workspace, request.conversation_ids)
        return pb.ListAnswersDueResponse(answers=[answer_due(one) for one in owed])

    async def _command(self, command_id: str, case: Case, epoch: int, kind: CommandKind) -> None:
        """Returns when the command is durable on the conversation's partition.

        A command is carried out or refused once. What an agent may want again after it was refused has a new id each
        time: it can reach the conversation before the assignment does, whose publication a dying process left to its
        successor. Done twice it does no harm, for the epoch has grown.
        """
        command = Command(command_id, case.address, self._clock(), kind, case.conversation_id, epoch)
        try:
            await self._bus.publish([envelopes.inbound(command, self._partitions)])
        except BusUnavailable as error:
            raise RpcProblem("bus_unavailable", Status.UNAVAILABLE) from error

    async def _case(self, workspace: str, conversation_id: str, agent_id: str, epoch: int) -> Case:
        """The case of a conversation that this agent has under this epoch."""
        async with self._database.read() as tx:
            return await case_of(tx, workspace, conversation_id, agent_id, epoch)

    async def _offered(self, tx: Transaction, workspace: str, offer_id: str, agent_id: str) -> Case:
        """The case of an offer that is still this agent's; an accepted one too, so that accepting twice is harmless."""
        case = await store.case_by_offer(tx, workspace, offer_id) if offer_id else None
        if case is None or case.agent_id != agent_id or case.state not in BUSY:
            raise RpcProblem("offer_gone", Status.FAILED_PRECONDITION)
        return case

    def _agent_proto(self, agent: Agent, load: int) -> pb.Agent:
        heard_within = self._switchboard.finding.heard_within
        silent = agent.heard_at is None or self._clock() - agent.heard_at > heard_within
        return pb.Agent(
            id=agent.id,
            workspace=agent.workspace,
            name=agent.name,
            capacity=agent.capacity,
            presence=Presence.OFFLINE.value if silent else agent.presence.value,
            load=load,
            heard_at=timestamp(agent.heard_at),
            enabled=agent.enabled,
            presence_reason=agent.absence.value if agent.absence and not silent else "",
            skills=[pb.Skill(name=name, level=level) for name, level in agent.skills],
            languages=agent.languages,
            supervisor=agent.supervisor,
        )


def _absence(reason: str) -> AwayReason | None:
    if not reason:
        return None
    try:
        return AwayReason(reason)
    except ValueError as error:
        raise RpcProblem("unknown_reason", Status.INVALID_ARGUMENT) from error


def _presence(state: str) -> Presence | None:
    if not state:
        return None
    try:
        return Presence(state)
    except ValueError as error:
        raise RpcProblem("unknown_presence", Status.INVALID_ARGUMENT) from error


def _first_due(cases: Sequence[Case], most: int) -> Sequence[Case]:
    unserved = sorted((case for case in cases if case.state in UNSERVED), key=lambda case: (case.deadline, case.id))
    return unserved[: min(max(most, 0), MOST_PROMISES)]


def _promise(case: Case) -> pb.Promise:
    return pb.Promise(
        conversation_id=case.conversation_id,
        address=address_to_proto(case.address),
        customer_name=case.customer_name,
        reason=case.reason,
        requested_at=timestamp(case.requested_at),
        deadline=timestamp(case.deadline),
        agent_id=case.agent_id if case.state is CaseState.OFFERED else "",
        group_id=case.group_id,
        priority=case.priority,
        passed=len(case.passed),
    )
