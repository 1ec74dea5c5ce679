"""``yizhan up``: every service in one process, on one SQLite file; nothing else has to be installed or started."""

import structlog

from yizhan.assembly import Ports, answer_grpc, answer_http
from yizhan.channels.app import service as app
from yizhan.channels.ecommerce import service as ecommerce
from yizhan.channels.email import service as email
from yizhan.channels.website import service as website
from yizhan.channels.wechat import service as wechat
from yizhan.console import service as console
from yizhan.console.peers import peers
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.grpc import channel
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.demo.orders.inside import InsideShop
from yizhan.dialogue import service as dialogue
from yizhan.dialogue.connectors.shops import ShopOrders
from yizhan.dialogue.system_reads import read_doors
from yizhan.metrics import service as metrics
from yizhan.routing import service as routing
from yizhan.routing.attending.admission import Admission
from yizhan.routing.attending.webhooks.transcripts import Transcripts

log = structlog.get_logger(__name__)


async def start_all(life: Lifespan, settings: EmbeddedSettings, core: Core, shop: InsideShop | None = None) -> Ports:
    """Start everything, the demo shop's order system included where there is one.

    Raises StoreUnavailable, BusUnavailable, ConnectorsInvalid, PortTaken, CannotListen.
    """
    transcripts, orders = Transcripts(), ShopOrders()
    behind = [
        await dialogue.start(life, settings, core, connectors=shop.connectors if shop else None, shops=orders),
        await routing.start(life, settings, core, transcripts),
        await metrics.start(life, settings, core),
        await ecommerce.start(life, settings, core),
    ]
    behind.append(Parts(doors=read_doors(Admission(core.database, core.clock).read)))
    inside = settings.model_copy(update={"grpc_host": "127.0.0.1"})
    grpc_port = await answer_grpc(life, inside, core, behind)
    address = f"127.0.0.1:{grpc_port}"
    own = await life.enter(channel(address, settings.internal_token), name="own gRPC channel")
    transcripts.connect(own)
    orders.connect(own)
    connected = settings.model_copy(update={"dialogue_address": address})
    front = [
        await website.start(life, connected, core),
        await app.start(life, connected, core),
        await wechat.start(life, settings, core),
        await email.start(life, settings, core),
        await console.start(life, settings, core, peers(own, own, own)),
    ]
    beside = [Parts(routes=shop.routes)] if shop else []
    http_port = await answer_http(life, settings, core, "yizhan", [*front, *behind, *beside])
    if shop:
        shop.listening(settings.http_host, http_port)
    return Ports(http_port, grpc_port)


def urls(settings: EmbeddedSettings, ports: Ports) -> dict[str, str]:
    """Where to look, by name."""
    host = "localhost" if settings.http_host in {"127.0.0.1", "0.0.0.0", "::", "localhost"} else settings.http_host  # noqa: S104 - a comparison
    base = settings.public_url or f"http://{host}:{ports.http}"
    return {"console": f"{base}/", "shop": f"{base}/demo", "metrics": f"{base}/metrics"}
