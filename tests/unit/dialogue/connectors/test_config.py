"""``connectors.yaml``: every mistake is told in its place, no secret is in it, and none is shown."""

from pathlib import Path

import pytest

from yizhan.dialogue.connectors.config import ConnectorsInvalid, read_connectors

GOOD = """
workspaces:
  default:
    - serves: [orders, after_sales]
      http: {url: "https://erp.example.com/yizhan", secret_variable: SHOP_ERP_KEY, timeout_seconds: 3}
    - serves: [appointments]
      grpc: {address: "visits.example.com:443", keeps_keys: false}
"""

WRONG = [
    ("not YAML", "workspaces: [", "is not YAML"),
    ("something else", "- a\n- b\n", "valid dictionary"),
    ("nothing at all", "", "valid dictionary"),
    ("a misspelt name", "workspaces: {a: [{serves: [x], https: {url: 'https://e.example'}}]}", "a.0.https: Extra"),
    ("no system", "workspaces: {a: [{serves: [x]}]}", "exactly one of http and grpc"),
    (
        "two systems in one",
        "workspaces: {a: [{serves: [x], http: {url: 'https://e.example'}, grpc: {address: 'e.example:1'}}]}",
        "exactly one of http and grpc",
    ),
    ("a name that is served twice", GOOD.replace("[appointments]", "[orders]"), "orders is served twice"),
    ("plain HTTP to another machine", "workspaces: {a: [{serves: [x], http: {url: 'http://e.example'}}]}", "https"),
    (
        "plain gRPC to another machine",
        "workspaces: {a: [{serves: [x], grpc: {address: 'e.example:1', tls: false}}]}",
        "must use tls",
    ),
    (
        "a secret in the address",
        "workspaces: {a: [{serves: [x], http: {url: 'https://me:hush@e.example'}}]}",
        "without user, query or fragment",
    ),
    (
        "a secret in the clear",
        "workspaces: {a: [{serves: [x], http: {url: 'https://e.example', secret: hush}}]}",
        "Extra",
    ),
    (
        "a time limit of an hour",
        "workspaces: {a: [{serves: [x], http: {url: 'https://e.example', timeout_seconds: 3600}}]}",
        "less than or equal to 60",
    ),
]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOP_ERP_KEY", "hush")
    return tmp_path / "connectors.yaml"


def test_systems_are_declared_by_workspace(path: Path) -> None:
    path.write_text(GOOD, "utf-8")
    orders, visits = read_connectors(path, required=True).workspaces["default"]
    assert orders.serves == ("orders", "after_sales")
    assert orders.http is not None
    assert (orders.http.timeout_seconds, orders.http.keeps_keys) == (3.0, True)
    assert visits.grpc is not None
    assert (visits.grpc.tls, visits.grpc.keeps_keys) == (True, False)


@pytest.mark.parametrize(("text", "told"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_told_in_its_place_without_its_value(path: Path, text: str, told: str) -> None:
    path.write_text(text, "utf-8")
    with pytest.raises(ConnectorsInvalid) as caught:
        read_connectors(path, required=False)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_secret_that_is_not_set_keeps_the_service_from_starting(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(GOOD, "utf-8")
    monkeypatch.delenv("SHOP_ERP_KEY")
    with pytest.raises(ConnectorsInvalid, match="SHOP_ERP_KEY"):
        read_connectors(path, required=False)


def test_without_a_file_there_are_none_unless_one_was_named(path: Path) -> None:
    assert read_connectors(path, required=False).workspaces == {}
    with pytest.raises(ConnectorsInvalid, match="cannot be read"):
        read_connectors(path, required=True)
