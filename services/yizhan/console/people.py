"""People who can sign in: creating them, checking passwords, locking out who guesses."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from yizhan.console import store
from yizhan.console.store import ROLES, User
from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.passwords import Passwords
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict

log = structlog.get_logger(__name__)

USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
LEAST_PASSWORD = 10
MOST_PASSWORD = 200
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class PersonInvalid(ValueError):
    """A person cannot be like this; ``code`` is a static name, ``reason`` one line for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class UsernameTaken(Exception):
    """Somebody else has this username."""


class PersonUnknown(Exception):
    """There is nobody of this id or name."""


class BadCredentials(Exception):
    """Username or password is wrong, or the person is disabled; which of them is not told."""


class LockedOut(Exception):
    """Too many wrong passwords. ``until``: when signing in is possible again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True, slots=True)
class Lockout:
    tries: int
    lasts: timedelta


def generated_password() -> str:
    """A password to be shown once: 14 letters and digits, none of which is mistaken for another."""
    return "".join(secrets.choice(_LETTERS) for _ in range(14))


class People:
    """The users of a deployment."""

    def __init__(
        self, database: Database, passwords: Passwords, lockout: Lockout, *, clock: Clock, new_id: NewId
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._lockout = lockout
        self._clock = clock
        self._new_id = new_id

    async def create(
        self,
        workspace: str,
        username: str,
        *,
        name: str,
        roles: Sequence[str],
        password: str,
        locale: str = "zh-CN",
        capacity: int = 0,
        by: str = "",
    ) -> User:
        """Raises PersonInvalid, UsernameTaken or StoreError."""
        check_username(username)
        check_roles(roles)
        check_password(password)
        user = User(
            id=self._new_id(),
            workspace=workspace,
            username=username,
            name=name.strip()[:100] or username,
            password_hash=await self._passwords.hash(password),
            roles=tuple(sorted(set(roles))),
            locale=locale,
            capacity=capacity,
            enabled=True,
            failures=0,
            locked_until=None,
            created_at=self._clock(),
        )
        try:
            async with self._database.begin() as tx:
                await store.insert_user(tx, user)
                await store.note(tx, workspace, user.created_at, by, "user_created", user.id)
        except IntegrityConflict as error:
            raise UsernameTaken(username) from error
        return user

    async def sign_in(self, workspace: str, username: str, password: str) -> User:
        """The person, if the password is theirs. Raises BadCredentials, LockedOut or StoreError.

        An unknown name costs as much time as a wrong password, so that names cannot be guessed by the clock.
        """
        async with self._database.read() as tx:
            user = await store.user_by_name(tx, workspace, username)
        now = self._clock()
        if user is not None and user.locked_until is not None and user.locked_until > now:
            raise LockedOut(user.locked_until)
        if user is None or not user.enabled:
            await self._passwords.reject(password)
            raise BadCredentials
        if not await self._passwords.verify(user.password_hash, password):
            await self._failed(user.id, now)
            raise BadCredentials
        return await self._succeeded(user, password)

    async def change_password(self, user: User, old: str, new: str, *, keep_session: str) -> None:
        """Ends the person's other sessions. Raises BadCredentials, PersonInvalid or StoreError."""
        if not await self._passwords.verify(user.password_hash, old):
            raise BadCredentials
        await self._set_password(user, new, "password_changed", by=user.id, keep_session=keep_session)

    async def reset_password(self, user_id: str, workspace: str, *, by: str) -> str:
        """A new password, to be shown once; ends all the person's sessions. Raises PersonUnknown or StoreError."""
        user = await self.find(user_id, workspace)
        password = generated_password()
        await self._set_password(user, password, "password_reset", by=by, keep_session="")
        return password

    async def change(
        self,
        user_id: str,
        workspace: str,
        *,
        by: str,
        name: str | None = None,
        roles: Sequence[str] | None = None,
        enabled: bool | None = None,
        capacity: int | None = None,
    ) -> User:
        """Raises PersonUnknown, PersonInvalid or StoreError."""
        if roles is not None:
            check_roles(roles)
        async with self._database.begin() as tx:
            user = await store.user_by_id(tx, user_id, lock=True)
            if user is None or user.workspace != workspace:
                raise PersonUnknown(user_id)
            changed = replace(
                user,
                name=user.name if name is None else name.strip()[:100] or user.username,
                roles=user.roles if roles is None else tuple(sorted(set(roles))),
                enabled=user.enabled if enabled is None else enabled,
                capacity=user.capacity if capacity is None else capacity,
            )
            await store.save_user(tx, changed)
            if not changed.enabled:
                await store.delete_sessions_of(tx, user.id)
            await store.note(tx, workspace, self._clock(), by, "user_changed", user.id)
        return changed

    async def find(self, user_id: str, workspace: str) -> User:
        """Raises PersonUnknown or StoreError."""
        async with self._database.read() as tx:
            user = await store.user_by_id(tx, user_id)
        if user is None or user.workspace != workspace:
            raise PersonUnknown(user_id)
        return user

    async def everyone(self, workspace: str) -> Sequence[User]:
        async with self._database.read() as tx:
            return await store.list_users(tx, workspace)

    async def nobody_yet(self) -> bool:
        """Whether this deployment has no users at all."""
        async with self._database.read() as tx:
            return await store.count_users(tx) == 0

    async def _failed(self, user_id: str, now: datetime) -> None:
        async with self._database.begin() as tx:
            user = await store.user_by_id(tx, user_id, lock=True)
            if user is None:
                return
            failures = user.failures + 1
            locked = now + self._lockout.lasts if failures >= self._lockout.tries else None
            await store.save_user(tx, replace(user, failures=0 if locked else failures, locked_until=locked))
            if locked:
                log.warning("user_locked_out", user_id=user.id)
                await store.note(tx, user.workspace, now, user.id, "locked_out", user.id)

    async def _succeeded(self, user: User, password: str) -> User:
        stale = self._passwords.needs_rehash(user.password_hash)
        if not user.failures and user.locked_until is None and not stale:
            return user
        password_hash = await self._passwords.hash(password) if stale else user.password_hash
        fresh = replace(user, failures=0, locked_until=None, password_hash=password_hash)
        async with self._database.begin() as tx:
            await store.save_user(tx, fresh)
        return fresh

    async def _set_password(self, user: User, password: str, action: str, *, by: str, keep_session: str) -> None:
        check_password(password)
        password_hash = await self._passwords.hash(password)
        async with self._database.begin() as tx:
            again = await store.user_by_id(tx, user.id, lock=True)
            if again is None:
                raise PersonUnknown(user.id)
            await store.save_user(tx, replace(again, password_hash=password_hash, failures=0, locked_until=None))
            await store.delete_sessions_of(tx, user.id, except_key=keep_session)
            await store.note(tx, user.workspace, self._clock(), by, action, user.id)


def check_username(username: str) -> None:
    if not USERNAME.fullmatch(username):
        raise PersonInvalid("username_invalid", "2 to 64 small letters, digits and . _ @ -")


def check_roles(roles: Sequence[str]) -> None:
    if not roles or any(role not in ROLES for role in roles):
        raise PersonInvalid("roles_invalid", f"one or more of {', '.join(ROLES)}")


def check_password(password: str) -> None:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise PersonInvalid("password_length", f"{LEAST_PASSWORD} to {MOST_PASSWORD} characters")
