"""Starting a server does not depend on what else the test process is busy with."""

import asyncio
import os
import tempfile
from collections import Counter
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from grpc_health.v1.health import aio  # type: ignore[import-untyped]

from tests.services import process
from tests.services.process import MEMORY, Process, private_folder, unprivileged

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


@pytest.mark.parametrize(("room", "left"), [(1 << 60, 0), (0, 1 << 60)], ids=["a small /dev/shm", "little memory"])
def test_where_memory_is_short_data_lies_on_the_disk(monkeypatch: pytest.MonkeyPatch, room: int, left: int) -> None:
    monkeypatch.setattr(process, "MEMORY_ROOM", room)
    monkeypatch.setattr(process, "MEMORY_LEFT", left)
    folder = private_folder("short", unprivileged(), in_memory=True)
    folder.rmdir()
    assert folder.parent == Path(tempfile.gettempdir())


def test_without_a_folder_in_memory_data_lies_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(process, "MEMORY", tmp_path / "none")
    folder = private_folder("none", unprivileged(), in_memory=True)
    folder.rmdir()
    assert folder.parent == Path(tempfile.gettempdir())


def test_only_what_may_be_lost_with_the_machine_is_kept_in_memory() -> None:
    folder = private_folder("kept", unprivileged())
    folder.rmdir()
    assert MEMORY not in folder.parents
