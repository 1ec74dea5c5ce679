"""Pushes of Shopee that did not get through: kept there for three days, asked for every few minutes, taken off when durable.

The platform keeps them for an app, not for a shop. Those of another shop of the same app are left there, and with them all
that stands with them on a page; dedupe makes that harmless.
"""

import asyncio
from typing import Any

import structlog
from pydantic import BaseModel

from yizhan.channels.contract import CallRefused, Fact, Pulled, SendError
from yizhan.channels.ecommerce.reading import MaybeId, NotJson, json_object
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.api import Api, Call, ShopeeShop
from yizhan.channels.ecommerce.shopee.inbound import Inbound
from yizhan.channels.ecommerce.shopee.pushes import ShopeePush, push_of

log = structlog.get_logger(__name__)

SOURCE = "lost-pushes"
EVERY = 55.0
"""Seconds: what a look waits for before it asks; a source may take a minute."""


class _Page(BaseModel):
    push_message_list: tuple[dict[str, Any], ...] = ()
    has_next_page: bool = False
    last_message_id: MaybeId = ""


class _Taken(BaseModel):
    pass


class LostPushes:
    """Looks for every shop."""

    def __init__(self, api: Api, inbound: Inbound) -> None:
        self._api = api
        self._inbound = inbound
        self._seen: dict[str, str] = {}
        """By account: the end of the last page that could not be taken off."""

    async def pull(self, shop: ShopeeShop, *, wait: float = EVERY) -> Pulled:
        """Raises a SendError."""
        await asyncio.sleep(wait)
        page = await self._page(shop)
        if not page.push_message_list or page.last_message_id == self._seen.get(shop.id):
            return Pulled()
        return await self._pulled(shop, page)

    async def _pulled(self, shop: ShopeeShop, page: _Page) -> Pulled:
        pushes = [_push(fields) for fields in page.push_message_list]
        own = [push for push in pushes if push is not None and push.shop_id == shop.settings.shop_id]
        facts: list[Fact] = []
        for push in own:
            facts += await self._inbound.facts(shop, push)
        log.info("lost_pushes_found", account=shop.id, pushes=len(own))
        if any(push is not None and push.shop_id not in {shop.settings.shop_id, "", "0"} for push in pushes):
            self._seen[shop.id] = page.last_message_id
            return Pulled(tuple(facts))

        async def commit() -> None:
            last = int(page.last_message_id) if page.last_message_id.isdigit() else page.last_message_id
            body = {"last_message_id": last}
            call = Call("shopee lost pushes taken", "POST", paths.LOST_PUSHES_TAKEN, body=body)
            try:
                await self._api.ask_as_app(shop.settings, call, _Taken)
            except SendError as error:
                # They come again, and are known by their ids.
                log.warning("lost_pushes_not_taken_off", account=shop.id, error=type(error).__name__)

        return Pulled(tuple(facts), commit, more=page.has_next_page)

    async def _page(self, shop: ShopeeShop) -> _Page:
        return await self._api.ask_as_app(shop.settings, Call("shopee lost pushes", "GET", paths.LOST_PUSHES), _Page)


def _push(fields: dict[str, Any]) -> ShopeePush | None:
    """A push as it is kept, where ``data`` may be JSON inside a string. None: nobody could read it at its time either."""
    try:
        data = fields.get("data")
        return push_of({**fields, "data": json_object(data.encode())} if isinstance(data, str) else fields)
    except (CallRefused, NotJson):
        return None
