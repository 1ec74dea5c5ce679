"""``docs/bus.md`` and the code name the same things."""

import re
from pathlib import Path

from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.intake import SPENT, UNDECODABLE
from yizhan.core.bus.rabbitmq.declare import EXCHANGE_TYPES
from yizhan.core.bus.topology import CHANNELS, CONSOLE_LIVE, DELIVERY_LIMIT, EVENT_KEYS, Exchange, queues
from yizhan.core.runtime.metrics import Metrics

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "bus.md").read_text("utf-8")
CODE = re.compile(r"`([^`]+)`")


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, cells as written."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_exchange_is_described_with_its_type() -> None:
    described = {row[0].strip("`"): row[1] for row in table("Exchanges")}
    assert described == {exchange.value: EXCHANGE_TYPES[exchange] for exchange in Exchange}


def test_every_queue_is_described_with_its_exchange_and_keys() -> None:
    described: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, exchange, keys, producer, consumer in table("Queues"):
        described[name.strip("`")] = (exchange.strip("`"), tuple(CODE.findall(keys)))
        assert producer
        assert consumer
    wanted: dict[str, tuple[str, tuple[str, ...]]] = {}
    for queue in queues(2):
        name = re.sub(r"\.\d$", ".{p}", queue.name)
        wanted[name] = (queue.exchange.value, tuple(re.sub(r"(^|\.)\d$", r"\1{p}", key) for key in queue.keys))
    assert described == wanted


def test_every_channel_and_the_console_have_a_live_key() -> None:
    assert f"`{CONSOLE_LIVE}`" in PAGE
    for channel in CHANNELS:
        assert f"outbound.{channel}" in PAGE


def test_every_event_key_is_described() -> None:
    assert {row[0].strip("`"): row[1].strip("`") for row in table("Event keys")} == EVENT_KEYS


def test_every_reason_for_parking_is_described() -> None:
    reasons = " ".join(row[0] for row in table("Dead letters"))
    assert f"`{UNDECODABLE}`" in reasons
    assert f"`{SPENT}`" in reasons
    assert f"handed out {DELIVERY_LIMIT} times" in PAGE


def test_every_figure_is_described() -> None:
    metrics = Metrics("test")
    before = {family.name for family in metrics.registry.collect()}
    BusFigures(metrics)
    made = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in metrics.registry.collect()
        if family.name not in before
    }
    assert made == {name for name in CODE.findall(PAGE) if name.startswith("yizhan_bus_")}
