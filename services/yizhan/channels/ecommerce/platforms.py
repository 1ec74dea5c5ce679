"""The platforms that the e-commerce channel knows: one line each."""

from yizhan.channels.ecommerce.bridge import platform as bridge
from yizhan.channels.ecommerce.doudian import platform as doudian
from yizhan.channels.ecommerce.ebay import platform as ebay
from yizhan.channels.ecommerce.jd import platform as jd
from yizhan.channels.ecommerce.lazada import platform as lazada
from yizhan.channels.ecommerce.pinduoduo import platform as pinduoduo
from yizhan.channels.ecommerce.platform import PlatformKind
from yizhan.channels.ecommerce.shopee import platform as shopee
from yizhan.channels.ecommerce.shopify import platform as shopify
from yizhan.channels.ecommerce.taobao import platform as taobao
from yizhan.channels.ecommerce.tiktok import platform as tiktok
from yizhan.channels.ecommerce.weixin_shop import platform as weixin_shop
from yizhan.channels.ecommerce.woocommerce import platform as woocommerce

PLATFORMS: tuple[PlatformKind, ...] = (
    bridge.KIND,
    doudian.KIND,
    ebay.KIND,
    jd.KIND,
    lazada.KIND,
    pinduoduo.KIND,
    shopee.KIND,
    shopify.KIND,
    taobao.KIND,
    tiktok.KIND,
    weixin_shop.KIND,
    woocommerce.KIND,
)


def platform_kind(key: str) -> PlatformKind | None:
    """The platform of this key."""
    return next((kind for kind in PLATFORMS if kind.key == key), None)
