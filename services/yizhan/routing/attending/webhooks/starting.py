"""Starts what tells systems by webhook."""

import random
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiohttp import web

from yizhan.core.messages.content import Media
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.http.outbound import BoundedResolver
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.settings import RoutingSettings
from yizhan.routing.api import RoutingApi
from yizhan.routing.attending.stream import pace_of
from yizhan.routing.attending.webhooks.asking_api import AskingApi
from yizhan.routing.attending.webhooks.couriers import Couriers
from yizhan.routing.attending.webhooks.door import HttpDoor
from yizhan.routing.attending.webhooks.figures import PostFigures
from yizhan.routing.attending.webhooks.means import Means
from yizhan.routing.attending.webhooks.post import SECONDS, Poster
from yizhan.routing.attending.webhooks.setup import reach_of, webhook_sealer
from yizhan.routing.attending.webhooks.transcripts import Transcripts
from yizhan.routing.switchboard import Switchboard

log = structlog.get_logger(__name__)

STOP_SECONDS = 12.0
"""A post that is under way is not waited for: it is repeated by whoever goes on."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What posts, and what is asked over HTTP."""

    couriers: Couriers
    routes: tuple[web.RouteDef, ...]


async def start_webhooks(
    life: Lifespan,
    settings: RoutingSettings,
    core: Core,
    switchboard: Switchboard,
    api: RoutingApi,
    transcripts: Transcripts | None,
) -> Webhooks | None:
    """None: this process does not know where dialogue is; it posts nothing, and is not asked."""
    if transcripts is None:
        log.warning("webhooks_not_posted", reason="YIZHAN_DIALOGUE_ADDRESS is not set")
        return None
    reach = reach_of(settings)
    session = await life.enter(
        open_client(total=SECONDS, resolver=BoundedResolver(reach)), name="HTTP client of webhooks"
    )

    def media_url(media: Media) -> str:
        return core.media_urls.url(media.media_id, media.name)

    means = Means(
        database=core.database,
        switchboard=switchboard,
        transcripts=transcripts,
        poster=Poster(session, reach, core.clock),
        sealer=webhook_sealer(settings.keyring),
        figures=PostFigures(core.metrics),
        media_url=media_url,
        clock=core.clock,
        new_id=core.new_id,
        replica=core.replica,
        pace=pace_of(timedelta(seconds=settings.presence_seconds)),
        chance=random.random,
    )
    couriers = Couriers(means)
    life.spawn("webhooks", couriers.run(), within=STOP_SECONDS)
    asking = AskingApi(
        door=HttpDoor(api.admission, core.database, means.sealer, core.clock, settings.workspace),
        calls=api,
        couriers=couriers,
        transcripts=transcripts,
        switchboard=switchboard,
        database=core.database,
        clock=core.clock,
        media_url=media_url,
    )
    return Webhooks(couriers, tuple(asking.routes()))
