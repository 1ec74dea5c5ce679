"""The operator's commands while the product runs: what they change is served within seconds."""

import asyncio
import json
import uuid
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from tests.services.deployment import ACCOUNT, Deployment
from tests.services.product import Product
from tests.simulators.console_client import ConsoleClient
from tests.simulators.website_client import WebsiteClient, open_client
from tests.simulators.wechat import WechatPlatform, open_platform
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Publication
from yizhan.core.bus.open import open_bus
from yizhan.core.bus.topology import Exchange, inbound_key
from yizhan.core.messages.address import Address
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, message_pb2

pytestmark = pytest.mark.timeout(240)

PARTITIONS = 16
SECONDS = 60.0
"""How long a running product may take to serve a change, on a busy machine."""


async def yizhan(product: Product, *arguments: str) -> str:
    return await asyncio.to_thread(product.deployment.yizhan, *arguments)


async def refused(product: Product, *arguments: str) -> str:
    """What a command says that fails."""
    with pytest.raises(RuntimeError) as failed:
        await yizhan(product, *arguments)
    return str(failed.value)


async def answer_to(product: Product, http: aiohttp.ClientSession, question: str) -> str:
    """What a new customer is told after the greeting: the answer, not the link that may have come with it."""
    async with open_client(http, product.website, ACCOUNT) as client:
        await client.reached(1, within=60.0)
        await client.say(question)
        await client.until(lambda: len(client.texts("bot")) > 1, 15.0)
        return client.texts("bot")[1]


async def test_doctor_finds_nothing_to_do(product: Product) -> None:
    shown = await yizhan(product, "doctor")
    assert {line.split()[1] for line in shown.splitlines()} == {
        "settings",
        "disk",
        "pages",
        "database",
        "schemas",
        "bus",
        "media",
        "models",
    }
    assert all(line.startswith("ok") for line in shown.splitlines())


async def test_a_new_account_takes_customers_within_seconds(
    embedded_product: Product, http: aiohttp.ClientSession
) -> None:
    product = embedded_product
    await yizhan(product, "account", "add", "website", "second", "--name", "分店", "--set", 'color="#aa5500"')
    assert "website/second  分店" in await yizhan(product, "account", "list")
    assert "already" in await refused(product, "account", "add", "website", "second")
    assert "color" in await refused(product, "account", "set", "website", "second", "--set", 'color="no colour"')

    async def status() -> int:
        async with http.post(f"{product.website}/website/second/session", json={}) as answer:
            return answer.status

    await until_equal(status, 200)
    await yizhan(product, "account", "set", "website", "second", "--disable")
    await until_equal(status, 404)
    await yizhan(product, "account", "remove", "website", "second")
    assert "website/second" not in await yizhan(product, "account", "list")


async def until_equal(ask: object, wanted: object) -> None:
    assert callable(ask)
    async with asyncio.timeout(SECONDS):
        while await ask() != wanted:
            await asyncio.sleep(0.2)


