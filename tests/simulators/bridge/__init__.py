"""A business's own connector on the other side of the bridge, written from docs/channels/bridge.md alone."""

from tests.simulators.bridge.connector import Connector, Note

__all__ = ["Connector", "Note"]
