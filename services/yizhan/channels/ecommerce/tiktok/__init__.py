"""TikTok Shop: the Customer Service API, its webhooks, and the shop's orders. Source: reference channels.md E.3."""
