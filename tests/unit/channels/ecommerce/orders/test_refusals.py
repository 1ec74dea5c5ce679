"""Errors of the platforms: every one of their tables, wrong secrets, answers that are none, and what is never repeated."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.simulators.ecommerce.orders import doudian, jd, pinduoduo, shopify, taobao, woocommerce
from tests.simulators.ecommerce.orders.asked import Answered, Asked
from tests.unit.channels.ecommerce.orders import worlds
from tests.unit.channels.ecommerce.orders.shop_world import NOW, World
from yizhan.channels.contract import Refusal, Refused, RetryLater, SendError, TokenExpired
from yizhan.channels.ecommerce.doudian.errors import DOUDIAN, DOUDIAN_SUB
from yizhan.channels.ecommerce.jd.errors import JD
from yizhan.channels.ecommerce.order_errors import NoSuchOrder, Told, meant
from yizhan.channels.ecommerce.pinduoduo.errors import PINDUODUO
from yizhan.channels.ecommerce.shopify.errors import SHOPIFY
from yizhan.channels.ecommerce.taobao.errors import TAOBAO, TAOBAO_SUB
from yizhan.channels.ecommerce.woocommerce.errors import WOOCOMMERCE
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message

NUMBERS = {
    "taobao": "2600000000000000001",
    "jd": "100000001",
    "pinduoduo": "261120-100000001",
    "doudian": "6920000000000000001",
    "shopify": "1001",
    "woocommerce": "1001",
}


def answering(platform: str, error: Any) -> World:
    """The platform with a simulator that answers this error next."""
    match platform:
        case "taobao":
            return worlds.taobao_world(taobao.TaobaoGateway(errors=deque([error])))
        case "jd":
            return worlds.jd_world(jd.JdGateway(errors=deque([error])))
        case "pinduoduo":
            return worlds.pinduoduo_world(pinduoduo.PinduoduoGateway(errors=deque([error])))
        case "doudian":
            return worlds.doudian_world(doudian.DoudianGateway(errors=deque([error])))
        case "shopify":
            return worlds.shopify_world(shopify.ShopifyShop(errors=deque([error])))
        case _:
            return worlds.woocommerce_world(woocommerce.WooCommerceShop(errors=deque([error])))


async def outcome(world: World, platform: str) -> SendError | None:
    """What a look-up ended with; None: there is no such order."""
    try:
        assert await world.platform.order(world.shop, NUMBERS[platform], "zh-CN") is None
    except SendError as error:
        return error
    return None


def wanted(table: Any, code: str) -> type[SendError] | None:
    found = type(meant(Told(code), table))
    return None if found is NoSuchOrder else found


@pytest.mark.parametrize(
    ("platform", "error", "table", "code"),
    [
        *(("taobao", (code, ""), TAOBAO, code) for code in TAOBAO),
        *(("taobao", ("15", code), TAOBAO_SUB, code) for code in TAOBAO_SUB),
        *(("jd", code, JD, code) for code in JD),
        *(("pinduoduo", code, PINDUODUO, code) for code in PINDUODUO),
        *(("doudian", (code, ""), DOUDIAN, code) for code in DOUDIAN),
        *(("doudian", ("50002", code), DOUDIAN_SUB, code) for code in DOUDIAN_SUB),
        *(("shopify", int(code) if code.isdigit() else code, SHOPIFY, code) for code in SHOPIFY),
        *(("woocommerce", (404, code), WOOCOMMERCE, code) for code in WOOCOMMERCE if not code.isdigit()),
        *(("woocommerce", (int(code), ""), WOOCOMMERCE, code) for code in WOOCOMMERCE if code.isdigit()),
    ],
)
async def test_every_listed_error(platform: str, error: Any, table: Any, code: str) -> None:
    world = answering(platform, error)
    found = await outcome(world, platform)
    assert (None if found is None else type(found)) == wanted(table, code)
    assert world.calls.codes == [code]


@pytest.mark.parametrize(
    ("platform", "error", "kind"),
    [
        ("taobao", ("7", ""), RetryLater),
        ("taobao", ("27", ""), TokenExpired),
        ("taobao", ("25", ""), Refused),
        ("pinduoduo", "10019", TokenExpired),
        ("doudian", ("40003", "isv.access-token-expired"), TokenExpired),
        ("shopify", "THROTTLED", RetryLater),
        ("shopify", 401, TokenExpired),
        ("woocommerce", (401, "woocommerce_rest_cannot_view"), Refused),
    ],
)
async def test_what_matters_most(platform: str, error: Any, kind: type[SendError]) -> None:
    assert isinstance(await outcome(answering(platform, error), platform), kind)


async def test_the_token_that_failed_is_named() -> None:
    found = await outcome(answering("taobao", ("27", "")), "taobao")
    assert isinstance(found, TokenExpired)
    assert found.token == "session-1"


@pytest.mark.parametrize(
    ("platform", "error"),
    [
        ("taobao", ("4711", "")),
        ("jd", "4711"),
        ("pinduoduo", "4711"),
        ("doudian", ("4711", "")),
        ("shopify", "NEW_ONE"),
        ("woocommerce", (418, "teapot")),
    ],
)
async def test_an_error_that_is_not_listed_is_a_refusal(platform: str, error: Any) -> None:
    world = answering(platform, error)
    found = await outcome(world, platform)
    assert isinstance(found, Refused)
    assert found.reason is Refusal.OTHER
    assert world.calls.codes == ["other"]


@dataclass
class Saying:
    """A gateway that answers with these bytes."""

    body: bytes
    status: int = 200

    def answer(self, asked: Asked) -> Answered:
        return Answered(self.status, self.body)


@pytest.mark.parametrize("platform", NUMBERS)
@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html>", RetryLater), (b"", RetryLater), (b"[]", Refused), (b'{"x":1}', Refused), (b'"\xff\\ud83d"', Refused)],
)
async def test_an_answer_that_is_none(platform: str, body: bytes, kind: type[SendError]) -> None:
    world = answering(platform, None)
    world.calls.platform = Saying(body)
    if platform in {"shopify", "doudian"} and body == b'{"x":1}':
        return  # all members of their answers may be missing; told below
    assert isinstance(await outcome(world, platform), kind)


@pytest.mark.parametrize(("platform", "body"), [("shopify", b'{"x":1}'), ("doudian", b'{"err_no":0}')])
async def test_an_answer_without_an_order(platform: str, body: bytes) -> None:
    world = answering(platform, None)
    world.calls.platform = Saying(body)
    assert await outcome(world, platform) is None


@pytest.mark.parametrize("platform", NUMBERS)
async def test_wrong_secrets_are_found_out_and_never_shown(platform: str) -> None:
    made: dict[str, Callable[[], World]] = {
        "taobao": lambda: worlds.taobao_world(taobao.TaobaoGateway(), app_secret="guessed"),
        "jd": lambda: worlds.jd_world(jd.JdGateway(), app_secret="guessed"),
        "pinduoduo": lambda: worlds.pinduoduo_world(pinduoduo.PinduoduoGateway(), client_secret="guessed"),
        "doudian": lambda: worlds.doudian_world(doudian.DoudianGateway(), app_secret="guessed"),
        "shopify": lambda: worlds.shopify_world(shopify.ShopifyShop(), access_token="guessed"),
        "woocommerce": lambda: worlds.woocommerce_world(woocommerce.WooCommerceShop(), consumer_secret="guessed"),
    }
    world = made[platform]()
    found = await outcome(world, platform)
    assert isinstance(found, TokenExpired if platform == "shopify" else Refused)
    assert "guessed" not in f"{found}{found!r}{world.calls.requests!r}{world.shop!r}"


@pytest.mark.parametrize("platform", NUMBERS)
async def test_nothing_can_be_sent_there(platform: str) -> None:
    world = answering(platform, None)
    message = Message(
        id=new_id(),
        address=Address("default", "ecommerce", "shop", "buyer"),
        author=Author(AuthorKind.BOT, "bot"),
        content=Text("hello"),
        sent_at=NOW,
        received_at=NOW,
    )
    with pytest.raises(Refused) as caught:
        await world.platform.send(world.shop, message, 0)
    assert caught.value.reason is Refusal.NOT_PERMITTED
    assert world.platform.abilities(world.shop.settings).kinds == frozenset({Text})
