"""What calls name, looked up: an agent, the case of a conversation; refused where it is not theirs to name."""

from typing import Any

import grpc

from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Transaction
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.desk import Agent, Case, CaseState

Context = grpc.aio.ServicerContext[Any, Any]
Status = grpc.StatusCode


async def case_of(tx: Transaction, workspace: str, conversation_id: str, agent_id: str, epoch: int) -> Case:
    """The case of a conversation that this agent has under this epoch. Raises RpcProblem."""
    case = await store.open_case(tx, workspace, conversation_id)
    if case is None or case.state is not CaseState.ASSIGNED or case.agent_id != agent_id:
        raise RpcProblem("not_yours", Status.FAILED_PRECONDITION)
    if case.epoch not in (epoch, 0):  # 0: a ticket's conversation, whose epoch only dialogue knows as yet
        raise RpcProblem("stale_epoch", Status.FAILED_PRECONDITION)
    return case


async def agent_of(tx: Transaction, workspace: str, agent_id: str) -> Agent:
    """Raises RpcProblem."""
    agent = await store.load_agent(tx, workspace, agent_id)
    if agent is None:
        raise RpcProblem("unknown_agent", Status.NOT_FOUND)
    return agent


def assignment(case: Case) -> pb.Assignment:
    return pb.Assignment(
        id=case.id,
        conversation_id=case.conversation_id,
        address=address_to_proto(case.address),
        agent_id=case.agent_id,
        epoch=case.epoch,
        assigned_at=timestamp(case.assigned_at),
    )
