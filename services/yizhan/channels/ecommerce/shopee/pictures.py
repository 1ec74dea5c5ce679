"""Pictures for buyers: uploaded before they are sent, once for as long as it is remembered."""

from collections import OrderedDict
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from yizhan.channels.contract import Refusal, Refused
from yizhan.channels.ecommerce.multipart import FilePart
from yizhan.channels.ecommerce.platform import Tools
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.api import Api, Call, ShopeeShop
from yizhan.channels.ecommerce.shopee.outgoing import PICTURE_BYTES
from yizhan.core.messages.content import Media

REMEMBERED = timedelta(hours=6)
"""How long the platform keeps what was uploaded is not told."""

MOST = 1000


class _Uploaded(BaseModel):
    url: str = Field(min_length=1)


class Pictures:
    """Uploads of every shop."""

    def __init__(self, api: Api, tools: Tools) -> None:
        self._api = api
        self._tools = tools
        self._known: OrderedDict[tuple[str, str], tuple[datetime, str]] = OrderedDict()

    async def uploaded(self, shop: ShopeeShop, media: Media) -> str:
        """Its address. Raises a SendError, never OutcomeUnknown: uploading twice harms nobody."""
        key, now = (shop.id, media.media_id), self._tools.clock()
        known = self._known.get(key)
        if known is not None and now < known[0]:
            return known[1]
        url = await self._upload(shop, media)
        self._known[key] = (now + REMEMBERED, url)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return url

    async def _upload(self, shop: ShopeeShop, media: Media) -> str:
        data = await self._tools.files.read(media, PICTURE_BYTES)
        if data is None:
            raise Refused("", "the picture is gone or too large", Refusal.BAD_CONTENT)
        file = FilePart("file", media.name or media.media_id[:16], media.mime_type, data)
        return (await self._api.ask(shop, Call("shopee picture", "POST", paths.IMAGES, file=file), _Uploaded)).url
