"""What ``docs/connectors.md`` shows a business is what the connectors take."""

import re
from pathlib import Path

import pytest

from yizhan.demo.orders.http_face import PREFIX
from yizhan.dialogue.connectors import http_wire as wire
from yizhan.dialogue.connectors.config import read_connectors
from yizhan.dialogue.tasks.shipped import shipped_documents

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs" / "connectors.md").read_text("utf-8")


def shown(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_declarations_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ERP_KEY", "VISITS_KEY", "DEMO_ORDERS_SECRET"):
        monkeypatch.setenv(name, "x")
    first, demo = shown("yaml")
    path = tmp_path / "connectors.yaml"
    path.write_text(first, "utf-8")
    erp, visits = read_connectors(path, required=True).workspaces["default"]
    assert erp.http is not None
    assert (erp.http.header, erp.http.prefix, erp.http.most_kib, erp.http.keeps_keys) == (
        "Authorization",
        "Bearer ",
        192,
        True,
    )
    assert visits.grpc is not None
    assert visits.grpc.tls
    path.write_text(demo, "utf-8")
    [shop] = read_connectors(path, required=True).workspaces["default"]
    assert shop.http is not None
    assert shop.http.url.endswith(PREFIX)


def test_the_example_to_copy_is_taken_and_serves_what_the_shipped_tasks_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ERP_KEY", "VISITS_KEY"):
        monkeypatch.setenv(name, "x")
    orders, visits = read_connectors(ROOT / "deploy" / "connectors.yaml", required=True).workspaces["default"]
    asked = {name for _, text in shipped_documents() for name in re.findall(r"connector: (\w+)", text)}
    assert asked
    assert asked - {*orders.serves, *visits.serves} == set()
    assert visits.limits.ca_file is not None


def test_the_order_is_read() -> None:
    [example] = shown("json")
    order = wire.ORDER.validate_json(example)
    assert order.card.goods[0].title == "橡木餐椅"
    assert order.parcels[0].steps[0].at.tzinfo is not None
    assert order.after_sales.days == 7


@pytest.mark.parametrize(
    "path", [wire.GET_ORDER, wire.FIND_ORDERS, wire.CREATE_AFTER_SALES, wire.LIST_SLOTS, wire.BOOK, wire.CANCEL]
)
def test_every_call_is_described(path: str) -> None:
    assert f"| `{path}` |" in PAGE
