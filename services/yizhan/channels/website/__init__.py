"""The website channel: visitors with the chat widget, or any client that speaks ``docs/website-protocol.md``."""
