"""gRPC between services: a shared token, deadlines, and errors that keep their code."""

from yizhan.core.runtime.grpc.client import channel
from yizhan.core.runtime.grpc.problem import RpcProblem
from yizhan.core.runtime.grpc.serving import server

__all__ = ["RpcProblem", "channel", "server"]
