"""A channel's accounts: the endpoints of businesses, each with settings of its channel's own kind."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from yizhan.channels import store
from yizhan.channels.store import AccountRow
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict, StoreError

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 3.0

Settings = TypeVar("Settings", bound=BaseModel)

ACCOUNT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""What an account may be called: it is part of addresses on the web."""


@dataclass(frozen=True, slots=True)
class Account(Generic[Settings]):
    """One endpoint of a business on a channel. ``id`` is unique among the channel's accounts of all workspaces."""

    workspace: str
    channel: str
    id: str
    name: str
    settings: Settings
    enabled: bool
    created_at: datetime


class AccountBook(Generic[Settings]):
    """The accounts of one channel, kept in memory and read again every few seconds."""

    def __init__(self, database: Database, channel: str, model: type[Settings]) -> None:
        self._database = database
        self._channel = channel
        self._model = model
        self._rows: Mapping[str, AccountRow] = {}
        self._accounts: dict[str, Account[Settings]] = {}

    def get(self, account: str) -> Account[Settings] | None:
        """The account if it exists, is enabled and its settings can be read."""
        return self._accounts.get(account)

    async def refresh(self) -> None:
        """Read all accounts. Raises StoreError; what was known before stays."""
        rows = {row.account: row for row in await store.read_accounts(self._database, self._channel)}
        if rows == self._rows:
            return
        self._rows = rows
        self._accounts = {row.account: account for row in rows.values() if (account := self._read(row)) is not None}

    async def run(self, every: float = REFRESH_SECONDS) -> None:
        """Refresh until cancelled. With the database away the last known accounts go on working."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.refresh()
            except StoreError as error:
                log.warning("accounts_not_refreshed", channel=self._channel, error=type(error).__name__)

    def _read(self, row: AccountRow) -> Account[Settings] | None:
        if not row.enabled:
            return None
        try:
            return opened(row, self._model)
        except ValidationError as error:
            log.warning(
                "account_settings_invalid", channel=row.channel, account=row.account, problems=error.error_count()
            )
            return None


def opened(row: AccountRow, model: type[Settings]) -> Account[Settings]:
    """The account of a row. Raises ValidationError when its settings are not of the model."""
    return Account(
        workspace=row.workspace,
        channel=row.channel,
        id=row.account,
        name=row.name,
        settings=model.model_validate(row.settings),
        enabled=row.enabled,
        created_at=row.created_at,
    )


class AccountInvalid(ValueError):
    """The account cannot be like this; ``problems`` says what is wrong, one line each, without values."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class AccountExists(Exception):
    """The channel has an account of this id."""


class AccountUnknown(Exception):
    """The channel has no account of this id."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to change of an account; None leaves it. ``settings`` are laid over the present ones, None removes one."""

    name: str | None = None
    enabled: bool | None = None
    settings: Mapping[str, Any] | None = None


class Accounts:
    """Adding and changing accounts, for the command line. ``models`` are the channels and their kinds of settings."""

    def __init__(self, database: Database, models: Mapping[str, type[BaseModel]], clock: Clock) -> None:
        self._database = database
        self._models = models
        self._clock = clock

    async def list(self, channel: str | None = None) -> Sequence[AccountRow]:
        """Every account as it is stored, secrets included: redact before showing. Raises StoreError."""
        return await store.read_accounts(self._database, channel)

    async def add(
        self, workspace: str, channel: str, account: str, *, name: str = "", settings: Mapping[str, Any] | None = None
    ) -> AccountRow:
        """Raises AccountInvalid, AccountExists or StoreError."""
        self._check(channel, account, settings or {})
        row = AccountRow(workspace, channel, account, name or account, dict(settings or {}), True, self._clock())
        try:
            async with self._database.begin() as tx:
                await store.insert_account(tx, row)
        except IntegrityConflict as error:
            raise AccountExists(account) from error
        return row

    async def change(self, channel: str, account: str, change: Change) -> AccountRow:
        """Raises AccountUnknown, AccountInvalid or StoreError."""
        async with self._database.begin() as tx:
            row = await store.lock_account(tx, channel, account)
            if row is None:
                raise AccountUnknown(account)
            merged = {**row.settings, **(change.settings or {})}
            settings = {key: value for key, value in merged.items() if value is not None}
            self._check(channel, account, settings)
            row = replace(
                row,
                settings=settings,
                name=row.name if change.name is None else change.name,
                enabled=row.enabled if change.enabled is None else change.enabled,
            )
            await store.update_account(tx, row)
        return row

    async def remove(self, channel: str, account: str) -> None:
        """Its conversations stay. Raises AccountUnknown or StoreError."""
        async with self._database.begin() as tx:
            if not await store.delete_account(tx, channel, account):
                raise AccountUnknown(account)

    def _check(self, channel: str, account: str, settings: Mapping[str, Any]) -> None:
        model = self._models.get(channel)
        if model is None:
            raise AccountInvalid((f"channel: one of {', '.join(sorted(self._models))}",))
        problems: tuple[str, ...] = (
            () if ACCOUNT_ID.fullmatch(account) else ("account: small letters, digits, - and _, at most 63",)
        )
        try:
            model.model_validate(dict(settings))
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            problems += tuple(f"{'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg']}" for item in found)
        if problems:
            raise AccountInvalid(problems)
