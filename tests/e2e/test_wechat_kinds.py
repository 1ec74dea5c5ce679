"""小程序 on the running product, and what is left when the WeChat process dies in the middle of a send."""

import asyncio
import re
from collections.abc import Iterator

import aiohttp
import pytest

from tests.services.deployment import Deployment, apart
from tests.services.postgres import PostgresServer
from tests.services.product import SETTINGS, Product, signed_in
from tests.services.rabbitmq import RabbitServer
from tests.services.wechat import (
    PICTURE,
    Person,
    connect,
    in_hand,
    new_kf,
    new_mini,
    new_name,
    new_official,
    new_openid,
)
from tests.simulators.console_client import ConsoleClient, Json, open_console
from tests.simulators.wechat import SimOfficial, WechatPlatform

pytestmark = pytest.mark.timeout(300)

QUESTION = "什么时候发货"
ANSWER = "48"


async def person(kind: str, deployment: Deployment, platform: WechatPlatform) -> Person:
    """A customer of a newly connected account."""
    if kind == "mini":
        mini = new_mini(platform)
        await connect(deployment, mini, new_name("mini"))
        return mini.follower(new_openid())
    kf = new_kf(platform)
    await connect(deployment, kf, new_name("kf"))
    return kf.customer(f"wm{new_openid()}", open_kfid="wk1")


async def test_a_question_a_human_and_a_picture_at_a_mini_program(
    product: Product, platform: WechatPlatform, agent: ConsoleClient
) -> None:
    customer = await person("mini", product.deployment, platform)
    await customer.says(QUESTION)
    answer = await customer.sees(lambda item: ANSWER in item.text, within=60)
    assert answer.via == "api"
    conversation_id = await in_hand(agent, customer)
    await customer.image(PICTURE)
    await agent.until(lambda: agent.transcripts[conversation_id][-1]["content"]["type"] == "image")
    stored = await agent.upload("/media", "photo.png", PICTURE)
    await agent.send(conversation_id, {"type": "image", "media": stored["media"]})
    await customer.sees(lambda item: item.media == PICTURE, within=60)
    assert [item.text for item in customer.received if ANSWER in item.text] == [answer.text]


@pytest.fixture(scope="module")
def own(rabbit_server: RabbitServer, postgres_server: PostgresServer) -> Iterator[Deployment]:
    """A deployment of these tests' own, whose WeChat process they may kill."""
    rabbit_server.start()
    postgres_server.start()
    vhost, database = rabbit_server.new_vhost(), postgres_server.new_database()
    with apart(vhost, database, dialogues=1, **SETTINGS) as deployment:
        yield deployment
    rabbit_server.delete_vhost(vhost)
    postgres_server.drop_database(database)


@pytest.mark.parametrize(("kind", "api", "states"), [("mini", "send", {"unknown"}), ("kf", "kf_send", {"accepted"})])
async def test_a_kill_between_the_call_and_its_record_gives_no_second_copy(
    kind: str, api: str, states: set[str], own: Deployment, platform: WechatPlatform
) -> None:
    customer = await person(kind, own, platform)
    platform.faults.next(api=api, outcome="commit_then_hang", openid=customer.openid)
    pushing = asyncio.create_task(customer.says(QUESTION))
    await customer.sees(
        lambda item: ANSWER in item.text, within=60
    )  # the platform has it, the process does not know yet
    await asyncio.to_thread(own.kill, "wechat")
    await asyncio.to_thread(own.start, "wechat")
    await pushing
    answered = await told(own, customer)
    assert answered["receipt"] in states
    await customer.says("谢谢")
    await customer.sees(lambda item: "不客气" in item.text, within=60)
    assert len([item for item in customer.received if ANSWER in item.text]) == 1


async def test_a_reply_goes_in_the_answer_whichever_of_two_processes_it_comes_to(
    own: Deployment, platform: WechatPlatform
) -> None:
    own.add("wechat-2", "serve", "wechat")
    own.start("wechat-2")
    official = new_official(platform)
    await connect(own, official, new_name("official"))
    alone = new_official(platform, customer_service=False)
    await connect(own, alone, new_name("official"), "customer_service=false")
    await shares(own, official, "wechat-2")
    for account in (official, alone):
        async with asyncio.timeout(150):
            while not await all_in_the_push(account):
                pass


async def all_in_the_push(account: SimOfficial) -> bool:
    """Whether a dozen customers, who have partitions of both processes, got their answers so; all pushes go to the first.

    A machine that stands still for seconds makes a push too late for its answer, which then goes another way; without
    the way between the processes it would be half of them every time.
    """
    followers = [account.follower(new_openid()) for _ in range(12)]
    for first in range(0, len(followers), 3):
        await asyncio.gather(*(follower.says(QUESTION) for follower in followers[first : first + 3]))
    answers = [item for follower in followers for item in follower.received if ANSWER in item.text]
    assert len(answers) <= len(followers)
    return [item.via for item in answers] == ["passive"] * len(followers)


async def shares(deployment: Deployment, account: SimOfficial, process: str) -> None:
    """Returns when some customers' messages go out through this process."""
    counted = re.compile(r'yizhan_sent_messages_total\{channel="wechat",outcome="sent"\} ([1-9])')
    async with aiohttp.ClientSession() as http, asyncio.timeout(90):
        while True:
            await asyncio.gather(*(account.follower(new_openid()).says(QUESTION) for _ in range(12)))
            async with http.get(f"{deployment.address(process)}/metrics") as answer:
                if counted.search(await answer.text()):
                    return


async def told(deployment: Deployment, customer: Person) -> Json:
    """The answer as agents' screens show it, once it has a state."""
    async with aiohttp.ClientSession() as http:
        login = deployment.logins["admin"]
        session = await asyncio.to_thread(signed_in, deployment.console, login.username, login.password)
        async with open_console(http, deployment.console, session) as office, asyncio.timeout(90):
            while True:
                found = [
                    item
                    for item in (await office.get("/conversations"))["items"]
                    if item["customer"]["id"] == customer.openid
                ]
                if found:
                    page = await office.get(f"/conversations/{found[0]['id']}/messages")
                    answers: list[Json] = [m for m in page["messages"] if ANSWER in m["content"].get("text", "")]
                    if answers and answers[0]["receipt"]:
                        return answers[0]
                await asyncio.sleep(0.3)
