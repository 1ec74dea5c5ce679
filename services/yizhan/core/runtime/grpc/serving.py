"""Answering other services: who knows the token is let in, named errors keep their code, health is told."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from grpc_health.v1.health import aio as health_aio  # type: ignore[import-untyped]

from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.runtime.errors import CannotListen, PortTaken
from yizhan.core.runtime.grpc.doors import Doors, let_in
from yizhan.core.runtime.grpc.problem import RpcProblem
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.compare import same_as_any
from yizhan.core.store.errors import SchemaMismatch, StoreUnavailable, ValueRefused

AddServicer = Callable[[grpc.aio.Server], None]
"""Registers a servicer: ``lambda server: add_RoutingServiceServicer_to_server(servicer, server)``."""

ErrorMap = Mapping[type[Exception], tuple[grpc.StatusCode, str]]
"""Status and problem code of a service's own errors; the most specific class wins."""

OPTIONS: tuple[tuple[str, Any], ...] = (
    # Without this a second process would share the port in silence.
    ("grpc.so_reuseport", 0),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.max_receive_message_length", 32 * 1024 * 1024),
    ("grpc.max_send_message_length", 32 * 1024 * 1024),
)

if TYPE_CHECKING:
    Method = grpc.RpcMethodHandler[Any, Any]

HEALTH_EVERY_SECONDS = 2.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def server(  # noqa: PLR0913 - what a server is made of
    services: Sequence[AddServicer],
    host: str,
    port: int,
    tokens: Sequence[str],
    *,
    health: Health,
    metrics: Metrics,
    errors: ErrorMap | None = None,
    doors: Doors | None = None,
    grace: float = 5.0,
) -> AsyncIterator[int]:
    """Serve; gives the bound port (another one when ``port`` is 0). Any of ``tokens`` is accepted.

    ``doors`` let others in to single calls.

    On leaving, health says NOT_SERVING, and calls in hand have ``grace`` seconds. Raises PortTaken or CannotListen.
    """
    guard = _Guard(tuple(tokens), doors or {}, {**_ERRORS, **(errors or {})}, metrics)
    built = grpc.aio.server(interceptors=[guard], options=OPTIONS)
    servicer = health_aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, built)
    for add in services:
        add(built)
    bound = _bind(built, host, port)
    await built.start()
    log.info("grpc_listening", host=host, port=bound)
    telling = asyncio.create_task(_tell_health(health, servicer), name="grpc health")
    try:
        yield bound
    finally:
        telling.cancel()
        await asyncio.wait({telling})
        await servicer.enter_graceful_shutdown()
        await built.stop(grace)


def _bind(built: grpc.aio.Server, host: str, port: int) -> int:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        bound = built.add_insecure_port(address)
    except RuntimeError as error:
        bound = 0
        cause: RuntimeError | None = error
    else:
        cause = None
    if bound == 0:
        raise (PortTaken(host, port) if port else CannotListen(host, port, "the address cannot be used")) from cause
    return int(bound)


async def _tell_health(health: Health, servicer: health_aio.HealthServicer) -> None:
    """Repeats over gRPC what ``/readyz`` says over HTTP."""
    while True:
        ready = not await health.problems()
        status = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        await servicer.set("", status)
        await asyncio.sleep(HEALTH_EVERY_SECONDS)


