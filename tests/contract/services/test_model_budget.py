"""The tokens of a day are spent once, whoever spends them, and no more than the business allows."""

import asyncio
from datetime import timedelta

import pytest

from tests.contract.services.conftest import NOON
from yizhan.core.store.database import Database
from yizhan.dialogue.models.budget import DailyBudget
from yizhan.dialogue.models.errors import BudgetSpent
from yizhan.dialogue.store import model_budget


async def spent(database: Database) -> int:
    async with database.read() as tx:
        return await model_budget.spent(tx, "default", NOON.date())


async def test_no_more_is_taken_than_there_is(database: Database) -> None:
    budget = DailyBudget(database, "default", 100, lambda: NOON)
    await budget.take(60)
    with pytest.raises(BudgetSpent):
        await budget.take(41)
    await budget.take(40)
    assert await spent(database) == 100


async def test_what_a_call_did_not_use_is_given_back(database: Database) -> None:
    budget = DailyBudget(database, "default", 100, lambda: NOON)
    await budget.take(90)
    await budget.settle(-70)
    await budget.take(80)
    assert await spent(database) == 100


async def test_replicas_share_one_budget(database: Database) -> None:
    replicas = [DailyBudget(database, "default", 100, lambda: NOON) for _ in range(4)]
    taken = await asyncio.gather(*(replica.take(30) for replica in replicas), return_exceptions=True)
    assert sorted(type(result).__name__ for result in taken) == ["BudgetSpent", "NoneType", "NoneType", "NoneType"]
    assert await spent(database) == 90


async def test_each_day_and_each_workspace_has_its_own(database: Database) -> None:
    await DailyBudget(database, "default", 100, lambda: NOON).take(100)
    await DailyBudget(database, "default", 100, lambda: NOON + timedelta(days=1)).take(100)
    await DailyBudget(database, "other", 100, lambda: NOON).take(100)
    assert await spent(database) == 100
