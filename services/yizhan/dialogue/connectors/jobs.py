"""Jobs of kind ``connector``: a task's call, put to the system that its workspace has declared for it."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import structlog

from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.buyers import finds_by_buyer
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.errors import BadAnswer, Unavailable
from yizhan.dialogue.connectors.figures import ConnectorFigures
from yizhan.dialogue.connectors.operations import FIND_ORDERS, OPERATIONS, ArgumentsInvalid, Asked, carry_out
from yizhan.dialogue.connectors.shops import ShopOrders
from yizhan.dialogue.jobs.job import Job, JobFailed, OutcomeUnknown, TryAgain
from yizhan.dialogue.tasks.calls import Call, CallUnreadable, Result, decode_call, encode_result

log = structlog.get_logger(__name__)

AT_ONCE = 32

Connectors = Mapping[tuple[str, str], Connector]
"""By workspace and the name that tasks use."""

ORDERS = "orders"
"""The name under which orders are asked for, for tasks and for agents' cards."""


class ConnectorJobs:
    """The ``JobHandler``. A change is tried again only with its key, and only where the system keeps keys.

    ``shops``: where buyers of shops' platforms have their orders looked up.
    """

    def __init__(
        self,
        connectors: Connectors,
        zone: ZoneInfo,
        metrics: Metrics,
        *,
        shops: ShopOrders | None = None,
        monotonic: Monotonic = monotonic,
    ) -> None:
        self._connectors = connectors
        self._shops = shops
        self._zone = zone
        self._figures = ConnectorFigures(metrics, monotonic=monotonic)

    @property
    def at_once(self) -> int:
        return AT_ONCE

    def repeatable(self, job: Job) -> bool:
        try:
            call = decode_call(job.body)
        except CallUnreadable:
            return True  # it is refused before anything is called
        connector = self._connector(job, call)
        return connector is None or not call.changes or connector.keeps_keys

    async def carry_out(self, job: Job) -> bytes:
        try:
            call = decode_call(job.body)
        except CallUnreadable:
            raise JobFailed("call_unreadable") from None
        connector = self._connector(job, call)
        if connector is None:
            log.warning("connector_missing", workspace=job.address.workspace, connector=call.connector)
            raise JobFailed("connector_missing")
        return encode_result(await self._timed(job, call, connector))

    def _connector(self, job: Job, call: Call) -> Connector | None:
        """Orders of a shop's buyer are their channel's; all else is the business's own system's."""
        own = self._connectors.get((job.address.workspace, call.connector))
        looks_up = call.connector == ORDERS and call.operation == FIND_ORDERS
        if self._shops is not None and looks_up and finds_by_buyer(job.address):
            return self._shops.of(job.address, own)
        return own

    async def _timed(self, job: Job, call: Call, connector: Connector) -> Result:
        began, outcome = self._figures.now(), "cut_off"
        operation = call.operation if call.operation in OPERATIONS else "unknown"
        try:
            result = await self._tried(job, call, connector)
            outcome = "answered"
            return result
        except JobFailed:
            outcome = "failed"
            raise
        except (TryAgain, OutcomeUnknown):
            outcome = "unavailable"
            raise
        finally:
            self._figures.ended(operation, outcome, began)

    async def _tried(self, job: Job, call: Call, connector: Connector) -> Result:
        """Raises JobFailed, TryAgain, OutcomeUnknown."""
        try:
            return await carry_out(Asked(connector, call, job.id, self._zone))
        except ArgumentsInvalid as error:
            log.warning("connector_call_invalid", connector=call.connector, operation=call.operation, field=str(error))
            raise JobFailed("call_invalid") from error
        except Unavailable as error:
            unsure = call.changes and error.sent
            if unsure and not connector.keeps_keys:
                raise OutcomeUnknown(error.reason) from error
            raise TryAgain(error.reason, error.after, unsure=unsure) from error
        except BadAnswer as error:
            log.warning("connector_bad_answer", connector=call.connector, operation=call.operation, reason=error.reason)
            if not (call.changes and error.acted):
                raise JobFailed(error.reason) from error
            if not connector.keeps_keys:
                raise OutcomeUnknown(error.reason) from error
            raise TryAgain(error.reason, unsure=True) from error
