"""What a refusal is over gRPC."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import grpc

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.routing.tickets import errors

_STATUS: Mapping[type[errors.TicketRefused], grpc.StatusCode] = {
    errors.UnknownTicket: grpc.StatusCode.NOT_FOUND,
    errors.UnknownAgent: grpc.StatusCode.NOT_FOUND,
    errors.UnknownGroup: grpc.StatusCode.NOT_FOUND,
    errors.UnknownView: grpc.StatusCode.NOT_FOUND,
    errors.TicketChanged: grpc.StatusCode.ABORTED,
    errors.CallbackMoved: grpc.StatusCode.ABORTED,
    errors.ViewChanged: grpc.StatusCode.ABORTED,
    errors.ViewNameTaken: grpc.StatusCode.ALREADY_EXISTS,
    errors.RoleTooLow: grpc.StatusCode.PERMISSION_DENIED,
    errors.ValueTooLarge: grpc.StatusCode.INVALID_ARGUMENT,
}
"""All others are FAILED_PRECONDITION: right again when something else has happened."""


def problem_of(error: errors.TicketRefused) -> RpcProblem:
    return RpcProblem(error.code, _STATUS.get(type(error), grpc.StatusCode.FAILED_PRECONDITION), error.detail)


@contextmanager
def refusals() -> Iterator[None]:
    """Refusals inside leave as RpcProblem with their code."""
    try:
        yield
    except errors.TicketRefused as error:
        raise problem_of(error) from error
