"""The kinds of jobs there are in a dialogue process, with what carries each out."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.dialogue.connectors.jobs import ConnectorJobs, Connectors
from yizhan.dialogue.connectors.shops import ShopOrders
from yizhan.dialogue.jobs.job import JobHandler
from yizhan.dialogue.models.client import ModelClient
from yizhan.dialogue.models.documents import KIND as MODEL
from yizhan.dialogue.models.handler import ModelJobs
from yizhan.dialogue.recognition.documents import RECOGNISE
from yizhan.dialogue.recognition.start import start_recogniser
from yizhan.dialogue.tasks.calls import CONNECTOR


async def open_kinds(
    life: Lifespan,
    settings: DialogueSettings,
    core: Core,
    connectors: Connectors,
    models: ModelClient | None,
    shops: ShopOrders | None,
) -> Mapping[str, JobHandler]:
    """By kind. ``models``: where one is set; ``shops``: where channels' orders are looked up."""
    handlers: dict[str, JobHandler] = {
        CONNECTOR: ConnectorJobs(connectors, ZoneInfo(settings.timezone), core.metrics, shops=shops),
    }
    if models is not None:
        handlers[MODEL] = ModelJobs(models, core.metrics, core.clock)
    recogniser = await start_recogniser(life, settings, core)
    if recogniser is not None:
        handlers[RECOGNISE] = recogniser
    return handlers
