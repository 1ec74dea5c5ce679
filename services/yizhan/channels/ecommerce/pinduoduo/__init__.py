"""拼多多: orders; its chat has no public API (reference E.6)."""
