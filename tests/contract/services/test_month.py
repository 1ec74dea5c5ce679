"""A month of customers over 国庆, lunch breaks and a new contract: every clock is what counting minutes comes to."""

import pytest

from tests.contract.services.month import SHORT, play
from yizhan.core.store.database import Database

SEED = 20261001

pytestmark = pytest.mark.timeout(240)


async def test_every_clock_of_a_month_is_the_oracles(database: Database) -> None:
    result = await play(database, SEED, SHORT)
    print(f"{database.dialect}: {result}")
    assert result.outcomes.keys() == {"met", "escalated", "ticketed"}
    assert min(result.outcomes.values()) >= 5, "the month has too few cases of a kind"
    assert min(result.answers.values()) >= 1
    assert min(result.under[number] for number in (0, 1, 2)) >= 3, (
        "no cases began before, between and after the changes"
    )
