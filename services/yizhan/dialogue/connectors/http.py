"""A business's system over HTTP."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import aiohttp
from pydantic import SecretStr, TypeAdapter, ValidationError
from yarl import URL

from yizhan.core.runtime.http.client import open_client
from yizhan.dialogue.connectors import http_wire as wire
from yizhan.dialogue.connectors.errors import BadAnswer, ConnectorError, NotFound, RefusedByRule, Unavailable
from yizhan.dialogue.connectors.model import (
    AfterSales,
    AfterSalesRequest,
    Appointment,
    AppointmentRequest,
    AppointmentSlot,
    Booked,
    CancelRequest,
    Order,
    SlotsRequest,
    Taken,
)

T = TypeVar("T")
_PIECE = 16_384
_MOST_SECONDS_AFTER = 3600


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """Where a system answers over HTTP, and how it knows us.

    ``url`` is asked for at every call: an embedded demo has its port only once it listens; empty means not yet.
    ``ca``: PEM certificates that its own is signed by; None: those that this machine trusts. ``header`` carries ``secret``. ``timeout`` in seconds is a whole call's; ``most_bytes`` an answer's.
    """

    url: Callable[[], str]
    ca: bytes | None = field(default=None, repr=False)
    header: str = "Authorization"
    secret: SecretStr = field(default=SecretStr(""), repr=False)
    timeout: float = 5.0
    most_bytes: int = 256 * 1024
    keeps_keys: bool = True
    finds_by_customer: bool = False


class HttpConnector:
    """``Connector`` over HTTP. Make it with ``open_http``, which owns its connections."""

    def __init__(self, session: aiohttp.ClientSession, place: HttpPlace) -> None:
        self._session = session
        self._place = place
        self._trust: ssl.SSLContext | bool = (
            True if place.ca is None else ssl.create_default_context(cadata=_pem(place.ca))
        )

    @property
    def keeps_keys(self) -> bool:
        return self._place.keeps_keys

    @property
    def finds_by_customer(self) -> bool:
        return self._place.finds_by_customer

    async def get_order(self, order_id: str, phone: str, locale: str) -> Order:
        body = wire.GET_ORDER_REQUEST.dump_json(wire.GetOrder(order_id, phone, locale))
        return _dated(await self._call(wire.GET_ORDER, body, wire.ORDER))

    async def find_orders(self, phone: str, locale: str, limit: int, customer: str = "") -> tuple[Order, ...]:
        asked = wire.FindOrders(phone, locale, limit, customer)
        body = wire.FIND_ORDERS_REQUEST.dump_json(asked, exclude_defaults=True)
        found = await self._call(wire.FIND_ORDERS, body, wire.ORDERS)
        return tuple(map(_dated, found.orders))

    async def create_after_sales(self, key: str, request: AfterSalesRequest) -> AfterSales:
        body = wire.AFTER_SALES_REQUEST.dump_json(request)
        return await self._call(wire.CREATE_AFTER_SALES, body, wire.AFTER_SALES, key=key)

    async def list_slots(self, request: SlotsRequest) -> tuple[AppointmentSlot, ...]:
        return (await self._call(wire.LIST_SLOTS, wire.SLOTS_REQUEST.dump_json(request), wire.SLOTS)).slots

    async def book(self, key: str, request: AppointmentRequest) -> Booked | Taken:
        body = wire.APPOINTMENT_REQUEST.dump_json(request)
        try:
            return Booked(await self._call(wire.BOOK, body, wire.APPOINTMENT, key=key))
        except _SlotTaken as taken:
            return Taken(taken.alternatives)

    async def cancel(self, key: str, request: CancelRequest) -> Appointment:
        return await self._call(wire.CANCEL, wire.CANCEL_REQUEST.dump_json(request), wire.APPOINTMENT, key=key)

    async def _call(self, path: str, body: bytes, answer: TypeAdapter[T], *, key: str = "") -> T:
        """One POST. Raises ConnectorError."""
        base = self._place.url()
        if not base:
            raise Unavailable("not_started", sent=False)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        secret = self._place.secret.get_secret_value()
        headers |= ({self._place.header: secret} if secret else {}) | ({wire.KEY_HEADER: key} if key else {})
        try:
            async with self._session.post(
                URL(base).joinpath(*path.split("/")),
                data=body,
                headers=headers,
                allow_redirects=False,
                ssl=self._trust,
            ) as response:
                data = await _whole(response, self._place.most_bytes)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise Unavailable("unreachable", sent=False) from None
        except TimeoutError:
            raise Unavailable("too_slow", sent=True) from None
        except (aiohttp.ClientError, OSError):
            raise Unavailable("cut_off", sent=True) from None
        if response.status not in {200, 201}:
            raise _refusal(response, data)
        try:
            return answer.validate_json(data)
        except ValidationError:
            raise BadAnswer("not_as_agreed") from None


class _SlotTaken(RefusedByRule):
    def __init__(self, alternatives: tuple[AppointmentSlot, ...]) -> None:
        super().__init__(wire.TAKEN)
        self.alternatives = alternatives


@asynccontextmanager
async def open_http(place: HttpPlace, *, at_once: int) -> AsyncIterator[HttpConnector]:
    """A connector with connections of its own, at most ``at_once``."""
    async with open_client(total=place.timeout, connect=min(3.0, place.timeout), per_host=at_once) as session:
        yield HttpConnector(session, place)


def _pem(ca: bytes) -> str:
    return ca.decode("ascii", "replace")


async def _whole(response: aiohttp.ClientResponse, most: int) -> bytes:
    data = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        data += piece
        if len(data) > most:
            response.close()  # it may have no end
            raise BadAnswer("too_big", acted=response.status < 400)
    return bytes(data)


def _refusal(response: aiohttp.ClientResponse, data: bytes) -> ConnectorError:
    """What another status than success means."""
    status = response.status
    if status == 429:
        return Unavailable("rate_limited", sent=False, after=_after(response))
    if status >= 500:
        return Unavailable("http_5xx", sent=True, after=_after(response))
    if status not in {404, 409, 422}:
        return BadAnswer(_REASONS.get(status, f"http_{status // 100}xx"), acted=status < 400)
    try:
        refusal = wire.Refusal.model_validate_json(data)
    except ValidationError:
        # A 404 of a proxy is no word about an order.
        return BadAnswer(f"http_{status}", acted=False)
    if status == 404:
        return NotFound(refusal.code) if refusal.code == wire.NOT_FOUND else BadAnswer("http_404", acted=False)
    if refusal.code == wire.TAKEN:
        return _SlotTaken(refusal.alternatives)
    return RefusedByRule(refusal.code, refusal.detail, refusal.facts())


_REASONS = {400: "http_400", 401: "key_refused", 403: "key_refused"}


def _after(response: aiohttp.ClientResponse) -> timedelta | None:
    """``Retry-After`` in seconds; a date, which nobody in this trade sends, counts as not said."""
    said = response.headers.get("Retry-After", "")
    if not (said.isascii() and said.isdigit() and len(said) < 9):
        return None
    return timedelta(seconds=min(int(said), _MOST_SECONDS_AFTER))


def _dated(order: Order) -> Order:
    """Raises BadAnswer for a step of a parcel without a time zone, which is no point in time."""
    if any(step.at.tzinfo is None for parcel in order.parcels for step in parcel.steps):
        raise BadAnswer("not_as_agreed", acted=False)
    return order
