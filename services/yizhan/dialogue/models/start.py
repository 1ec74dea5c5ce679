"""Starts what the settings ask for: nothing, or the client and the handler of model jobs."""

from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.dialogue.models.budget import budget_of
from yizhan.dialogue.models.client import endpoint_of, open_models
from yizhan.dialogue.models.handler import ModelJobs


async def start_models(life: Lifespan, settings: DialogueSettings, core: Core) -> ModelJobs | None:
    """The handler of jobs of the kind ``model``, open until the Lifespan ends; None where no model is set."""
    endpoint = endpoint_of(settings)
    if endpoint is None:
        return None
    budget = budget_of(settings.models_daily_budget, core.database, settings.workspace, core.clock)
    client = await life.enter(open_models(endpoint, budget, core.metrics), name="models")
    return ModelJobs(client, core.metrics, core.clock)
