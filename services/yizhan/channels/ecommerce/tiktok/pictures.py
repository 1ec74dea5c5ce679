"""Pictures for buyers: uploaded before they are sent, once for as long as it is remembered."""

from collections import OrderedDict
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from yizhan.channels.contract import Refusal, Refused
from yizhan.channels.ecommerce.multipart import FilePart
from yizhan.channels.ecommerce.platform import Tools
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.api import Api, Call, TikTokShop
from yizhan.channels.ecommerce.tiktok.outgoing import PICTURE_BYTES, Picture
from yizhan.core.messages.content import Media

REMEMBERED = timedelta(hours=6)
"""How long the platform keeps what was uploaded is not told."""

MOST = 1000


class _Uploaded(BaseModel):
    url: str = Field(min_length=1)
    width: int = 0
    height: int = 0


class Pictures:
    """Uploads of every shop."""

    def __init__(self, api: Api, tools: Tools) -> None:
        self._api = api
        self._tools = tools
        self._known: OrderedDict[tuple[str, str], tuple[datetime, Picture]] = OrderedDict()

    async def uploaded(self, shop: TikTokShop, media: Media) -> Picture:
        """Raises a SendError, never OutcomeUnknown: uploading twice harms nobody."""
        key, now = (shop.id, media.media_id), self._tools.clock()
        known = self._known.get(key)
        if known is not None and now < known[0]:
            return known[1]
        picture = await self._upload(shop, media)
        self._known[key] = (now + REMEMBERED, picture)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return picture

    async def _upload(self, shop: TikTokShop, media: Media) -> Picture:
        data = await self._tools.files.read(media, PICTURE_BYTES)
        if data is None:
            raise Refused("", "the picture is gone or too large", Refusal.BAD_CONTENT)
        file = FilePart("data", media.name or media.media_id[:16], media.mime_type, data)
        answer = await self._api.ask(shop, Call("tiktok picture", "POST", paths.IMAGES, file=file), _Uploaded)
        return Picture(answer.url, answer.width, answer.height)
