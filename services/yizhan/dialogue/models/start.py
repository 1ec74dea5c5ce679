"""Starts what the settings ask for: nothing, or the client of an endpoint."""

from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.dialogue.models.budget import budget_of
from yizhan.dialogue.models.client import ModelClient, endpoint_of, open_models


async def start_models(life: Lifespan, settings: DialogueSettings, core: Core) -> ModelClient | None:
    """Open until the Lifespan ends; None where no model is set."""
    endpoint = endpoint_of(settings)
    if endpoint is None:
        return None
    budget = budget_of(settings.models_daily_budget, core.database, settings.workspace, core.clock)
    return await life.enter(open_models(endpoint, budget, core.metrics), name="models")
