"""Yizhan: an omnichannel customer-service gateway."""

__version__ = "0.1.0"
