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
from yizhan.channels.account_problems import in_words
from yizhan.channels.account_settings import hidden, laid_over, revealed, sealed
from yizhan.channels.store import AccountRow, grants, tokens
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.sealing import Sealer
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict, StoreError

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 3.0

Settings = TypeVar("Settings", bound=BaseModel)

ACCOUNT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""What an account may be called: it is part of addresses on the web."""

UNREADABLE = "was sealed under a key that YIZHAN_SECRET has no more; add that key again, or set this anew"


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


class SecretsUnreadable(Exception):
    """The deployment's keys do not open these of the account's secrets: they were sealed under a key that is gone."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def opened(row: AccountRow, model: type[Settings], sealer: Sealer) -> Account[Settings]:
    """The account of a row. Raises SecretsUnreadable, or ValidationError when its settings are not of the model."""
    clear = revealed(model, row.settings, sealer)
    if clear.unreadable:
        raise SecretsUnreadable(clear.unreadable)
    return Account(
        workspace=row.workspace,
        channel=row.channel,
        id=row.account,
        name=row.name,
        settings=model.model_validate(clear.settings),
        enabled=row.enabled,
        created_at=row.created_at,
    )


class AccountBook(Generic[Settings]):
    """The accounts of one channel, kept in memory and read again every few seconds."""

    def __init__(self, database: Database, channel: str, model: type[Settings], sealer: Sealer) -> None:
        self._database = database
        self._channel = channel
        self._model = model
        self._sealer = sealer
        self._rows: Mapping[str, AccountRow] = {}
        self._accounts: dict[str, Account[Settings]] = {}

    def get(self, account: str) -> Account[Settings] | None:
        """The account if it exists, is enabled and its settings can be read."""
        return self._accounts.get(account)

    def all(self) -> Sequence[Account[Settings]]:
        """Every account that can be used."""
        return tuple(self._accounts.values())

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
            return opened(row, self._model, self._sealer)
        except SecretsUnreadable as error:
            log.warning("account_secrets_unreadable", channel=row.channel, account=row.account, fields=error.fields)
        except ValidationError as error:
            log.warning(
                "account_settings_invalid", channel=row.channel, account=row.account, problems=error.error_count()
            )
        return None


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
    """What to change of an account; None leaves it.

    ``settings`` are laid over the present ones: a dotted name reaches into an object, None removes what it names.
    """

    name: str | None = None
    enabled: bool | None = None
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account fit to be shown: ``settings`` without secrets; ``problems``: why no customer can write there."""

    channel: str
    account: str
    name: str
    settings: Mapping[str, Any]
    enabled: bool
    problems: tuple[str, ...] = ()


class Accounts:
    """Adding and changing accounts, for the command line. ``models`` are the channels and their kinds of settings."""

    def __init__(self, database: Database, models: Mapping[str, type[BaseModel]], clock: Clock, sealer: Sealer) -> None:
        self._database = database
        self._models = models
        self._clock = clock
        self._sealer = sealer

    async def list(self, channel: str | None = None) -> Sequence[AccountView]:
        """Every account, or every one of a channel. Raises StoreError."""
        return [self._view(row) for row in await store.read_accounts(self._database, channel)]

    async def get(self, channel: str, account: str) -> AccountView:
        """Raises AccountUnknown or StoreError."""
        return self._view(await self._row(channel, account))

    async def settings(self, channel: str, account: str) -> BaseModel:
        """An account's settings, secrets in clear. Raises AccountUnknown, AccountInvalid or StoreError."""
        row = await self._row(channel, account)
        return self._checked(channel, account, row.settings)

    async def settings_after(self, channel: str, account: str, change: Change) -> BaseModel:
        """What the settings would be after this change, secrets in clear. Raises as ``change`` does."""
        row = await self._row(channel, account)
        return self._checked(channel, account, laid_over(row.settings, change.settings or {}))

    async def add(
        self, workspace: str, channel: str, account: str, *, name: str = "", settings: Mapping[str, Any] | None = None
    ) -> AccountView:
        """Raises AccountInvalid, AccountExists or StoreError."""
        given = laid_over({}, settings or {})
        self._checked(channel, account, given)
        stored = sealed(self._models[channel], given, self._sealer)
        row = AccountRow(workspace, channel, account, name or account, stored, True, self._clock())
        try:
            async with self._database.begin() as tx:
                await store.insert_account(tx, row)
        except IntegrityConflict as error:
            raise AccountExists(account) from error
        return self._view(row)

    async def settings_of_new(self, channel: str, account: str, settings: Mapping[str, Any]) -> BaseModel:
        """What the settings of an account would be that is not there yet. Raises as ``add`` does."""
        model = self._checked(channel, account, laid_over({}, settings))
        if await store.read_accounts(self._database, channel, account):
            raise AccountExists(account)
        return model

    async def change(self, channel: str, account: str, change: Change) -> AccountView:
        """Raises AccountUnknown, AccountInvalid or StoreError.

        Name and state can be changed of an account whose settings are unusable; changed settings must be right as a whole.
        """
        async with self._database.begin() as tx:
            row = await store.lock_account(tx, channel, account)
            if row is None:
                raise AccountUnknown(account)
            settings = laid_over(row.settings, change.settings or {})
            if change.settings is not None:
                self._checked(channel, account, settings)
            row = replace(
                row,
                settings=self._sealed(channel, settings),
                name=row.name if change.name is None else change.name,
                enabled=row.enabled if change.enabled is None else change.enabled,
            )
            await store.update_account(tx, row)
        return self._view(row)

    async def seal(self) -> Sequence[AccountView]:
        """Seal every secret under the current key, so that an older one can be given up; gives what was changed.

        Raises StoreError.
        """
        changed = []
        for seen in await store.read_accounts(self._database):
            async with self._database.begin() as tx:
                row = await store.lock_account(tx, seen.channel, seen.account)
                if row is None or (settings := self._sealed(row.channel, row.settings)) == row.settings:
                    continue
                await store.update_account(tx, replace(row, settings=settings))
                changed.append(self._view(replace(row, settings=settings)))
        return changed

    async def remove(self, channel: str, account: str) -> None:
        """Its conversations stay; another account of this id gets nothing that was given to this one.

        Raises AccountUnknown or StoreError.
        """
        async with self._database.begin() as tx:
            if not await store.delete_account(tx, channel, account):
                raise AccountUnknown(account)
            await tokens.delete_token(tx, channel, account)
            await grants.delete(tx, channel, account)

    async def _row(self, channel: str, account: str) -> AccountRow:
        rows = await store.read_accounts(self._database, channel, account)
        if not rows:
            raise AccountUnknown(account)
        return rows[0]

    def _sealed(self, channel: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        model = self._models.get(channel)
        return settings if model is None else sealed(model, settings, self._sealer)

    def _view(self, row: AccountRow) -> AccountView:
        model = self._models.get(row.channel)
        if model is None:
            return AccountView(
                row.channel, row.account, row.name, {}, row.enabled, ("this version has no such channel",)
            )
        problems: tuple[str, ...] = ()
        try:
            self._checked(row.channel, row.account, row.settings)
        except AccountInvalid as error:
            problems = error.problems
        return AccountView(row.channel, row.account, row.name, hidden(model, row.settings), row.enabled, problems)

    def _checked(self, channel: str, account: str, settings: Mapping[str, Any]) -> BaseModel:
        """The settings, secrets in clear. Raises AccountInvalid."""
        model = self._models.get(channel)
        if model is None:
            raise AccountInvalid((f"channel: one of {', '.join(sorted(self._models))}",))
        problems: tuple[str, ...] = (
            () if ACCOUNT_ID.fullmatch(account) else ("account: small letters, digits, - and _, at most 63",)
        )
        clear = revealed(model, settings, self._sealer)
        if clear.unreadable:
            raise AccountInvalid((*problems, *(f"{field}: {UNREADABLE}" for field in clear.unreadable)))
        try:
            found = model.model_validate(clear.settings)
        except ValidationError as error:
            raise AccountInvalid((*problems, *in_words(model, error))) from None
        if problems:
            raise AccountInvalid(problems)
        return found
