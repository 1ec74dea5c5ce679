"""One suite for both buses: every test that asks for ``rig`` runs on each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.bus.rigs import EmbeddedRig, RabbitRig, Rig
from yizhan.core.bus.interface import Bus


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.real)])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    if request.param == "embedded":
        home: Path = request.getfixturevalue("home")
        async with EmbeddedRig(home) as embedded:
            yield embedded
    else:
        url: str = request.getfixturevalue("rabbit_url")
        async with RabbitRig(url) as rabbit:
            yield rabbit


@pytest.fixture
async def bus(rig: Rig) -> Bus:
    return await rig.open()


@pytest.fixture
async def rabbit_rig(rabbit_url: str) -> AsyncIterator[RabbitRig]:
    """For what only a broker on the network can suffer."""
    async with RabbitRig(rabbit_url) as rabbit:
        yield rabbit
