"""京东 (JOS): orders of a third-party shop; its chat 咚咚 has no public API (reference E.6)."""
