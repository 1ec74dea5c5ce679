"""Between services: only who knows the token is heard, an error keeps its code, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from structlog.testing import capture_logs

from tests.services.tcp_proxy import TcpProxy
from yizhan.core.runtime.errors import CannotListen, PortTaken
from yizhan.core.runtime.grpc import Doors, RpcProblem, channel, current_guest, server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.errors import StoreUnavailable, ValueRefused
from yizhan.pb.v1 import routing_pb2, routing_pb2_grpc

Answer = Callable[[], Awaitable[routing_pb2.GetQueueResponse]]


class OwnError(Exception):
    pass


class Servicer(routing_pb2_grpc.RoutingServiceServicer):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.request_ids: list[str | None] = []
        self.guests: list[object] = []

    async def GetQueue(self, request: routing_pb2.GetQueueRequest, context: object) -> routing_pb2.GetQueueResponse:
        self.request_ids.append(structlog.contextvars.get_contextvars().get("request_id"))
        self.guests.append(current_guest())
        return await self.answer()

    async def Attend(self, request_iterator: object, context: object) -> AsyncIterator[routing_pb2.AttendEvent]:
        self.guests.append(current_guest())
        yield routing_pb2.AttendEvent(cursor=1)
        await self.answer()


async def fine() -> routing_pb2.GetQueueResponse:
    return routing_pb2.GetQueueResponse()


def raising(error: Exception) -> Answer:
    async def answer() -> routing_pb2.GetQueueResponse:
        raise error

    return answer


class Running:
    def __init__(self, port: int, health: Health, metrics: Metrics, servicer: Servicer) -> None:
        self.port, self.health, self.metrics, self.servicer = port, health, metrics, servicer

    async def ask(self, token: str = "current", deadline: float = 5.0) -> routing_pb2.GetQueueResponse:
        async with channel(f"127.0.0.1:{self.port}", token, deadline=deadline) as opened:
            response: routing_pb2.GetQueueResponse = await routing_pb2_grpc.RoutingServiceStub(opened).GetQueue(
                routing_pb2.GetQueueRequest()
            )
            return response

    async def counted(self, labels: dict[str, str]) -> None:
        """The call is counted, once: the caller may know how it ended a moment before the server has counted it."""
        async with asyncio.timeout(5.0):
            while (count := self.metrics.registry.get_sample_value("yizhan_grpc_requests_total", labels)) is None:
                await asyncio.sleep(0)
        assert count == 1

    async def attend(self, token: str = "current") -> tuple[list[int], grpc.StatusCode, str, str]:
        """The cursors that a stream gives, and how it ends: status, code, detail."""
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.port}") as bare:
            call = routing_pb2_grpc.RoutingServiceStub(bare).Attend(metadata=(("authorization", f"Bearer {token}"),))
            seen: list[int] = []
            try:
                while isinstance(event := await call.read(), routing_pb2.AttendEvent):
                    seen.append(event.cursor)
            except grpc.aio.AioRpcError as error:
                code = dict(error.trailing_metadata() or ()).get("problem-code", "")
                return seen, error.code(), str(code), error.details() or ""
            return seen, await call.code(), "", ""


@asynccontextmanager
async def running(
    answer: Answer = fine, port: int = 0, grace: float = 1.0, doors: Doors | None = None
) -> AsyncIterator[Running]:
    health, metrics, servicer = Health("routing", keep_seconds=0), Metrics("routing"), Servicer(answer)  # type: ignore[abstract]

    def add(built: grpc.aio.Server) -> None:
        routing_pb2_grpc.add_RoutingServiceServicer_to_server(servicer, built)

    opened = server(
        [add],
        "127.0.0.1",
        port,
        ("current", "older"),
        health=health,
        metrics=metrics,
        errors={OwnError: (grpc.StatusCode.FAILED_PRECONDITION, "own_error")},
        doors=doors,
        grace=grace,
    )
    async with opened as bound:
        yield Running(bound, health, metrics, servicer)


async def problem_of(asking: Awaitable[object]) -> RpcProblem:
    with pytest.raises(RpcProblem) as raised:
        await asking
    return raised.value


@pytest.mark.parametrize("token", ["current", "older"])
async def test_who_knows_a_token_is_answered(token: str) -> None:
    async with running() as service:
        assert await service.ask(token) == routing_pb2.GetQueueResponse()


@pytest.mark.parametrize("token", ["", "wrong", "curren", "current "])
async def test_who_does_not_is_not(token: str) -> None:
    async with running() as service:
        problem = await problem_of(service.ask(token))
        assert (problem.status, problem.code) == (grpc.StatusCode.UNAUTHENTICATED, "unauthenticated")
        assert service.servicer.request_ids == []


async def test_who_shows_nothing_is_not_either() -> None:
    async with running() as service, grpc.aio.insecure_channel(f"127.0.0.1:{service.port}") as bare:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await routing_pb2_grpc.RoutingServiceStub(bare).GetQueue(routing_pb2.GetQueueRequest())
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RpcProblem("stale_epoch", grpc.StatusCode.ABORTED), grpc.StatusCode.ABORTED, "stale_epoch"),
        (OwnError(), grpc.StatusCode.FAILED_PRECONDITION, "own_error"),
        (StoreUnavailable("locked"), grpc.StatusCode.UNAVAILABLE, "unavailable"),
        (ValueRefused(), grpc.StatusCode.INVALID_ARGUMENT, "value_refused"),
        (TimeoutError(), grpc.StatusCode.UNAVAILABLE, "unavailable"),
        (RuntimeError("inner workings"), grpc.StatusCode.INTERNAL, "internal"),
    ],
)
async def test_an_error_arrives_with_its_code(error: Exception, status: grpc.StatusCode, code: str) -> None:
    with capture_logs() as logs:
        async with running(raising(error)) as service:
            problem = await problem_of(service.ask())
    assert (problem.status, problem.code) == (status, code)
    assert "inner workings" not in f"{problem} {problem.detail}"
    assert any(entry["event"] == "grpc_request_failed" for entry in logs) is (status is grpc.StatusCode.INTERNAL)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RpcProblem("displaced", grpc.StatusCode.ABORTED), grpc.StatusCode.ABORTED, "displaced"),
        (StoreUnavailable("locked"), grpc.StatusCode.UNAVAILABLE, "unavailable"),
        (RuntimeError("inner workings"), grpc.StatusCode.INTERNAL, "internal"),
    ],
)
async def test_a_stream_ends_with_a_code_too(error: Exception, status: grpc.StatusCode, code: str) -> None:
    with capture_logs() as logs:
        async with running(raising(error)) as service:
            seen, ended, told, detail = await service.attend()
            labels = {"service": "yizhan.v1.RoutingService", "method": "Attend", "status": status.name.lower()}
            await service.counted(labels)
    assert (seen, ended, told) == ([1], status, code)
    assert "inner workings" not in detail
    assert any(entry["event"] == "grpc_request_failed" for entry in logs) is (status is grpc.StatusCode.INTERNAL)


async def test_a_stream_without_the_token_gives_nothing() -> None:
    async with running() as service:
        assert (await service.attend("wrong"))[:3] == ([], grpc.StatusCode.UNAUTHENTICATED, "unauthenticated")
        assert await service.attend() == ([1], grpc.StatusCode.OK, "", "")
        assert service.servicer.guests == [None]


async def test_a_door_lets_in_to_its_call_and_to_no_other() -> None:
    async def door(token: str, _request: object) -> object:
        if token != "a guest's":
            raise RpcProblem("token_expired", grpc.StatusCode.UNAUTHENTICATED)
        return "guest"

    async with running(doors={"/yizhan.v1.RoutingService/Attend": door}) as service:
        assert (await service.attend("a guest's"))[0] == [1]
        assert (await service.attend("another"))[:3] == ([], grpc.StatusCode.UNAUTHENTICATED, "token_expired")
        assert (await problem_of(service.ask("a guest's"))).code == "unauthenticated"
        await service.ask()
        assert service.servicer.guests == ["guest", None], "nobody is taken for an earlier guest"


async def test_everything_about_a_problem_arrives() -> None:
    told = RpcProblem(
        "queue_full", grpc.StatusCode.RESOURCE_EXHAUSTED, "the queue is full", retry_after=2.5, extras={"最多": 5}
    )
    async with running(raising(told)) as service:
        problem = await problem_of(service.ask())
    assert (problem.detail, problem.retry_after, problem.extras) == ("the queue is full", 2.5, {"最多": 5})


async def test_extras_too_large_to_travel_are_left_behind() -> None:
    told = RpcProblem("too_much", grpc.StatusCode.ABORTED, extras={"x": "y" * 100_000})
    async with running(raising(told)) as service:
        problem = await problem_of(service.ask())
    assert (problem.code, problem.extras) == ("too_much", {})


async def test_nobody_waits_longer_than_the_deadline() -> None:
    async def slow() -> routing_pb2.GetQueueResponse:
        await asyncio.sleep(30)
        return routing_pb2.GetQueueResponse()

    async with running(slow) as service, asyncio.timeout(20):
        problem = await problem_of(service.ask(deadline=0.1))
    assert (problem.status, problem.code) == (grpc.StatusCode.DEADLINE_EXCEEDED, "deadline_exceeded")


async def test_a_service_too_busy_to_take_a_connection_at_once_is_waited_for() -> None:
    async with running() as service, TcpProxy("127.0.0.1", service.port) as between:
        between.delay = 0.6
        service.port = between.port
        assert await service.ask(deadline=30.0) == routing_pb2.GetQueueResponse()


async def test_a_service_that_is_away_is_told_at_once() -> None:
    async with running() as service:
        port = service.port
    async with asyncio.timeout(5), channel(f"127.0.0.1:{port}", "current") as opened:
        stub = routing_pb2_grpc.RoutingServiceStub(opened)
        problem = await problem_of(stub.GetQueue(routing_pb2.GetQueueRequest()))
    assert problem.code == "unavailable"


async def test_a_channel_finds_a_service_that_came_back() -> None:
    async with running() as service:
        port = service.port
    async with channel(f"127.0.0.1:{port}", "current") as opened:
        stub = routing_pb2_grpc.RoutingServiceStub(opened)
        await problem_of(stub.GetQueue(routing_pb2.GetQueueRequest()))
        async with running(port=port), asyncio.timeout(30):
            while True:
                try:
                    await stub.GetQueue(routing_pb2.GetQueueRequest())
                    break
                except RpcProblem:
                    await asyncio.sleep(0.1)


async def test_a_caller_that_gives_up_is_not_a_failure() -> None:
    started = asyncio.Event()

    async def slow() -> routing_pb2.GetQueueResponse:
        started.set()
        await asyncio.sleep(30)
        return routing_pb2.GetQueueResponse()

    with capture_logs() as logs:
        async with running(slow) as service:
            asking = asyncio.create_task(service.ask())
            await started.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            labels = {"service": "yizhan.v1.RoutingService", "method": "GetQueue", "status": "cancelled"}
            await service.counted(labels)
    assert not [entry for entry in logs if entry["log_level"] == "error"]


async def test_the_request_id_goes_along() -> None:
    async with running() as service:
        with structlog.contextvars.bound_contextvars(request_id="case-42"):
            await service.ask()
        await service.ask()
    assert service.servicer.request_ids == ["case-42", None]


async def test_calls_are_counted() -> None:
    async with running() as service:
        await service.ask()
        labels = {"service": "yizhan.v1.RoutingService", "method": "GetQueue"}
        await service.counted({**labels, "status": "ok"})
        assert service.metrics.registry.get_sample_value("yizhan_grpc_request_seconds_count", labels) == 1


async def test_health_is_told_to_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yizhan.core.runtime.grpc.serving.HEALTH_EVERY_SECONDS", 0.01)
    answer = ""

    async def check() -> str:
        return answer

    async with running() as service, grpc.aio.insecure_channel(f"127.0.0.1:{service.port}") as bare:
        service.health.add("database", check)
        stub = health_pb2_grpc.HealthStub(bare)
        await asyncio.sleep(0.05)
        good = await stub.Check(health_pb2.HealthCheckRequest())
        answer = "away"
        await asyncio.sleep(0.05)
        bad = await stub.Check(health_pb2.HealthCheckRequest())
    statuses = health_pb2.HealthCheckResponse
    assert (good.status, bad.status) == (statuses.SERVING, statuses.NOT_SERVING)


async def test_a_call_in_hand_is_finished_before_the_service_ends() -> None:
    started = asyncio.Event()

    async def slow() -> routing_pb2.GetQueueResponse:
        started.set()
        await asyncio.sleep(0.1)
        return routing_pb2.GetQueueResponse()

    async with running(slow) as service:
        asking = asyncio.create_task(service.ask())
        await started.wait()
    assert await asking == routing_pb2.GetQueueResponse()


async def test_a_taken_port_is_told_in_one_line() -> None:
    async with running() as service:
        with pytest.raises(PortTaken, match=str(service.port)):
            async with running(port=service.port):
                pass


async def test_an_address_that_is_not_ours_is_told_in_one_line() -> None:
    with pytest.raises(CannotListen, match="cannot be used"):
        async with server([], "192.0.2.1", 0, ("t",), health=Health("x"), metrics=Metrics("x")):
            pass
