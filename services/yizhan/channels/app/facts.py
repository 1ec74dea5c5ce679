"""What the app channel is called, where it answers, and which versions of its protocol it speaks."""

from typing import Final

CHANNEL: Final = "app"
BASE: Final = "/app/v1/{account}"
OPENAPI: Final = "/app/v1/openapi.json"

VERSION: Final = 1
LEAST_VERSION: Final = 1
"""Clients that speak an older one are turned away with a problem that says so."""

VERSION_HEADER: Final = "Yizhan-Version"
HEADERS: Final = ("Authorization", "Content-Type", "Last-Event-ID", VERSION_HEADER)
"""What pages of listed origins may send."""
