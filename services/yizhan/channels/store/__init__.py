"""What the channels keep (schema ``channels``) and every query on it, one module per table."""

from yizhan.channels.store.accounts import (
    AccountRow,
    delete_account,
    insert_account,
    lock_account,
    read_accounts,
    update_account,
)
from yizhan.channels.store.tables import SERVICE, accounts, members, metadata

__all__ = [
    "SERVICE",
    "AccountRow",
    "accounts",
    "delete_account",
    "insert_account",
    "lock_account",
    "members",
    "metadata",
    "read_accounts",
    "update_account",
]
