"""A change that an older process would misread is found before it is released."""

import subprocess
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protos.compatible import base_reference, breaks, compile_protos, descriptors_at

BASE = """
syntax = "proto3";
package shop.v1;
message Order {
  string number = 1;
  int64 cents = 2;
  repeated string lines = 3;
  oneof way { string post = 4; string shop = 5; }
  message Part { string name = 1; }
  enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; }
}
enum State { STATE_UNSPECIFIED = 0; STATE_PAID = 1; STATE_SENT = 2; }
service Shop { rpc Buy(Order) returns (Order); rpc Watch(Order) returns (stream Order); }
"""


def descriptors(folder: Path, text: str) -> FileDescriptorSet:
    path = folder / "shop" / "v1" / "shop.proto"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return compile_protos(folder)


@pytest.mark.parametrize(
    ("before", "after", "finding"),
    [
        pytest.param("  int64 cents = 2;\n", "", "shop.v1.Order.cents: removed", id="field removed"),
        pytest.param(
            "  int64 cents = 2;\n",
            "  reserved 2;\n",
            "shop.v1.Order.cents: removed",
            id="field removed, name not reserved",
        ),
        pytest.param("cents = 2", "cents = 9", "shop.v1.Order.cents: number 2 became 9", id="field renumbered"),
        pytest.param("int64 cents", "int32 cents", "shop.v1.Order.cents: int64 became int32", id="field retyped"),
        pytest.param("int64 cents", "Part cents", "cents: int64 became .shop.v1.Order.Part", id="field made a message"),
        pytest.param("int64 cents", "int64 price", "shop.v1.Order.cents: number 2 now means price", id="field renamed"),
        pytest.param("int64 cents", "repeated int64 cents", "cents: int64 became repeated int64", id="field repeated"),
        pytest.param(
            "repeated string lines", "string lines", "lines: repeated string became string", id="field single"
        ),
        pytest.param("string post = 4; ", "", "shop.v1.Order.post: removed", id="choice removed"),
        pytest.param(
            "oneof way { string post = 4; string shop = 5; }",
            "string post = 4; oneof way { string shop = 5; }",
            "post: string in oneof way became string",
            id="field taken out of a choice",
        ),
        pytest.param("  message Part { string name = 1; }\n", "", "shop.v1.Order.Part: message removed", id="message"),
        pytest.param("{ string name = 1; }", "{ string name = 2; }", "Order.Part.name: number 1 became 2", id="nested"),
        pytest.param(" STATE_SENT = 2;", "", "shop.v1.State.STATE_SENT: removed", id="enum value removed"),
        pytest.param("STATE_SENT = 2", "STATE_SENT = 3", "STATE_SENT: number 2 became 3", id="enum value renumbered"),
        pytest.param("COLOUR_RED = 1", "COLOUR_RED = 2", "COLOUR_RED: number 1 became 2", id="nested enum renumbered"),
        pytest.param("rpc Buy(Order) returns (Order);", "", "shop.v1.Shop.Buy: method removed", id="method removed"),
        pytest.param(
            "(stream Order)", "(Order)", "Watch: server_streaming True became False", id="method not streaming"
        ),
        pytest.param("package shop.v1;", "package shop.v2;", "shop.v1.Shop: service removed", id="package renamed"),
    ],
)
def test_a_breaking_change_is_found(tmp_path: Path, before: str, after: str, finding: str) -> None:
    assert before in BASE
    old = descriptors(tmp_path / "old", BASE)
    new = descriptors(tmp_path / "new", BASE.replace(before, after))
    assert any(finding in line for line in breaks(old, new)), breaks(old, new)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("int64 cents = 2;", "int64 cents = 2; string note = 6;", id="field added"),
        pytest.param("  int64 cents = 2;\n", '  reserved 2; reserved "cents";\n', id="field removed and reserved"),
        pytest.param(" STATE_SENT = 2;", ' reserved 2; reserved "STATE_SENT";', id="enum value removed and reserved"),
        pytest.param("STATE_SENT = 2;", "STATE_SENT = 2; STATE_LOST = 3;", id="enum value added"),
        pytest.param("service Shop {", "service Shop { rpc Sell(Order) returns (Order);", id="method added"),
        pytest.param("message Order {", "message Gift {}\nmessage Order {", id="message added"),
    ],
)
def test_a_compatible_change_passes(tmp_path: Path, before: str, after: str) -> None:
    assert before in BASE
    old = descriptors(tmp_path / "old", BASE)
    new = descriptors(tmp_path / "new", BASE.replace(before, after))
    assert breaks(old, new) == []


def git(repository: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=repository, check=True, capture_output=True)


def test_the_base_is_the_newest_release_then_main_then_nothing(tmp_path: Path) -> None:
    git(tmp_path, "init", "--initial-branch", "work")
    assert base_reference(tmp_path) is None

    descriptors(tmp_path / "protos", BASE)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "First")
    assert base_reference(tmp_path) is None

    git(tmp_path, "branch", "main")
    assert base_reference(tmp_path) == "main"

    git(tmp_path, "tag", "v1.0.0")
    changed = descriptors(tmp_path / "protos", BASE.replace("cents = 2", "cents = 9"))
    git(tmp_path, "commit", "--all", "--message", "Second")
    assert base_reference(tmp_path) == "v1.0.0"
    assert breaks(descriptors_at(tmp_path, "v1.0.0"), changed) == ["shop.v1.Order.cents: number 2 became 9"]
    assert breaks(descriptors_at(tmp_path, "work"), changed) == []
