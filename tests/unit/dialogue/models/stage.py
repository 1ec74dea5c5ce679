"""What the tests of models share: an endpoint with a script, a client for it, and the handler of model jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from tests.simulators.openai import ScriptedModels, scripted_models
from yizhan.core.messages.address import Address
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.jobs.job import Job
from yizhan.dialogue.models.budget import Budget, Unlimited
from yizhan.dialogue.models.client import Endpoint, ModelClient, open_models
from yizhan.dialogue.models.documents import KIND, ModelRequest, ModelResult, encoded, read_result
from yizhan.dialogue.models.handler import ModelJobs

KEY = "sk-very-secret-key-of-the-business"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
GENEROUS = 60.0
"""Seconds that no test comes near, and that fail none on a machine that stands still for a while."""


@dataclass
class Stage:
    server: ScriptedModels
    client: ModelClient
    metrics: Metrics
    jobs: ModelJobs

    async def carry_out(self, request: ModelRequest, within: float = GENEROUS) -> ModelResult:
        """What a conversation is told of a job that it started with ``within`` seconds to go."""
        return read_result(await self.jobs.carry_out(job(request, within)))

    def figure(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


def job(request: ModelRequest, within: float = GENEROUS) -> Job:
    return Job(
        id="01900000-0000-7000-8000-000000000001",
        conversation_id="01900000-0000-7000-8000-000000000002",
        address=Address("default", "website", "web", "visitor-1"),
        kind=KIND,
        body=encoded(request),
        tries=1,
        created_at=NOW,
        deadline=NOW + timedelta(seconds=within),
    )


@asynccontextmanager
async def stage(*, timeout: float = GENEROUS, budget: Budget | None = None) -> AsyncIterator[Stage]:
    """``timeout``: the seconds that the settings give a model."""
    async with scripted_models() as server:
        endpoint = Endpoint(server.base_url, SecretStr(KEY), "chat-1", "embed-1", timeout)
        metrics = Metrics("dialogue")
        async with open_models(endpoint, budget or Unlimited(), metrics) as client:
            yield Stage(server, client, metrics, ModelJobs(client, metrics, lambda: NOW))
