"""A newcomer asks the demo shop about orders, and gets real answers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest

from tests.services.deployment import ACCOUNT
from tests.services.product import Product
from tests.simulators.website_client import WebsiteClient, open_client

pytestmark = pytest.mark.timeout(240)

PHONE = "13800138000"


Guests = Callable[[], AbstractAsyncContextManager[WebsiteClient]]


@pytest.fixture
def guest(embedded_product: Product) -> Guests:
    """Opens the website as somebody new."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[WebsiteClient]:
        async with (
            aiohttp.ClientSession() as http,
            open_client(http, embedded_product.website, ACCOUNT, session={"locale": "zh-CN"}) as client,
        ):
            yield client

    return opened


async def press(customer: WebsiteClient, option_id: str) -> None:
    """A button of the menu that was shown last."""
    menu = customer.messages[-1]["content"]
    [option] = [option for option in menu["options"] if option["id"] == option_id]
    await customer.send(
        {"type": "choice", "menu_id": menu["menu_id"], "option_id": option["id"], "label": option["label"]}
    )


async def shown(customer: WebsiteClient, words: str) -> None:
    """The bot's last message holds these words: a text, a question with buttons, or a card."""

    def last() -> bool:
        message = customer.messages[-1] if customer.messages else None
        return message is not None and message["author"]["kind"] == "bot" and words in str(message["content"])

    await customer.until(last, 30.0)


async def test_where_is_my_order_by_its_number(guest: Guests) -> None:
    async with guest() as customer:
        await customer.say("我的订单到哪了")
        await shown(customer, "订单号")
        await customer.say("SJ100001")
        await shown(customer, "SF1390000100001")
        assert "查到了，订单 SJ100001 现在是“运输中”。" in customer.texts("bot")
        kinds = [message["content"]["type"] for message in customer.messages[-3:]]
        assert kinds == ["text", "order", "logistics"]


async def test_where_is_my_order_by_nothing_but_its_number(guest: Guests) -> None:
    """And what is only nodded at is left alone: the next words are those that are answered."""
    async with guest() as customer:
        await customer.say("SJ100001")
        await shown(customer, "SF1390000100001")
        assert "查到了，订单 SJ100001 现在是“运输中”。" in customer.texts("bot")
        said = len(customer.texts("bot"))
        await customer.say("知道了")
        await customer.say("谢谢")
        await shown(customer, "不客气")
        assert len(customer.texts("bot")) == said + 1


async def test_where_is_my_order_by_phone(guest: Guests) -> None:
    async with guest() as customer:
        await customer.say("我的订单到哪了")
        await shown(customer, "订单号")
        await customer.say(PHONE)
        await shown(customer, "多笔订单")
        await press(customer, "SJ100003")
        await shown(customer, "45900")
        assert "查到了，订单 SJ100003 现在是“待发货”。" in customer.texts("bot")


async def test_an_order_that_there_is_not(guest: Guests) -> None:
    async with guest() as customer:
        await customer.say("我的订单到哪了")
        await shown(customer, "订单号")
        await customer.say("SJ999999")
        await shown(customer, "没有查到这笔订单")


async def test_after_sales_from_the_first_word_to_the_number(guest: Guests) -> None:
    async with guest() as customer:
        await customer.say("申请售后")
        await shown(customer, "订单号")
        await customer.say("SJ100002")
        await shown(customer, "哪一件")
        await press(customer, "BLANKET-WOOL")
        await shown(customer, "哪一种售后")
        await press(customer, "exchange")
        await shown(customer, "原因")
        await customer.say("颜色不对")
        await shown(customer, "照片")
        await customer.say("跳过")
        await shown(customer, "联系电话")
        await customer.say(PHONE)
        await shown(customer, "确认提交")
        await press(customer, "yes")
        await shown(customer, "售后申请已提交，申请编号 AS2")
    async with guest() as again:
        await again.say("申请售后")
        await shown(again, "订单号")
        await again.say("SJ100004")
        await again.until(lambda: any("已超过 7 天" in text for text in again.texts("bot")), 30.0)
