"""The same cases for every way of speaking."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.connectors.rigs import Rig, Way, rig


@pytest.fixture(params=["http", "grpc"])
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture
async def shop(way: Way) -> AsyncIterator[Rig]:
    async with rig(way) as made:
        yield made
