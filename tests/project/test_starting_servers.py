"""Starting a server does not depend on what else the test process is busy with."""

import asyncio
import os
from collections import Counter

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from grpc_health.v1.health import aio  # type: ignore[import-untyped]

from tests.services.process import Process, private_folder, unprivileged

STARTS = 100


async def test_a_server_starts_while_grpc_is_at_work() -> None:
    account = unprivileged()
    folder = private_folder("starting", account)
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(aio.HealthServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    done = asyncio.Event()

    async def talk() -> None:
        while not done.is_set():
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                for _ in range(20):
                    await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())

    def start() -> int:
        program = ["/bin/true"]
        return Process(program, environment=os.environ, folder=folder, log=folder / "log", account=account).wait(20)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(talk())
        codes = Counter([await asyncio.to_thread(start) for _ in range(STARTS)])
        done.set()
    await server.stop(None)
    assert codes == {0: STARTS}
