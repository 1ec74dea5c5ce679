"""The demo shop over HTTP: the six POSTs of ``docs/connectors.md``."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TypeVar

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from yizhan.core.runtime.http.problem import Problem, bad_request, unauthorized
from yizhan.core.security.compare import same_as_any
from yizhan.demo.orders.book import OrderBook
from yizhan.dialogue.connectors import http_wire as wire
from yizhan.dialogue.connectors.errors import NotFound, RefusedByRule
from yizhan.dialogue.connectors.model import Taken

T = TypeVar("T")
Answers = Callable[[web.Request], Awaitable[web.Response]]

PREFIX = "/demo/orders"


def routes(book: OrderBook, secrets: tuple[str, ...], prefix: str = PREFIX) -> tuple[web.RouteDef, ...]:
    """For an application in its frame (``make_app``). A call shows one of ``secrets`` as a bearer token."""
    face = _Face(book)
    calls: dict[str, Answers] = {
        wire.GET_ORDER: face.get_order,
        wire.FIND_ORDERS: face.find_orders,
        wire.CREATE_AFTER_SALES: face.create_after_sales,
        wire.LIST_SLOTS: face.list_slots,
        wire.BOOK: face.book,
        wire.CANCEL: face.cancel,
    }
    return tuple(web.post(f"{prefix}/{path}", _guarded(answer, secrets)) for path, answer in calls.items())


class _Face:
    def __init__(self, book: OrderBook) -> None:
        self._book = book

    async def get_order(self, request: web.Request) -> web.Response:
        asked = await _read(request, wire.GET_ORDER_REQUEST)
        return _json(wire.ORDER.dump_json(self._book.get_order(asked.order_id, asked.phone, asked.locale)))

    async def find_orders(self, request: web.Request) -> web.Response:
        asked = await _read(request, wire.FIND_ORDERS_REQUEST)
        found = self._book.find_orders(asked.phone, asked.locale, asked.limit, asked.customer)
        return _json(wire.ORDERS.dump_json(wire.Orders(found)))

    async def create_after_sales(self, request: web.Request) -> web.Response:
        asked = await _read(request, wire.AFTER_SALES_REQUEST)
        return _json(wire.AFTER_SALES.dump_json(self._book.create_after_sales(_key(request), asked)))

    async def list_slots(self, request: web.Request) -> web.Response:
        asked = await _read(request, wire.SLOTS_REQUEST)
        return _json(wire.SLOTS.dump_json(wire.Slots(self._book.list_slots(asked))))

    async def book(self, request: web.Request) -> web.Response:
        asked = await _read(request, wire.APPOINTMENT_REQUEST)
        outcome = self._book.book(_key(request), asked)
        if isinstance(outcome, Taken):
            alternatives = [
                {name: at.isoformat() for name, at in asdict(slot).items()} for slot in outcome.alternatives
            ]
            raise Problem(409, wire.TAKEN, "Nothing is free at that time", alternatives=alternatives)
        return _json(wire.APPOINTMENT.dump_json(outcome.appointment))

    async def cancel(self, request: web.Request) -> web.Response:
        asked = await _read(request, wire.CANCEL_REQUEST)
        return _json(wire.APPOINTMENT.dump_json(self._book.cancel(_key(request), asked)))


def _guarded(answer: Answers, secrets: tuple[str, ...]) -> Answers:
    async def handle(request: web.Request) -> web.Response:
        if not same_as_any(request.headers.get("Authorization", "").removeprefix("Bearer "), secrets):
            raise unauthorized()
        try:
            return await answer(request)
        except NotFound as error:
            raise Problem(404, wire.NOT_FOUND, "There is none") from error
        except RefusedByRule as error:
            problem = Problem(422, error.reason, "A rule forbids it", error.text)
            problem.extras = dict(error.facts)
            raise problem from error

    return handle


async def _read(request: web.Request, form: TypeAdapter[T]) -> T:
    try:
        return form.validate_json(await request.read())
    except ValidationError as error:
        raise bad_request(
            "malformed", "The body is not what this call takes", f"{error.error_count()} fields"
        ) from error


def _key(request: web.Request) -> str:
    return request.headers.get(wire.KEY_HEADER, "")


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json", charset="utf-8")
