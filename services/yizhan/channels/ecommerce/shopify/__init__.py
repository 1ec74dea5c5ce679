"""Shopify: orders over the Admin API, and its webhooks; it has no chat for others (reference E.6)."""
