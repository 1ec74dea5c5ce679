"""The inventories of all services. A service that keeps tables and is not here fails ``test_personal_data``."""

from yizhan.channels.store.personal import INVENTORY as CHANNELS
from yizhan.console.personal import INVENTORY as CONSOLE
from yizhan.core.store.bus_tables import messages as bus_messages
from yizhan.core.store.outbox import unpublished
from yizhan.core.store.personal import About, Inventory
from yizhan.dialogue.store import outbox as dialogue_outbox
from yizhan.dialogue.store.personal import INVENTORY as DIALOGUE
from yizhan.metrics.personal import INVENTORY as METRICS
from yizhan.routing.store import outbox as routing_outbox
from yizhan.routing.store.personal import INVENTORY as ROUTING

__all__ = ["INVENTORIES", "OUTBOXES", "unpublished"]

BUS = Inventory("bus", (), {About.IN_FLIGHT: (bus_messages,)})

INVENTORIES = (DIALOGUE, ROUTING, CHANNELS, METRICS, CONSOLE, BUS)

OUTBOXES = (dialogue_outbox, routing_outbox)
"""What is committed and goes to the bus in the next moment."""
