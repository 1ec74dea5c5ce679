"""The figures of a process: one registry, names by one rule, labels that cannot grow without bound."""

import asyncio
import platform
import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.aiohttp import make_aiohttp_handler
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.process_collector import ProcessCollector

from yizhan import __version__
from yizhan.core.runtime.clock import Monotonic, monotonic

SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""For waits of people and programs, in seconds."""

_NAME = re.compile(r"yizhan_[a-z][a-z0-9]*(_[a-z0-9]+)+")
_MISLEADING = ("_count", "_sum", "_bucket", "_created", "_ms", "_millis", "_milliseconds", "_minutes", "_kb", "_mb")
_UNBOUNDED = re.compile(
    r"(.*_)?(id|ids|customer|visitor|user|username|agent|phone|email|ip|url|path|text|message|conversation|token|key|address)"
)

Wrapper = TypeVar("Wrapper", bound=MetricWrapperBase)


class MetricInvalid(ValueError):
    """A figure is defined against the rules; raised where it is defined, so that it never reaches production."""


class Metrics:
    """The registry of a process. Defining the same figure twice gives the same object."""

    def __init__(self, service: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.service = service
        self.registry = CollectorRegistry(auto_describe=True)
        self._defined: dict[str, tuple[type[MetricWrapperBase], tuple[str, ...], MetricWrapperBase]] = {}
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        build = self.gauge("yizhan_build_info", "The version that runs.", ("service", "version", "python"))
        build.labels(service, __version__, platform.python_version()).set(1)

    def counter(self, name: str, help: str, labels: Sequence[str] = ()) -> Counter:
        """Something that only grows; the name ends in ``_total``."""
        if not name.endswith("_total"):
            raise MetricInvalid(f"counter {name} must end in _total")
        return self._define(Counter, name, help, labels)

    def gauge(self, name: str, help: str, labels: Sequence[str] = ()) -> Gauge:
        """Something that goes up and down."""
        if name.endswith("_total"):
            raise MetricInvalid(f"gauge {name} must not end in _total")
        return self._define(Gauge, name, help, labels)

    def histogram(
        self, name: str, help: str, labels: Sequence[str] = (), buckets: Sequence[float] = SECONDS_BUCKETS
    ) -> Histogram:
        """A distribution; the name ends in its unit (``_seconds``, ``_bytes``, ``_messages``)."""
        if name.endswith("_total"):
            raise MetricInvalid(f"histogram {name} must not end in _total")
        return self._define(Histogram, name, help, labels, buckets=tuple(buckets))

    def routes(self) -> list[web.RouteDef]:
        """``/metrics``."""
        return [web.get("/metrics", make_aiohttp_handler(self.registry))]

    def _define(self, kind: type[Wrapper], name: str, help: str, labels: Sequence[str], **options: object) -> Wrapper:
        _check(name, help, labels)
        known = self._defined.get(name)
        if known is not None:
            if known[0] is not kind or known[1] != tuple(labels):
                raise MetricInvalid(f"{name} is already defined as another figure")
            return cast("Wrapper", known[2])
        made = kind(name, help, tuple(labels), registry=self.registry, **options)  # type: ignore[arg-type]
        self._defined[name] = (kind, tuple(labels), made)
        return made


def _check(name: str, help: str, labels: Sequence[str]) -> None:
    if not _NAME.fullmatch(name):
        raise MetricInvalid(f"{name} must be yizhan_<noun>_<unit> in small letters")
    if name.endswith(_MISLEADING):
        raise MetricInvalid(f"{name} must end in a base unit (seconds, bytes, ratio, a plural noun)")
    if not help.strip():
        raise MetricInvalid(f"{name} needs a help text")
    unbounded = [label for label in labels if _UNBOUNDED.fullmatch(label)]
    if unbounded:
        raise MetricInvalid(f"{name}: label {unbounded[0]} has no bounded set of values")


def outbox_rows(metrics: Metrics, service: str) -> Callable[[int], None]:
    """Takes how many rows wait in a service's outbox, and shows it; replicas of a service show the same table."""
    gauge = metrics.gauge(
        "yizhan_outbox_rows", "Publications that are committed and not known to be on the bus.", ("service",)
    )
    return gauge.labels(service).set


async def watch_loop(metrics: Metrics, *, every: float = 0.5, monotonic: Monotonic = monotonic) -> None:
    """Keeps ``yizhan_event_loop_lag_seconds``: how late the loop was at worst in the last 15 seconds or so."""
    gauge = metrics.gauge(
        "yizhan_event_loop_lag_seconds", "How late the event loop was at worst in the last 15 seconds."
    )
    recent: deque[float] = deque(maxlen=max(1, round(15 / every)))
    while True:
        before = monotonic()
        await asyncio.sleep(every)
        recent.append(max(0.0, monotonic() - before - every))
        gauge.set(max(recent))
