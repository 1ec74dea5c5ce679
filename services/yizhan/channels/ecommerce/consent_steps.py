"""For platforms' own steps of setting a shop up: what the seller's consent takes."""

from yizhan.channels.account_setup import Entry
from yizhan.channels.ecommerce.consent_tickets import connected_url
from yizhan.channels.ecommerce.platform import CHANNEL

UNSET = "https://<YIZHAN_PUBLIC_URL>"
"""Stands in an address while the deployment does not know its own."""


def consent_entries(public_url: str, platform: str, account: str) -> tuple[Entry, ...]:
    """Where the platform sends sellers back, and how one of them begins."""
    return (
        Entry("Redirect URL (授权回调地址)", connected_url(public_url or UNSET, platform, account)),
        Entry("Then run (然后运行)", f"yizhan account connect {CHANNEL} {account}"),
    )
