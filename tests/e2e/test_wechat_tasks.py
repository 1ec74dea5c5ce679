"""Each shipped task over 公众号, from the first word to the number, with the demo shop's systems behind it."""

import pytest

from tests.services.product import Product
from tests.services.wechat import PICTURE, connect, new_name, new_official, new_openid
from tests.simulators.wechat import OfficialFollower, WechatPlatform
from tests.simulators.wechat.records import Received

pytestmark = pytest.mark.timeout(240)

PHONE = "13800138000"


@pytest.fixture
async def follower(embedded_product: Product, platform: WechatPlatform) -> OfficialFollower:
    account = new_official(platform)
    await connect(embedded_product.deployment, account, new_name("official"))
    return account.follower(new_openid())


def shown(item: Received) -> str:
    """Everything that a message shows: its text, or the head and the options of a menu."""
    return (
        item.text if item.menu is None else "\n".join([item.menu.head, *(option.label for option in item.menu.items)])
    )


async def hears(follower: OfficialFollower, words: str) -> None:
    """These words, in the last message or in one that comes."""
    before = len(follower.received)
    await follower.sees(lambda item: words in shown(item) and follower.received.index(item) >= before - 1)


async def test_where_is_my_order(follower: OfficialFollower) -> None:
    await follower.says("我的订单到哪了")
    await hears(follower, "订单号")
    await follower.says(PHONE)
    await hears(follower, "有多笔订单")
    menu = follower.received[-1].menu
    assert menu is not None
    await follower.press(next(item.label for item in menu.items if "SJ100001" in item.label))
    await hears(follower, "SF1390000100001")


async def test_an_after_sales_application_with_a_picture(follower: OfficialFollower) -> None:
    await follower.says("我要退货，订单号SJ100011")  # its own: the demo shop is shared with other tests
    await hears(follower, "您要办理哪一件")
    await follower.says("白瓷花瓶")
    await hears(follower, "请说一下原因")
    await follower.says("颜色和图片不一样")
    await hears(follower, "照片")
    await follower.image(PICTURE)
    await hears(follower, "联系电话")
    await follower.says(PHONE)
    await hears(follower, "已收到 1 张")
    await follower.says("不对，电话是13900139000")
    await hears(follower, "139****9000")
    await follower.press("确认")
    await hears(follower, "申请编号")


async def test_an_appointment(follower: OfficialFollower) -> None:
    await follower.says("我想预约上门安装，下周三下午，电话13800138000")
    await hears(follower, "详细地址")
    await follower.says("杭州市西湖区文三路100号3幢201室")
    await hears(follower, "怎么称呼您")
    await follower.says("王小明")
    await hears(follower, "确认预约吗")
    await follower.says("确认")
    await hears(follower, "预约成功")


@pytest.mark.parametrize(
    ("wish", "steps", "end"),
    [
        pytest.param("登录不了", ["登录有问题", "忘记密码", "解决了"], "太好了", id="signing in"),
        pytest.param("支付总是失败", ["提示支付失败", "解决了"], "支付问题解决了", id="paying"),
        pytest.param("台灯怎么连接手机", ["连不上手机", "连上了"], "祝您使用愉快", id="using a product"),
    ],
)
async def test_a_guide(follower: OfficialFollower, wish: str, steps: list[str], end: str) -> None:
    await follower.says(wish)
    for step in steps:
        await hears(follower, step)
        await follower.press(step)
    await hears(follower, end)
