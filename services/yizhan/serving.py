"""``yizhan serve SERVICE``: one service in a process of its own, on RabbitMQ and PostgreSQL.

A process imports its own service only: the others would cost it memory and time to start.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import cast

import structlog

from yizhan.assembly import answer_grpc, answer_http, open_core
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.grpc import channel
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import (
    AppSettings,
    CommonSettings,
    ConsoleSettings,
    DialogueSettings,
    EcommerceSettings,
    EmailSettings,
    MetricsSettings,
    RoutingSettings,
    WebsiteSettings,
    WechatSettings,
)

log = structlog.get_logger(__name__)

SCHEMAS = {
    "website": ("channels",),
    "app": ("channels",),
    "wechat": ("channels",),
    "ecommerce": ("channels",),
    "email": ("channels",),
    "dialogue": ("dialogue",),
    "routing": ("routing",),
    "metrics": ("metrics",),
    "console": ("console",),
}
"""The schemas that each service works on."""

Start = Callable[[Lifespan, CommonSettings, Core], Awaitable[Parts]]


async def _website(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.channels.website import service as website

    return await website.start(life, cast(WebsiteSettings, settings), core)


async def _app(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.channels.app import service as app

    return await app.start(life, cast(AppSettings, settings), core)


async def _wechat(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.channels.wechat import service as wechat

    return await wechat.start(life, cast(WechatSettings, settings), core)


async def _ecommerce(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.channels.ecommerce import service as ecommerce

    return await ecommerce.start(life, cast(EcommerceSettings, settings), core)


async def _email(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.channels.email import service as email

    return await email.start(life, cast(EmailSettings, settings), core)


async def _dialogue(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.dialogue import service as dialogue
    from yizhan.dialogue.connectors.shops import ShopOrders
    from yizhan.dialogue.system_reads import asking_routing, read_doors

    shops = None
    if settings.ecommerce_address:
        shops = ShopOrders()
        way = channel(settings.ecommerce_address, settings.internal_token)
        shops.connect(await life.enter(way, name="the e-commerce channel's gRPC"))
    parts = await dialogue.start(life, cast(DialogueSettings, settings), core, shops=shops)
    if not settings.routing_address:
        return parts  # tokens of own systems open nothing here
    routing = await life.enter(channel(settings.routing_address, settings.internal_token), name="routing's gRPC")
    return replace(parts, doors=read_doors(asking_routing(routing)))


async def _routing(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.routing import service as routing
    from yizhan.routing.attending.webhooks.transcripts import Transcripts

    transcripts = None
    if settings.dialogue_address:
        dialogue = channel(settings.dialogue_address, settings.internal_token)
        transcripts = Transcripts(await life.enter(dialogue, name="dialogue's gRPC"))
    return await routing.start(life, cast(RoutingSettings, settings), core, transcripts)


async def _metrics(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.metrics import service as metrics

    return await metrics.start(life, cast(MetricsSettings, settings), core)


async def _console(life: Lifespan, settings: CommonSettings, core: Core) -> Parts:
    from yizhan.console import service as console
    from yizhan.console.peers import peers

    own = cast(ConsoleSettings, settings)
    addresses = (own.dialogue_address, own.routing_address, own.metrics_address)
    channels = [await life.enter(channel(address, own.internal_token), name=address) for address in addresses]
    return await console.start(life, own, core, peers(*channels))


STARTS: dict[str, Start] = {
    "website": _website,
    "app": _app,
    "wechat": _wechat,
    "ecommerce": _ecommerce,
    "email": _email,
    "dialogue": _dialogue,
    "routing": _routing,
    "metrics": _metrics,
    "console": _console,
}


async def serve_one(life: Lifespan, settings: CommonSettings, service: str) -> None:
    """Start one service and its servers. Raises what ``open_core`` and the servers raise."""
    core = await open_core(life, settings, service, SCHEMAS[service])
    parts = await STARTS[service](life, settings, core)
    if parts.servicers:
        await answer_grpc(life, settings, core, [parts])
    await answer_http(life, settings, core, service, [parts])
