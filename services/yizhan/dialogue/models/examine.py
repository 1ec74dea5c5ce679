"""Tries each configured model once, for ``yizhan doctor``."""

import time
from dataclasses import dataclass

from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.models.budget import Unlimited
from yizhan.dialogue.models.client import Endpoint, ModelClient, open_models
from yizhan.dialogue.models.errors import ModelError
from yizhan.dialogue.models.wire import Said

PATIENCE_SECONDS = 5.0
"""More than a customer would wait: a model that is only too slow is told as such."""

_TRIAL = 'Answer with JSON only: {"ok": true}'


@dataclass(frozen=True, slots=True)
class Trial:
    """How a model did. ``reason`` is a static name, empty when it answered; ``seconds`` is how long that took."""

    model: str
    seconds: float
    reason: str = ""


async def examine(endpoint: Endpoint) -> list[Trial]:
    """One call of each model that has a name."""
    async with open_models(endpoint, Unlimited(), Metrics("doctor")) as client:
        names = {"embedding": endpoint.embedding_model, "chat": endpoint.chat_model}
        return [await _try(client, purpose, name) for purpose, name in names.items() if name]


async def _try(client: ModelClient, purpose: str, name: str) -> Trial:
    began = time.monotonic()
    try:
        if purpose == "embedding":
            await client.embed(["ok"], within=PATIENCE_SECONDS)
        else:
            await client.chat([Said(role="user", content=_TRIAL)], within=PATIENCE_SECONDS)
    except ModelError as error:
        return Trial(name, time.monotonic() - began, error.reason)
    return Trial(name, time.monotonic() - began)
