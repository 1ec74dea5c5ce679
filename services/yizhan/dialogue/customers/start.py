"""Puts what serves customers together."""

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.dialogue.customers.api import CustomersApi
from yizhan.dialogue.customers.cards import Cards, ReleaseOf
from yizhan.dialogue.customers.desk import CustomerDesk
from yizhan.dialogue.customers.following import Following
from yizhan.dialogue.customers.orders import CustomerOrders
from yizhan.dialogue.customers.summarising import Summaries
from yizhan.dialogue.customers.value_rules import ValueRules
from yizhan.dialogue.customers.wordings import Wordings


def customers_of(
    database: Database,
    release_of: ReleaseOf,
    rules: ValueRules,
    orders: CustomerOrders,
    *,
    clock: Clock,
    new_id: NewId,
    wordings: Wordings | None = None,
) -> tuple[CustomersApi, Following]:
    """The gRPC service, and the task to run beside it. ``wordings``: where a model may put sessions into words."""
    following = Following(database)
    cards = Cards(database, following, release_of, rules, clock)
    desk = CustomerDesk(database, clock=clock, new_id=new_id)
    return CustomersApi(cards, desk, Summaries(database, release_of), wordings, orders, clock), following
