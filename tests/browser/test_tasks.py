"""Each shipped task in the customer's page: typed and pressed, with the demo shop's systems behind it."""

import pytest
from playwright.async_api import expect

from tests.browser.pages import Shop, png

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="session")]
in_one_process = pytest.mark.parametrize("product", ["embedded"], indirect=True)
"""The demo shop's order system is inside ``yizhan up``."""

PHONE_NUMBER = "13800138000"


async def press(shop: Shop, label: str) -> None:
    """The button with this label in the menu that was shown last."""
    await shop.host.get_by_role("button", name=label).last.click()


@in_one_process
async def test_where_is_my_order(shop: Shop) -> None:
    await shop.open()
    await shop.say("我的订单到哪了")
    await shop.sees("请把订单号发给我", "bot")
    await shop.say("可以开发票吗")
    await expect(shop.host.get_by_text("请把订单号发给我")).to_have_count(2)
    await shop.say(PHONE_NUMBER)
    await shop.sees("有多笔订单", "bot")
    await press(shop, "SJ100001")
    await shop.sees("SF1390000100001", "bot")


@in_one_process
async def test_an_after_sales_application_with_a_picture_and_a_correction(shop: Shop) -> None:
    await shop.open()
    await shop.say("我要退货，订单号SJ100011")  # its own: the demo shop is shared with other tests
    await shop.sees("您要办理哪一件", "bot")
    await press(shop, "羊毛毯")
    await shop.sees("请说一下原因", "bot")
    await shop.say("颜色和图片不一样")
    await shop.sees("请发一张", "bot")
    await shop.send_picture(png(64, 48, (180, 83, 42)))
    await shop.sees("联系电话", "bot")
    await shop.say(PHONE_NUMBER)
    await shop.sees("138****8000", "bot")
    await shop.say("不对，电话是13900139000")
    await shop.sees("139****9000", "bot")
    await press(shop, "确认")
    await shop.sees("申请编号", "bot")


@in_one_process
async def test_an_appointment(shop: Shop) -> None:
    await shop.open()
    await shop.say("我要预约")
    await shop.sees("您想预约哪项服务", "bot")
    await press(shop, "清洗")
    await shop.sees("到门店，还是我们上门", "bot")
    await press(shop, "到店")
    await shop.sees("您想去哪家门店", "bot")
    await press(shop, "杭州西湖店")
    await shop.sees("您希望约在哪天", "bot")
    await shop.say("下周三下午")
    await shop.sees("怎么称呼您", "bot")
    await shop.say("王小明")
    await shop.sees("联系电话", "bot")
    await shop.say(PHONE_NUMBER)
    await shop.sees("确认预约吗", "bot")
    await press(shop, "确认")
    await shop.sees("预约成功", "bot")


@in_one_process
@pytest.mark.parametrize(
    ("wish", "steps", "end"),
    [
        pytest.param("登录不了", ["登录有问题", "忘记密码", "解决了"], "太好了", id="signing in"),
        pytest.param("支付总是失败", ["提示支付失败", "解决了"], "支付问题解决了", id="paying"),
        pytest.param("台灯怎么连接手机", ["连不上手机", "连上了"], "祝您使用愉快", id="using a product"),
    ],
)
async def test_a_guide(shop: Shop, wish: str, steps: list[str], end: str) -> None:
    await shop.open()
    await shop.say(wish)
    for step in steps:
        await expect(shop.host.get_by_role("button", name=step, exact=True).last).to_be_enabled()
        await press(shop, step)
    await shop.sees(end, "bot")
