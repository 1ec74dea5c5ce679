"""Requests of platforms to erase somebody, noted for whoever runs the deployment."""

from collections.abc import Collection

import structlog

from yizhan.channels.contract import RetryLater
from yizhan.channels.store import erasure_requests as store
from yizhan.channels.store.erasure_requests import RequestRow
from yizhan.core.messages.address import Address
from yizhan.core.messages.identities import identity_id
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)


class ErasureRequests:
    """As ``platform.Erasures``. Of people only their identities' ids are kept: nobody can be told from them whom nobody knows."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ask(self, people: Collection[Address], reference: str) -> None:
        now = self._clock()
        rows = [
            RequestRow(address.workspace, identity_id(address), address.channel, address.account, reference, now)
            for address in people
        ]
        try:
            async with self._database.begin() as tx:
                await store.ask(tx, rows)
        except StoreError as error:
            log.warning("erasure_request_not_noted", error=type(error).__name__)
            raise RetryLater from None
