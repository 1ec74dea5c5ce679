"""The application frame: request ids, errors, security headers, the access log and figures, around every handler.

Applications may be nested and route lists of several services may share one application; the outermost frame does the
work once, and what lies further inside only says whose request it is (``owned``).
"""

import re
from collections.abc import Callable, Iterable, Mapping

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.messages.ids import NewId, new_id
from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.core.runtime.grpc.problem import HTTP_STATUS, RpcProblem
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http.peer import TRUSTED_PROXIES
from yizhan.core.runtime.http.problem import Problem, too_many, unavailable
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.passwords import PasswordsBusy
from yizhan.core.security.ratelimit import RateLimited
from yizhan.core.store.errors import SchemaMismatch, StoreUnavailable, ValueRefused

ErrorMap = Mapping[type[Exception], Callable[[Exception], Problem]]
"""What a service's own errors are over HTTP; the most specific class wins."""

API_CSP = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of everything that is no page."""

REQUEST_ID = web.RequestKey("request_id", str)
SERVICE = web.RequestKey("service", str)
CSP = web.RequestKey("csp", str)
CORS_CHECKED = web.RequestKey("cors_checked", bool)
CORS_ORIGIN = web.RequestKey("cors_origin", str)
STARTED = web.RequestKey("started", bool)
FAILED = web.RequestKey("failed", int)

_METHODS = frozenset(hdrs.METH_ALL)
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

log = structlog.get_logger(__name__)


def make_app(
    service: str,
    *,
    metrics: Metrics,
    health: Health | None = None,
    csp: str = API_CSP,
    trusted_proxies: int = 0,
    max_body: int = 1024 * 1024,
    errors: ErrorMap | None = None,
    new_id: NewId = new_id,
) -> web.Application:
    """An application in its frame, with ``/healthz``, ``/readyz`` and ``/metrics`` when ``health`` is given.

    ``max_body`` (bytes) holds for aiohttp's own readers; ``read_json`` has its own limit.
    """
    frame = _Frame(service, metrics, csp, trusted_proxies, errors or {}, new_id, monotonic)
    app = web.Application(middlewares=[frame.middleware()], client_max_size=max_body)
    app.on_response_prepare.append(_add_headers)
    if health is not None:
        app.add_routes([*health.routes(), *metrics.routes()])
    return app


def owned(
    service: str, routes: Iterable[web.AbstractRouteDef], *, csp: str | None = None
) -> list[web.AbstractRouteDef]:
    """The same routes, counted as this service's and with its Content-Security-Policy, whichever application they join.

    Folders of static files are left as they are: they count as the application's.
    """

    def marked(handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            request[SERVICE] = service
            if csp is not None:
                request[CSP] = csp
            return await handler(request)

        return handle

    return [rewrapped(route, marked) if isinstance(route, web.RouteDef) else route for route in routes]


def rewrapped(route: web.RouteDef, wrap: Callable[[Handler], Handler]) -> web.RouteDef:
    """The route with another handler around its own."""
    return web.RouteDef(route.method, route.path, wrap(route.handler), dict(route.kwargs))


class _Frame:
    def __init__(
        self,
        service: str,
        metrics: Metrics,
        csp: str,
        trusted_proxies: int,
        errors: ErrorMap,
        new_id: NewId,
        monotonic: Monotonic,
    ) -> None:
        self._service = service
        self._csp = csp
        self._trusted_proxies = trusted_proxies
        self._errors = {**_ERRORS, **errors}
        self._new_id = new_id
        self._monotonic = monotonic
        labels = ("service", "method", "route")
        self._requests = metrics.counter("yizhan_http_requests_total", "HTTP requests answered.", (*labels, "status"))
        self._seconds = metrics.histogram("yizhan_http_request_seconds", "Time to answer an HTTP request.", labels)

    def middleware(self) -> Middleware:
        """What an application is given."""

        @web.middleware
        async def framed(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._handle(request, handler)

        return framed

    async def _handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        outermost = REQUEST_ID not in request
        request[SERVICE], request[CSP] = self._service, self._csp
        if not outermost:
            return await handler(request)
        request[REQUEST_ID] = self._id_of(request)
        request[TRUSTED_PROXIES] = self._trusted_proxies
        response: web.StreamResponse | None = None
        began = self._monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request[REQUEST_ID]):
            try:
                response = await self._answer(request, handler)
            finally:
                self._record(request, response, self._monotonic() - began)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The handler's response, or the problem that its exception stands for."""
        try:
            return await handler(request)
        except web.HTTPException as answer:
            if answer.status < 400:
                return web.Response(status=answer.status, headers=answer.headers, text=answer.text)
            problem = _of_http(answer)
        except Problem as raised:
            problem = raised
        except Exception as error:
            if _client_gone(request, error):
                raise
            problem = self._problem_of(error)
            _log(request, problem, error)
            if STARTED in request:
                # Too late for another answer; the connection is closed instead.
                request[FAILED] = problem.status
                raise ConnectionResetError("failed after the response had begun") from error
        return problem.response(request[REQUEST_ID])

    def _problem_of(self, error: Exception) -> Problem:
        for kind in type(error).__mro__:
            known = self._errors.get(kind)
            if known is not None:
                return known(error)
        return Problem(500, "internal", "Something went wrong on our side")

    def _id_of(self, request: web.Request) -> str:
        given = request.headers.get("X-Request-Id", "")
        return given if _GIVEN_ID.fullmatch(given) else self._new_id()

    def _record(self, request: web.Request, response: web.StreamResponse | None, seconds: float) -> None:
        """One figure and one line per request; 499 is a client that went away."""
        status = response.status if response is not None else request.get(FAILED, 499)
        service, route = request[SERVICE], _route(request)
        method = request.method if request.method in _METHODS else "OTHER"
        self._requests.labels(service, method, route, f"{status // 100}xx").inc()
        if not _is_stream(response):
            self._seconds.labels(service, method, route).observe(seconds)
        write = log.debug if route in _PROBES else log.info
        write("http_request", service=service, method=method, route=route, status=status, ms=round(seconds * 1000, 1))


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    request[STARTED] = True
    headers = response.headers
    headers["Server"] = "yizhan"
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    if REQUEST_ID in request:
        headers.setdefault("X-Request-Id", request[REQUEST_ID])
        headers.setdefault("Content-Security-Policy", request[CSP])
    if response.content_type.endswith("json"):
        headers.setdefault("Cache-Control", "no-store")
    if CORS_ORIGIN in request:
        headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = request[CORS_ORIGIN]
        headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = "Retry-After, X-Request-Id"
    if CORS_CHECKED in request:
        headers.add(hdrs.VARY, hdrs.ORIGIN)


