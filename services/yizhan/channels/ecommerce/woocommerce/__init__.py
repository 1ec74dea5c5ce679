"""WooCommerce: orders over a shop's own REST API, and its webhooks (reference E.6)."""
