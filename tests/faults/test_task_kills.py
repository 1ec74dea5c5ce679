"""Customers apply for after-sales while the product is killed again and again: each has one application, told once."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.services.deployment import ACCOUNT, PROGRAM, ROOT, SECRET, Deployment, apart, embedded
from tests.services.process import Process, free_port, private_folder
from tests.simulators.website_client import WebsiteClient, open_client

pytestmark = [pytest.mark.faults, pytest.mark.timeout(420)]

ITEMS = (("SJ100002", "BLANKET-WOOL"), ("SJ100002", "VASE-WHITE"))
"""What can be returned; the others are refused, which must be told once, too."""
CUSTOMERS = 12
KILLS = 4
BETWEEN = 1.5
"""Seconds from one customer's yes to the next one's, while the product comes and goes."""
WITHIN = 120.0


async def shown(customer: WebsiteClient, words: str) -> None:
    """The bot's last message holds these words."""

    def last() -> bool:
        message = customer.messages[-1] if customer.messages else None
        return message is not None and message["author"]["kind"] == "bot" and words in str(message["content"])

    try:
        await customer.until(last, WITHIN)
    except TimeoutError:
        raise TimeoutError(f"{words!r} was never shown: {customer.texts()[-3:]}") from None


async def press(customer: WebsiteClient, option_id: str) -> None:
    menu = customer.messages[-1]["content"]
    [option] = [option for option in menu["options"] if option["id"] == option_id]
    await customer.send(
        {"type": "choice", "menu_id": menu["menu_id"], "option_id": option_id, "label": option["label"]}
    )


async def tasks_are_served(deployment: Deployment, http: aiohttp.ClientSession) -> None:
    """Replicas take up what was published within seconds; who asks before that is answered from the release before."""
    async with asyncio.timeout(WITHIN):
        while True:
            async with open_client(http, deployment.website, ACCOUNT, session={"locale": "zh-CN"}) as visitor:
                await visitor.reached(1)
                await visitor.say("申请售后")
                await visitor.until(lambda: len(visitor.texts("bot")) > 1, WITHIN)
                if "订单号" in str(visitor.messages[-1]["content"]):
                    return
            await asyncio.sleep(0.5)


async def prepare(customer: WebsiteClient, item: tuple[str, str]) -> None:
    """Everything up to the question whether to submit it."""
    order, goods = item
    await customer.say("申请售后")
    await shown(customer, "订单号")
    await customer.say(order)
    await shown(customer, "哪一件")
    await press(customer, goods)
    await shown(customer, "哪一种售后")
    await press(customer, "exchange")
    await shown(customer, "原因")
    await customer.say("颜色不对")
    await shown(customer, "照片")
    await customer.say("跳过")
    await shown(customer, "联系电话")
    await customer.say("13800138000")
    await shown(customer, "确认提交")


async def submit(customer: WebsiteClient, after: float) -> None:
    """From here on nothing may happen twice."""
    await asyncio.sleep(after)
    await press(customer, "yes")


def endings(customer: WebsiteClient) -> list[str]:
    """What the customer was told of how it ended."""
    known = ("售后申请已提交", "已经有一个进行中的售后申请", "没有提交成功", "不能确定")
    return [text for text in customer.texts("bot") if any(words in text for words in known)]


async def ended(customer: WebsiteClient) -> None:
    await customer.until(lambda: bool(endings(customer)), WITHIN)


SETTINGS = {
    "YIZHAN_SECRET": SECRET,
    "YIZHAN_WEBSITE_SENDS_PER_MINUTE": "6000",
    "YIZHAN_WEBSITE_SESSIONS_PER_MINUTE": "60000",
}
DECLARED = """
workspaces:
  default:
    - serves: [orders, after_sales, appointments]
      grpc: {address: "127.0.0.1:PORT", tls: false, secret_variable: SHOP_SECRET}
"""


@contextmanager
def everything_in_one() -> Iterator[tuple[Deployment, str, Path]]:
    """``yizhan up``, which dies together with its demo shop."""
    with embedded(None, **SETTINGS) as deployment:
        yield deployment, "yizhan", deployment.folder / "var"