def _of_http(answer: web.HTTPException) -> Problem:
    """The framework's own refusals (no such route, wrong method, body too large) in our form."""
    code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(answer.status, f"http_{answer.status}")
    kept = {str(name): answer.headers[name] for name in (hdrs.ALLOW, hdrs.WWW_AUTHENTICATE) if name in answer.headers}
    return Problem(answer.status, code, answer.reason, headers=kept)


def _of_rpc(error: Exception) -> Problem:
    """What another service refused is refused here for the same reason."""
    if not isinstance(error, RpcProblem):
        raise TypeError("not an RpcProblem")
    status = HTTP_STATUS.get(error.status, 500)
    if status >= 500:
        return (
            unavailable(error.retry_after or 1.0) if status == 503 else Problem(500, "internal", "Something went wrong")
        )
    return Problem(status, error.code, error.detail or error.code, retry_after=error.retry_after, **error.extras)


def _log(request: web.Request, problem: Problem, error: Exception) -> None:
    """The body is never logged; the request id is bound already."""
    facts = {"method": request.method, "route": _route(request), "status": problem.status}
    if problem.status == 500:
        log.error("http_request_failed", exc_info=error, **facts)
    elif problem.status > 500:
        log.warning("http_request_unavailable", error=type(error).__name__, **facts)


def _client_gone(request: web.Request, error: Exception) -> bool:
    if not isinstance(error, ConnectionResetError):
        return False
    return request.transport is None or request.transport.is_closing()


def _route(request: web.Request) -> str:
    """The template of the route, never the path that was asked for: a path has no bounded set of values."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched"


def _is_stream(response: web.StreamResponse | None) -> bool:
    """WebSockets and event streams last as long as somebody looks; their time says nothing."""
    if response is None:
        return False
    return response.status == 101 or response.content_type == "text/event-stream"


_ERRORS: ErrorMap = {
    RateLimited: lambda error: too_many(error.retry_after if isinstance(error, RateLimited) else 1.0),
    PasswordsBusy: lambda _: unavailable(),
    BusUnavailable: lambda _: unavailable(),
    StoreUnavailable: lambda _: unavailable(),
    SchemaMismatch: lambda _: unavailable(30.0),
    ValueRefused: lambda _: Problem(422, "value_refused", "A value cannot be stored"),
    TimeoutError: lambda _: unavailable(),
    RpcProblem: _of_rpc,
}
