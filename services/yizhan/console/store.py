"""The console's tables (schema ``console``) and every query on them: people, their sessions, and what they did."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.tables import UtcDateTime, metadata_for

SERVICE = "console"
metadata = metadata_for(SERVICE)

ROLES = ("agent", "supervisor", "editor", "admin")

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("username", sa.String(64), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("roles", sa.String(200), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("workspace", "username", name="users_username"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(36), nullable=False, index=True),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)
"""``key`` is the SHA-256 of the cookie: whoever reads the table cannot sign in with it."""

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("user_id", sa.String(36), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Index("audit_by_time", "workspace", "at"),
    sqlite_autoincrement=True,
)
"""Who did what to whom: ids and static action names, never contents."""


@dataclass(frozen=True, slots=True)
class User:
    """A person who can sign in. ``failures`` counts wrong passwords in a row."""

    id: str
    workspace: str
    username: str
    name: str
    password_hash: str
    roles: tuple[str, ...]
    locale: str
    capacity: int
    enabled: bool
    failures: int
    locked_until: datetime | None
    created_at: datetime

    def may(self, *roles: str) -> bool:
        """Whether the person has one of these roles; an administrator has all."""
        return "admin" in self.roles or any(role in self.roles for role in roles)


@dataclass(frozen=True, slots=True)
class Session:
    key: str
    user_id: str
    csrf: str
    created_at: datetime
    expires_at: datetime


_PLAIN = tuple(column.name for column in users.columns if column.name != "roles")


async def insert_user(tx: AsyncConnection, user: User) -> None:
    """Raises IntegrityConflict when the username is taken."""
    await tx.execute(users.insert(), [_row(user)])


async def save_user(tx: AsyncConnection, user: User) -> None:
    await tx.execute(users.update().where(users.c.id == user.id).values(_row(user)))


async def user_by_name(tx: AsyncConnection, workspace: str, username: str, *, lock: bool = False) -> User | None:
    query = sa.select(users).where(users.c.workspace == workspace, users.c.username == username)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().first()
    return _user(row) if row else None


async def user_by_id(tx: AsyncConnection, user_id: str, *, lock: bool = False) -> User | None:
    query = sa.select(users).where(users.c.id == user_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().first()
    return _user(row) if row else None


async def list_users(tx: AsyncConnection, workspace: str) -> Sequence[User]:
    query = sa.select(users).where(users.c.workspace == workspace).order_by(users.c.username)
    return [_user(row) for row in (await tx.execute(query)).mappings()]


async def count_users(tx: AsyncConnection) -> int:
    return (await tx.execute(sa.select(sa.func.count()).select_from(users))).scalar_one()


async def insert_session(tx: AsyncConnection, session: Session) -> None:
    await tx.execute(
        sessions.insert(),
        [
            {
                "key": session.key,
                "user_id": session.user_id,
                "csrf": session.csrf,
                "created_at": session.created_at,
                "expires_at": session.expires_at,
            }
        ],
    )


async def session_and_user(tx: AsyncConnection, key: str, now: datetime) -> tuple[Session, User] | None:
    """A session that has not expired, with its person if they are enabled."""
    since = sessions.c.created_at.label("since")
    query = (
        sa.select(users, sessions.c.key, sessions.c.csrf, since, sessions.c.expires_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.key == key, sessions.c.expires_at > now, users.c.enabled)
    )
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    user = _user(row)
    return Session(row["key"], user.id, row["csrf"], row["since"], row["expires_at"]), user


async def delete_session(tx: AsyncConnection, key: str) -> None:
    await tx.execute(sessions.delete().where(sessions.c.key == key))


async def delete_sessions_of(tx: AsyncConnection, user_id: str, *, except_key: str = "") -> None:
    await tx.execute(sessions.delete().where(sessions.c.user_id == user_id, sessions.c.key != except_key))


async def delete_expired(tx: AsyncConnection, now: datetime) -> None:
    await tx.execute(sessions.delete().where(sessions.c.expires_at <= now))


async def note(tx: AsyncConnection, workspace: str, at: datetime, user_id: str, action: str, subject: str = "") -> None:
    """Add a line to the audit."""
    row = {"workspace": workspace, "at": at, "user_id": user_id, "action": action, "subject": subject[:100]}
    await tx.execute(audit.insert(), [row])


def _user(row: sa.RowMapping) -> User:
    return User(**{name: row[name] for name in _PLAIN}, roles=tuple(json.loads(row["roles"])))


def _row(user: User) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(user, name) for name in _PLAIN}
    row["roles"] = json.dumps(user.roles)
    return row