@contextmanager
def dialogue_apart(rabbit_url: str, postgres_url: str) -> Iterator[tuple[Deployment, str, Path]]:
    """Services on RabbitMQ and PostgreSQL, of which dialogue dies; the shop is another process, asked over gRPC."""
    home, port = private_folder("shop", None), free_port()
    (home / "connectors.yaml").write_text(DECLARED.replace("PORT", str(port)), "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YIZHAN_")}
    shop = Process(
        [*PROGRAM, "demo-orders", "--http-port", "0", "--grpc-port", str(port)],
        environment=environment
        | {"PYTHONPATH": str(ROOT / "services"), "YIZHAN_HOME": str(home), "DEMO_ORDERS_SECRET": SECRET},
        folder=home,
        log=home / "shop.log",
        account=None,
    )
    try:
        declared = {"YIZHAN_CONNECTORS_FILE": str(home / "connectors.yaml"), "SHOP_SECRET": SECRET}
        with apart(rabbit_url, postgres_url, dialogues=1, **SETTINGS | declared) as deployment:
            for path in sorted((ROOT / "services" / "yizhan" / "demo" / "tasks").glob("*.yaml")):
                deployment.yizhan("kb", "document", f"tasks/{path.stem}", str(path))
            deployment.yizhan("kb", "build")
            deployment.yizhan("kb", "publish", "2", "--force", "the tasks are new")
            yield deployment, "dialogue", home
    finally:
        shop.kill()


@pytest.fixture(params=["embedded", pytest.param("apart", marks=pytest.mark.real)])
def scene(request: pytest.FixtureRequest) -> Iterator[tuple[Deployment, str, Path]]:
    """A deployment with tasks, the process to kill, and the folder in which the shop keeps what it registered."""
    if request.param == "embedded":
        with everything_in_one() as made:
            yield made
        return
    rabbit_url, postgres_url = request.getfixturevalue("rabbit_url"), request.getfixturevalue("postgres_url")
    with dialogue_apart(rabbit_url, postgres_url) as made:
        yield made


async def test_whoever_applies_while_dialogue_dies_has_one_application_and_is_told_once(
    scene: tuple[Deployment, str, Path],
) -> None:
    deployment, victim, home = scene
    async with aiohttp.ClientSession() as http, AsyncExitStack() as stack:
        await tasks_are_served(deployment, http)
        customers = [
            await stack.enter_async_context(open_client(http, deployment.website, ACCOUNT, session={"locale": "zh-CN"}))
            for _ in range(CUSTOMERS)
        ]
        async with asyncio.TaskGroup() as group:
            for number, customer in enumerate(customers):
                group.create_task(prepare(customer, ITEMS[number % len(ITEMS)]))
        async with asyncio.TaskGroup() as group:
            group.create_task(kill_again_and_again(deployment, victim))
            for number, customer in enumerate(customers):
                group.create_task(submit(customer, number * BETWEEN))
        await asyncio.gather(*map(ended, customers))
        told = Counter(ending for customer in customers for ending in endings(customer))
    registered = applications(home / "demo-orders.jsonl")
    print(told)
    assert sorted(registered.values()) == sorted({goods for _, goods in ITEMS}), "each item was taken back once"
    assert all(len(endings(customer)) == 1 for customer in customers)
    submitted = [ending for ending in told.elements() if "售后申请已提交" in ending]
    assert len(set(submitted)) == len(submitted), "one application is told to one customer"
    assert not any("没有提交成功" in ending for ending in told), "what may have been done is not called a failure"
    # A start that takes longer than the task's time is told as such; on a machine that starts in time there is none.
    unknown = sum(count for ending, count in told.items() if "不能确定" in ending)
    assert len(submitted) + unknown >= len(ITEMS)


async def kill_again_and_again(deployment: Deployment, victim: str) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(2.5)
        await asyncio.to_thread(deployment.kill, victim)
        await asyncio.to_thread(deployment.start, victim)


def applications(journal: Path) -> dict[str, str]:
    """Items by application number."""
    entries = [json.loads(line) for line in journal.read_text("utf-8").splitlines() if line.strip()]
    applied = [entry for entry in entries if entry["kind"] == "applied"]
    assert len({entry["key"] for entry in applied}) == len(applied)
    return {entry["result"]["application_id"]: entry["request"]["item_id"] for entry in applied}