class _Guard(grpc.aio.ServerInterceptor):
    """Around every call, streams included: the token, the errors, the figures."""

    def __init__(self, tokens: tuple[str, ...], doors: Doors, errors: ErrorMap, metrics: Metrics) -> None:
        self._tokens = tokens
        self._doors = doors
        self._errors = errors
        labels = ("service", "method")
        self._calls = metrics.counter("yizhan_grpc_requests_total", "gRPC calls answered.", (*labels, "status"))
        self._seconds = metrics.histogram("yizhan_grpc_request_seconds", "Time to answer a gRPC call.", labels)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["Method | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "Method | None":
        handler = await continuation(handler_call_details)
        path = handler_call_details.method
        if handler is None or path.startswith("/grpc.health.v1.Health/"):
            return handler
        metadata = dict(handler_call_details.invocation_metadata or ())
        token = _shown(metadata.get("authorization", ""))
        door = None if same_as_any(token, self._tokens) else self._doors.get(path, _closed)
        _, service, method = path.split("/", 2)
        behave = next(filter(None, (getattr(handler, kind) for kind in _WRAPPERS)))
        streams = bool(handler.request_streaming or handler.response_streaming)

        async def entered(request: Any, context: Any) -> Any:
            if door is not None:
                let_in(await door(token, None if handler.request_streaming else request))
            if not inspect.isasyncgenfunction(behave):
                return await behave(request, context)
            async for response in behave(request, context):
                await context.write(response)
            return None

        answer = self._answering(entered, service, method, metadata.get("x-request-id"), timed=not streams)
        return _like(handler, answer)

    def _answering(
        self,
        behave: Callable[[Any, Any], Awaitable[Any]],
        service: str,
        method: str,
        request_id: str | bytes | None,
        *,
        timed: bool,
    ) -> Callable[[Any, Any], Awaitable[Any]]:
        """``timed``: how long a stream lasts says nothing about how quick we are."""

        async def answer(request: Any, context: Any) -> Any:
            began = time.monotonic()
            status = grpc.StatusCode.CANCELLED
            with structlog.contextvars.bound_contextvars(request_id=request_id, rpc=method):
                try:
                    response = await behave(request, context)
                    status = grpc.StatusCode.OK
                    return response
                except grpc.aio.AbortError:
                    status = grpc.StatusCode.UNKNOWN
                    raise
                except Exception as error:  # noqa: BLE001 - the border of the process: every error becomes a status
                    problem = self._problem_of(error)
                    status = problem.status
                    _log(problem, error)
                    await context.abort(problem.status, problem.detail, problem.metadata())
                finally:
                    self._calls.labels(service, method, status.name.lower()).inc()
                    if timed:
                        self._seconds.labels(service, method).observe(time.monotonic() - began)

        return answer

    def _problem_of(self, error: Exception) -> RpcProblem:
        if isinstance(error, RpcProblem):
            return error
        for kind in type(error).__mro__:
            if kind in self._errors:
                status, code = self._errors[kind]
                return RpcProblem(code, status)
        return RpcProblem("internal", grpc.StatusCode.INTERNAL)


_WRAPPERS: Mapping[str, Any] = {
    "unary_unary": grpc.unary_unary_rpc_method_handler,
    "unary_stream": grpc.unary_stream_rpc_method_handler,
    "stream_unary": grpc.stream_unary_rpc_method_handler,
    "stream_stream": grpc.stream_stream_rpc_method_handler,
}


def _like(handler: "Method", answer: Callable[[Any, Any], Awaitable[Any]]) -> "Method":
    """A handler of the same kind with another behaviour."""
    [wrap] = [wrap for kind, wrap in _WRAPPERS.items() if getattr(handler, kind)]
    wrapped: Method = wrap(answer, handler.request_deserializer, handler.response_serializer)
    return wrapped


def _shown(authorization: str | bytes) -> str:
    text = authorization if isinstance(authorization, str) else ""
    return text.removeprefix("Bearer ")


async def _closed(_token: str, _request: object) -> object:
    raise RpcProblem("unauthenticated", grpc.StatusCode.UNAUTHENTICATED, "the internal token is missing or wrong")


def _log(problem: RpcProblem, error: Exception) -> None:
    if problem.status is grpc.StatusCode.INTERNAL:
        log.error("grpc_request_failed", exc_info=error)
    elif problem.status is grpc.StatusCode.UNAVAILABLE:
        log.warning("grpc_request_unavailable", error=type(error).__name__)


_ERRORS: ErrorMap = {
    BusUnavailable: (grpc.StatusCode.UNAVAILABLE, "unavailable"),
    StoreUnavailable: (grpc.StatusCode.UNAVAILABLE, "unavailable"),
    SchemaMismatch: (grpc.StatusCode.UNAVAILABLE, "unavailable"),
    ValueRefused: (grpc.StatusCode.INVALID_ARGUMENT, "value_refused"),
    TimeoutError: (grpc.StatusCode.UNAVAILABLE, "unavailable"),
}
