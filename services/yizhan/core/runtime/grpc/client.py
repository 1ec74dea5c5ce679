"""Calling another service: with our token, within a deadline, and with typed errors."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import structlog

from yizhan.core.runtime.grpc.problem import from_error

DEADLINE_SECONDS = 5.0

OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.lb_policy_name", "round_robin"),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2_500),  # the time that connecting may take: a busy server answers late
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.max_receive_message_length", 32 * 1024 * 1024),
    ("grpc.max_send_message_length", 32 * 1024 * 1024),
)


@asynccontextmanager
async def channel(address: str, token: str, *, deadline: float = DEADLINE_SECONDS) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to ``host:port`` for the generated stubs. Opening it does not connect; the first call does.

    A call has ``deadline`` seconds unless it is given a ``timeout`` of its own, and raises RpcProblem when it fails.
    """
    opened = grpc.aio.insecure_channel(address, options=OPTIONS, interceptors=[_Caller(token, deadline)])
    try:
        yield opened
    finally:
        await opened.close(grace=1.0)


class _Caller(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, token: str, deadline: float) -> None:
        self._token = token
        self._deadline = deadline

    async def intercept_unary_unary(
        self,
        continuation: Callable[[grpc.aio.ClientCallDetails, Any], Any],
        client_call_details: grpc.aio.ClientCallDetails,
        request: Any,
    ) -> Any:
        details = client_call_details
        metadata = grpc.aio.Metadata(*(details.metadata or ()))
        metadata.add("authorization", f"Bearer {self._token}")
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        if request_id is not None:
            metadata.add("x-request-id", str(request_id))
        bounded = grpc.aio.ClientCallDetails(
            method=details.method,
            timeout=self._deadline if details.timeout is None else details.timeout,
            metadata=metadata,
            credentials=details.credentials,
            wait_for_ready=details.wait_for_ready,
        )
        call = await continuation(bounded, request)
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            raise from_error(error) from None
