"""What may be spent: tokens of a day, counted for all replicas together."""

from typing import Protocol

from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.dialogue.models.errors import BudgetSpent
from yizhan.dialogue.store import model_budget


class Budget(Protocol):
    """Taken before a call by an upper estimate, and put right after it."""

    async def take(self, tokens: int) -> None:
        """Raises BudgetSpent where there are not that many left; then nothing is taken."""

    async def settle(self, difference: int) -> None:
        """Take more, or with a negative number give back."""


class Unlimited:
    """No limit is set."""

    async def take(self, tokens: int) -> None:
        pass

    async def settle(self, difference: int) -> None:
        pass


class DailyBudget:
    """``limit`` tokens a day (UTC) for a workspace, kept in the database. Raises StoreUnavailable."""

    def __init__(self, database: Database, workspace: str, limit: int, clock: Clock) -> None:
        self._database = database
        self._workspace = workspace
        self._limit = limit
        self._clock = clock

    async def take(self, tokens: int) -> None:
        async with self._database.begin() as tx:
            taken = await model_budget.take(tx, self._workspace, self._clock().date(), tokens, self._limit)
        if not taken:
            raise BudgetSpent

    async def settle(self, difference: int) -> None:
        async with self._database.begin() as tx:
            await model_budget.add(tx, self._workspace, self._clock().date(), difference)


def budget_of(limit: int, database: Database, workspace: str, clock: Clock) -> Budget:
    """The budget of the settings; 0 is no limit, and keeps no count."""
    return DailyBudget(database, workspace, limit, clock) if limit else Unlimited()