async def test_imported_knowledge_is_served_within_seconds(
    product: Product, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    kept = tmp_path / "before.jsonl"
    assert "188 entries" in await yizhan(product, "kb", "export", str(kept))
    changed = tmp_path / "changed.jsonl"
    entry = {
        "id": "pets",
        "question": "可以带宠物进门店吗",
        "paraphrases": [],
        "answer": "可以，请系好牵引绳。",
        "category": "",
    }
    changed.write_bytes(kept.read_bytes().rstrip() + b"\n" + json.dumps(entry, ensure_ascii=False).encode() + b"\n")
    assert "189 entries, no problems" in await yizhan(product, "kb", "check", str(changed))
    assert "189 entries" in await yizhan(product, "kb", "import", str(changed))

    async def told() -> str:
        return await answer_to(product, http, "可以带宠物进门店吗")

    await until_equal(told, "可以，请系好牵引绳。")
    asked = json.loads(await yizhan(product, "kb", "ask", "可以带宠物进门店吗", "--json"))
    assert (asked["decision"], asked["text"]) == ("Say", "可以，请系好牵引绳。")
    back = "what the test published answers one of the demo's test questions more than what was before"
    await yizhan(product, "kb", "import", str(kept), "--force", back)


async def test_a_broken_file_is_refused_with_every_row(embedded_product: Product, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("编号,问题,答案\na,问题一,\nb,,答案二\na,问题三,答案三\n", "utf-8")
    before = await yizhan(embedded_product, "kb", "export", str(tmp_path / "before.csv"))
    for command in ("check", "import"):
        said = await refused(embedded_product, "kb", command, str(broken))
        assert f"kb {command} {broken}: 2" in said
        for row in (2, 3, 4):
            assert f"row {row}" in said
    after = await yizhan(embedded_product, "kb", "export", str(tmp_path / "after.csv"))
    assert before.replace("before.csv", "after.csv") == after


async def test_people(embedded_product: Product, http: aiohttp.ClientSession) -> None:
    product = embedded_product
    shown = await yizhan(product, "user", "add", "Lin.Mei", "--role", "editor", "--role", "agent", "--name", "林梅")
    password = shown.rsplit("password: ", 1)[1].strip()
    client = ConsoleClient(http, product.console)
    session = await client.sign_in("lin.mei", password)
    assert session.user["roles"] == ["agent", "editor"]
    assert "taken" in await refused(product, "user", "add", "lin.mei")
    assert "roles" in (await refused(product, "user", "add", "somebody", "--role", "king")).lower()

    fresh = (await yizhan(product, "user", "reset-password", "lin.mei")).rsplit("password: ", 1)[1].strip()
    with pytest.raises(Exception, match="401"):
        await client.get("/session")
    await client.sign_in("lin.mei", fresh)
    await yizhan(product, "user", "disable", "lin.mei")
    with pytest.raises(Exception, match="401"):
        await client.get("/session")
    assert "(disabled)" in await yizhan(product, "user", "list")


async def test_a_poisoned_message_is_parked_shown_and_replayed(
    product: Product, http: aiohttp.ClientSession, customer: WebsiteClient, admin: ConsoleClient
) -> None:
    """What cannot be handled stops nobody: the same partition goes on, and the message waits for a person."""
    poison_id = await publish_poison(product.deployment, customer.visitor_id)
    await customer.say("什么时候发货")
    await customer.until(lambda: "48" in customer.texts("bot")[-1], 20.0)

    async def parked() -> list[str]:
        return [line.split()[0] for line in (await yizhan(product, "dead", "list")).splitlines()]

    async with asyncio.timeout(60.0):
        while not (letters := await parked()):
            await asyncio.sleep(0.2)
    (letter,) = letters
    assert "!!" in (await refused(product, "doctor")), "somebody should look"
    assert poison_id in await yizhan(product, "dead", "show", letter)
    assert "nothing is parked" in await refused(product, "dead", "show", f"{letter}0")

    assert f"{letter} replayed" in await yizhan(product, "dead", "replay", letter)
    async with asyncio.timeout(60.0):
        while not (again := await parked()):
            await asyncio.sleep(0.2)
    assert len(again) == 1, "it is still poison: parked again, once"
    assert "nothing is parked" in await refused(product, "dead", "replay", "dead.inbound.0/does-not-exist")
    numbers = await admin.get("/numbers")
    assert all(channel["difference"] == 0 for channel in numbers["channels"])


async def test_a_known_loss_is_settled(product: Product, admin: ConsoleClient) -> None:
    """A process says that it has accepted a message which nobody ever sees."""
    kind = event_pb2.ChannelAccepted(channel="website", producer="website-lost", accepted_total=1)
    kind.at.GetCurrentTime()
    await publish(product.deployment, envelopes.event(event_pb2.Event(id=str(uuid.uuid4()), channel_accepted=kind)))

    async def books() -> list[str]:
        return [line for line in (await yizhan(product, "books", "show")).splitlines() if "website-lost" in line]

    await until_equal(books, ["website/website-lost  accepted 1  missing 1"])
    settle = ("books", "settle", "website", "website-lost", "--by", "Wang", "--reason", "the disk was lost")
    assert "1 messages of website-lost are missing, not 2" in await refused(product, *settle, "--messages", "2")
    assert "Wang: the disk was lost" in await yizhan(product, *settle, "--messages", "1")
    shown = await books()
    assert shown[0] == "website/website-lost  accepted 1  missing 0"
    assert "1 lost" in shown[1]
    assert "are missing" in await refused(product, *settle, "--messages", "1")

    async def lost() -> list[tuple[int, int]]:
        channels = (await admin.get("/numbers"))["channels"]
        return [(item["lost"], item["difference"]) for item in channels if item["channel"] == "website"]

    await until_equal(lost, [(1, 0)])


async def publish_poison(deployment: Deployment, visitor: str) -> str:
    """A message without content on the visitor's partition, as no version of ours would write it; gives its id."""
    message_id = str(uuid.uuid4())
    address = message_pb2.Address(workspace="default", channel="website", account=ACCOUNT, customer=visitor)
    key = inbound_key(Address("default", "website", ACCOUNT, visitor, ""), PARTITIONS)
    envelope = envelopes.blank(producer="website-of-a-broken-version")
    envelope.message.CopyFrom(message_pb2.Message(id=message_id, address=address))
    await publish(deployment, Publication(Exchange.INBOUND, key, envelope))
    return message_id


async def publish(deployment: Deployment, publication: Publication) -> None:
    environment = deployment.environment
    home = Path(environment["YIZHAN_HOME"])
    url = environment.get("YIZHAN_BUS_URL", "embedded://")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(environment.get("YIZHAN_DATABASE_URL", ""), home=home))
        bus = await stack.enter_async_context(open_bus(url, database=database, partitions=PARTITIONS, producer="tests"))
        await bus.publish([publication])


APP_ID, APP_SECRET, AES_KEY = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef", "aB3" * 14 + "0"


def towards(product: Product, platform: WechatPlatform) -> Product:
    """The same deployment for commands that ask this platform."""
    urls = {"YIZHAN_WECHAT_API_URL": platform.api_url, "YIZHAN_WECOM_API_URL": platform.wecom_url}
    public = {"YIZHAN_PUBLIC_URL": "https://service.example.com"}
    changed = replace(product.deployment, environment={**product.deployment.environment, **urls, **public})
    return replace(product, deployment=changed)


async def test_a_wechat_account_is_kept_once_the_platform_takes_it(embedded_product: Product, tmp_path: Path) -> None:
    wrong, right, key = (tmp_path / name for name in ("wrong", "right", "key"))
    for file, text in ((wrong, "not-the-secret"), (right, APP_SECRET), (key, AES_KEY)):
        file.write_text(f"{text}\n")
    given = ("--set", "kind=official", "--set", f"app_id={APP_ID}", "--set", "token=shopToken")
    add = ("account", "add", "wechat", "followers", "--name", "服务号", *given, "--set-file", f"aes_key={key}")
    async with open_platform() as platform:
        account = platform.official(app_id=APP_ID, secret=APP_SECRET, token="shopToken", aes_key=AES_KEY)
        product = towards(embedded_product, platform)

        said = await refused(product, *add, "--set-file", f"secret={wrong}")
        assert f"secret={wrong}: 2" in said
        assert "40125 invalid appsecret" in said
        account.trusted_ip = False
        assert "put 127.0.0.1 on the IP whitelist" in await refused(product, *add, "--set-file", f"secret={right}")
        account.trusted_ip = True
        assert "wechat/followers" not in await yizhan(product, "account", "list"), "nothing is kept that does not work"

        said = await yizhan(product, *add, "--set-file", f"secret={right}")
        for line in ("https://service.example.com/wechat/followers", "shopToken", AES_KEY, "安全模式", "XML"):
            assert line in said
        assert APP_SECRET not in said

        shown = await yizhan(product, "account", "show", "wechat", "followers")
        assert "https://service.example.com/wechat/followers" in shown
        listed = await yizhan(product, "account", "list", "--channel", "wechat")
        for hidden in (APP_SECRET, "shopToken", AES_KEY):
            assert hidden not in shown + listed
        assert "wechat/followers  works" in await yizhan(product, "account", "check", "wechat", "followers")

        calls = len(platform.calls)
        await yizhan(product, "account", "set", "wechat", "followers", "--set", "menus=false")
        assert len(platform.calls) == calls, "the platform is asked about credentials only"
        change = ("account", "set", "wechat", "followers", "--set-file", f"secret={wrong}")
        assert "40125" in await refused(product, *change)
        assert "wechat/followers  works" in await yizhan(product, "account", "check", "wechat", "followers")
    said = await refused(product, "account", "check", "wechat", "followers")
    assert "followers: 1" in said, "nobody could be asked: to be tried again"
    assert "(unusable" not in await yizhan(product, *change, "--no-check")
    await yizhan(product, "account", "remove", "wechat", "followers")
