"""A figure is defined by the rules or not at all, and what is scraped says how the process does."""

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from yizhan import __version__
from yizhan.core.runtime.metrics import MetricInvalid, Metrics, outbox_rows, watch_loop


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_figures_count() -> None:
    metrics = Metrics("routing")
    metrics.counter("yizhan_offers_total", "Offers made.", ("outcome",)).labels("accepted").inc()
    metrics.gauge("yizhan_queue_conversations", "Waiting conversations.").set(3)
    metrics.histogram("yizhan_offer_seconds", "Time to accept an offer.").observe(0.2)
    assert sample(metrics, "yizhan_offers_total", outcome="accepted") == 1
    assert sample(metrics, "yizhan_queue_conversations") == 3
    assert sample(metrics, "yizhan_offer_seconds_bucket", le="0.25") == 1


def test_services_in_one_process_share_a_figure() -> None:
    metrics = Metrics("embedded")
    first = metrics.counter("yizhan_things_total", "Things.", ("kind",))
    assert metrics.counter("yizhan_things_total", "Things.", ("kind",)) is first


def test_outboxes_of_services_in_one_process_are_told_apart() -> None:
    metrics = Metrics("embedded")
    dialogue, routing = outbox_rows(metrics, "dialogue"), outbox_rows(metrics, "routing")
    dialogue(7)
    dialogue(3)
    assert sample(metrics, "yizhan_outbox_rows", service="dialogue") == 3
    assert sample(metrics, "yizhan_outbox_rows", service="routing") == 0, "shown before the first count"
    routing(1)
    assert sample(metrics, "yizhan_outbox_rows", service="dialogue") == 3


@pytest.mark.parametrize(
    "define",
    [
        lambda m: m.counter("offers_total", "x"),
        lambda m: m.counter("yizhan_total", "x"),
        lambda m: m.counter("yizhan_Offers_total", "x"),
        lambda m: m.counter("yizhan_offers-made_total", "x"),
        lambda m: m.counter("yizhan_offers", "x"),
        lambda m: m.gauge("yizhan_offers_total", "x"),
        lambda m: m.gauge("yizhan_offers_count", "x"),
        lambda m: m.histogram("yizhan_offer_ms", "x"),
        lambda m: m.histogram("yizhan_offers_total", "x"),
        lambda m: m.histogram("yizhan_offer_seconds_bucket", "x"),
        lambda m: m.counter("yizhan_offers_total", " "),
        lambda m: m.counter("yizhan_offers_total", "x", ("agent_id",)),
        lambda m: m.counter("yizhan_offers_total", "x", ("customer",)),
        lambda m: m.counter("yizhan_offers_total", "x", ("url",)),
        lambda m: (m.counter("yizhan_a_b_total", "x"), m.counter("yizhan_a_b_total", "x", ("kind",))),
        lambda m: (m.gauge("yizhan_a_bytes", "x"), m.histogram("yizhan_a_bytes", "x")),
    ],
)
def test_a_figure_against_the_rules_is_refused_where_it_is_defined(define: Callable[[Metrics], object]) -> None:
    with pytest.raises(MetricInvalid):
        define(Metrics("routing"))


async def test_what_is_scraped_tells_version_memory_and_processor_time() -> None:
    metrics = Metrics("routing")
    app = web.Application()
    app.add_routes(metrics.routes())
    async with TestClient(TestServer(app)) as client, client.get("/metrics") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert f'service="routing",version="{__version__}"' in text
    assert "process_resident_memory_bytes " in text
    assert "process_cpu_seconds_total " in text
    assert "_created" not in text


async def test_a_loop_that_is_held_up_is_seen() -> None:
    metrics = Metrics("routing")
    times = iter([0.0, 0.01, 1.0, 1.51, 2.0, 2.01])
    held_up = asyncio.Event()

    def monotonic() -> float:
        try:
            return next(times)
        except StopIteration:
            held_up.set()
            return 3.0

    watching = asyncio.create_task(watch_loop(metrics, every=0.01, monotonic=monotonic))
    async with asyncio.timeout(30):
        await held_up.wait()
    watching.cancel()
    assert sample(metrics, "yizhan_event_loop_lag_seconds") == pytest.approx(0.5)
