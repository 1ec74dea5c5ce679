"""gRPC between services: a shared token, deadlines, and errors that keep their code."""

from yizhan.core.runtime.grpc.client import channel
from yizhan.core.runtime.grpc.doors import Door, Doors, current_guest
from yizhan.core.runtime.grpc.problem import RpcProblem
from yizhan.core.runtime.grpc.serving import AddServicer, ErrorMap, server

__all__ = ["AddServicer", "Door", "Doors", "ErrorMap", "RpcProblem", "channel", "current_guest", "server"]
