"""A receipt is believed only as it was signed, and under a secret that the deployment knows."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from yizhan.core.security.keys import Keyring
from yizhan.core.store.personal import About, Done
from yizhan.privacy.receipt import Receipt, ReceiptInvalid, lines_of, signed, untouched, verified

OURS = Keyring(("o" * 40,))
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
DONE = {
    "dialogue": [
        Done("messages", 3, erased=3),
        Done("messages", 1, erased=1),
        Done("tickets", 2, emptied=2, why="times"),
    ],
    "media": [Done("files", 2, why="shared")],
}


def receipt() -> Receipt:
    return Receipt(
        id="r-1",
        workspace="shop",
        customer="hmac-sha256:ab",
        begun_at=NOON,
        finished_at=NOON,
        by="dpo",
        reason="她要求的",
        found=8,
        lines=lines_of(DONE),
        untouched=untouched({"console": {"users": About.OPERATION}}),
    )


def test_passes_are_summed_up_by_table_and_what_is_left_is_kept() -> None:
    lines = [(one.store, one.table, one.found, one.erased, one.emptied, one.kept) for one in lines_of(DONE)]
    assert lines == [
        ("dialogue", "messages", 4, 4, 0, 0),
        ("dialogue", "tickets", 2, 0, 2, 0),
        ("media", "files", 2, 0, 0, 2),
    ]


@pytest.mark.parametrize("now", [OURS, Keyring(("n" * 40, "o" * 40))], ids=["same secret", "secret changed since"])
def test_what_was_signed_holds(now: Keyring) -> None:
    assert verified(signed(receipt(), OURS).as_text(), now) == receipt()


def changed(**fields: Any) -> str:
    """The file after somebody wrote something else into the receipt."""
    whole = json.loads(signed(receipt(), OURS).as_text())
    whole["receipt"] |= fields
    return json.dumps(whole)


def moved() -> str:
    """The signature of another receipt."""
    whole = json.loads(signed(receipt(), OURS).as_text())
    whole["signature"] = json.loads(signed(receipt().model_copy(update={"id": "r-2"}), OURS).as_text())["signature"]
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("text", "keyring", "reason"),
    [
        pytest.param(changed(reason="another"), OURS, "changed", id="another reason"),
        pytest.param(changed(found=9), OURS, "changed", id="another figure"),
        pytest.param(changed(lines=[]), OURS, "changed", id="no lines"),
        pytest.param(moved(), OURS, "changed", id="another receipt's signature"),
        pytest.param(changed(extra=1), OURS, "unreadable", id="a field that there is not"),
        pytest.param(changed(version=2), OURS, "unreadable", id="a later version"),
        pytest.param(signed(receipt(), OURS).as_text(), Keyring(("x" * 40,)), "unknown_key", id="another deployment"),
        pytest.param(signed(receipt(), OURS).as_text()[:-20], OURS, "unreadable", id="cut off"),
        pytest.param("", OURS, "unreadable", id="empty"),
        pytest.param("[]", OURS, "unreadable", id="not a receipt"),
    ],
)
def test_anything_else_does_not(text: str, keyring: Keyring, reason: str) -> None:
    with pytest.raises(ReceiptInvalid) as invalid:
        verified(text, keyring)
    assert invalid.value.reason == reason
