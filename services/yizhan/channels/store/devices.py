"""Queries on the devices of apps' users."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.channels.store.tables import devices
from yizhan.core.store.database import Database, Transaction

MOST_DEVICES = 20
"""Of one customer; the one that was heard from the longest ago goes."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """``token`` is the push service's address of the app on this device."""

    address_key: str
    device: str
    account: str
    platform: str
    token: str = field(repr=False)
    environment: str
    app_version: str
    locale: str
    put_at: datetime


async def put(tx: Transaction, row: DeviceRow) -> None:
    """The device belongs to this customer from now on; whoever had its token before is told nothing on it any more."""
    same_token = sa.and_(
        devices.c.account == row.account, devices.c.platform == row.platform, devices.c.token == row.token
    )
    this = sa.and_(devices.c.address_key == row.address_key, devices.c.device == row.device)
    await tx.execute(sa.delete(devices).where(same_token, sa.not_(this)))
    values = asdict(row)
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(devices).values(values)
    await tx.execute(insert.on_conflict_do_update(index_elements=["address_key", "device"], set_=values))
    kept = (
        sa.select(devices.c.device)
        .where(devices.c.address_key == row.address_key)
        .order_by(devices.c.put_at.desc(), devices.c.device)
        .limit(MOST_DEVICES)
    )
    await tx.execute(sa.delete(devices).where(devices.c.address_key == row.address_key, devices.c.device.not_in(kept)))


async def remove(tx: Transaction, address_key: str, device: str) -> bool:
    """Whether it was there."""
    this = sa.and_(devices.c.address_key == address_key, devices.c.device == device)
    return (await tx.execute(sa.delete(devices).where(this))).rowcount > 0


async def forget_token(tx: Transaction, row: DeviceRow) -> bool:
    """The push service does not know the token any more. False: the device has another one by now."""
    this = sa.and_(
        devices.c.address_key == row.address_key, devices.c.device == row.device, devices.c.token == row.token
    )
    return (await tx.execute(sa.delete(devices).where(this))).rowcount > 0


async def of(database: Database, address_key: str) -> Sequence[DeviceRow]:
    """A customer's devices. Raises StoreError."""
    query = sa.select(devices).where(devices.c.address_key == address_key).order_by(devices.c.device)
    async with database.read() as tx:
        return [DeviceRow(**row) for row in (await tx.execute(query)).mappings()]
