"""The servers that every other test stands on: reachable, private, restartable, and gone with the run."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import aio_pika
import asyncpg
import pytest
from playwright.async_api import Browser
from yarl import URL

from tests.services.network import OutsideWorld
from tests.services.postgres import PostgresServer
from tests.services.process import MEMORY, alive, private_folder, unprivileged
from tests.services.rabbitmq import DIRECTORY_SECONDS, RabbitServer

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.real


async def publish(url: str, queue: str, body: bytes) -> None:
    """Declare a quorum queue and put one persistent message into it, confirmed."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(on_return_raises=True)
        await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, routing_key=queue)


async def take(url: str, queue: str) -> bytes:
    """Get and acknowledge one message."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        found = await channel.get_queue(queue)
        message = await found.get(timeout=20)
        await message.ack()
        return message.body


async def connect_and_close(url: str) -> None:
    """Closed where it failed too: a forgotten connection is closed by the garbage collector, in whatever thread."""
    connection = aio_pika.Connection(URL(url))
    try:
        await connection.connect(timeout=5)
    finally:
        await connection.close()


async def test_a_confirmed_message_outlives_a_killed_broker(private_rabbit: RabbitServer) -> None:
    url = private_rabbit.new_vhost()
    await publish(url, "inbound.0", "你好".encode())
    await asyncio.sleep(DIRECTORY_SECONDS)

    await asyncio.to_thread(private_rabbit.kill)
    with pytest.raises(OSError, match="Connect call failed"):
        await connect_and_close(url)
    await asyncio.to_thread(private_rabbit.start)

    assert await take(url, "inbound.0") == "你好".encode()


async def test_tests_do_not_see_each_others_queues(rabbit_server: RabbitServer, rabbit_url: str) -> None:
    other = rabbit_server.new_vhost()
    await publish(other, "only.there", b"1")

    assert rabbit_server.queues(rabbit_url) == []

    rabbit_server.delete_vhost(other)
    with pytest.raises(aio_pika.exceptions.AMQPException):
        await connect_and_close(other)


async def rows(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM kept"))
    finally:
        await connection.close()


async def write(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
    finally:
        await connection.close()


async def test_a_commit_outlives_a_killed_database(private_postgres: PostgresServer) -> None:
    url = private_postgres.new_database()
    await write(url)
    open_connection = await asyncpg.connect(url)

    await asyncio.to_thread(private_postgres.kill9)
    with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await open_connection.fetchval("SELECT 1")
    await asyncio.to_thread(private_postgres.start)
    assert await rows(url) == 1

    await asyncio.to_thread(private_postgres.restart, "immediate")
    assert await rows(url) == 1


async def test_a_prepared_database_is_copied(postgres_server: PostgresServer) -> None:
    def prepare(url: str) -> None:
        asyncio.run(write(url))

    name = await asyncio.to_thread(postgres_server.template, "kept", prepare)
    first = await asyncio.to_thread(postgres_server.new_database, name)
    second = await asyncio.to_thread(postgres_server.new_database, name)

    assert await rows(first) == await rows(second) == 1

    for url in (first, second):
        await asyncio.to_thread(postgres_server.drop_database, url)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(first)


async def test_the_browser_draws_chinese_and_reaches_no_other_machine(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content("<p>驿站</p>")
    assert await page.inner_text("p") == "驿站"
    with pytest.raises(Exception, match=r"ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED"):
        await page.goto("http://outside.example/")


SCENARIO = """
    import sys, time
    from tests.services.dovecot import DovecotServer
    from tests.services.postgres import PostgresServer
    from tests.services.process import descendants
    from tests.services.rabbitmq import DIRECTORY_SECONDS, RabbitServer
    import os
    rabbit, postgres, dovecot = RabbitServer.private(), PostgresServer.private(), DovecotServer.open()
    print(*descendants(os.getpid()), flush=True)
    time.sleep(300)
"""


@pytest.mark.usefixtures("private_rabbit", "private_postgres", "dovecot_server")
def test_nothing_outlives_a_killed_test_run() -> None:
    """Otherwise a machine fills with brokers after a few interrupted runs."""
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCENARIO)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with run:
        assert run.stdout is not None
        started = [int(pid) for pid in run.stdout.readline().split()]
        run.kill()
    assert len(started) > 3, "the servers did not start"
    deadline = time.monotonic() + 15
    while (left := [pid for pid in started if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []

    private_folder("sweep", unprivileged()).rmdir()
    left_behind = [*Path("/tmp").glob(f"yizhan-test-{run.pid}-*"), *MEMORY.glob(f"yizhan-test-{run.pid}-*")]
    assert left_behind == []


async def test_another_machine_cannot_be_reached() -> None:
    with pytest.raises(OutsideWorld):
        await asyncio.open_connection("192.0.2.1", 80)
    with pytest.raises(OutsideWorld):
        await asyncio.open_connection("outside.example", 80)
