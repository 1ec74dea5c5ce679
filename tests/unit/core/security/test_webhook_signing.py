"""Webhooks are signed as every library of the recipe expects, and what others sign is believed only where it should be."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from yizhan.core.security.webhook_signing import (
    SignatureRefused,
    is_webhook_secret,
    new_webhook_secret,
    signed_headers,
    verify,
)

# The example of the recipe's own reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def test_the_recipes_own_example() -> None:
    expected = {"webhook-id": ID, "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE}
    assert signed_headers([SECRET], ID, AT, BODY) == expected
    assert verify([SECRET], expected, BODY, AT) == ID


def test_while_the_secret_changes_either_is_enough() -> None:
    headers = signed_headers([OTHER, SECRET], ID, AT, BODY)
    assert headers["webhook-signature"].count("v1,") == 2
    assert [verify([secret], headers, BODY, AT) for secret in (SECRET, OTHER)] == [ID, ID]
    assert verify([OTHER, SECRET], signed_headers([SECRET], ID, AT, BODY), BODY, AT) == ID


@pytest.mark.parametrize(
    ("changed", "body", "now", "code"),
    [
        pytest.param({"webhook-signature": ""}, BODY, AT, "signature_missing", id="not signed"),
        pytest.param({"webhook-id": ""}, BODY, AT, "signature_missing", id="no id"),
        pytest.param({}, BODY + b" ", AT, "signature_wrong", id="another body"),
        pytest.param({"webhook-id": "msg_other"}, BODY, AT, "signature_wrong", id="another id"),
        pytest.param({"webhook-timestamp": "1614265331"}, BODY, AT, "signature_wrong", id="another time"),
        pytest.param(
            {"webhook-signature": SIGNATURE.removeprefix("v1,")}, BODY, AT, "signature_wrong", id="no version"
        ),
        pytest.param({"webhook-signature": "v2," + SIGNATURE[3:]}, BODY, AT, "signature_wrong", id="another version"),
        pytest.param({"webhook-signature": "v1,签名"}, BODY, AT, "signature_wrong", id="no base64"),
        pytest.param({"webhook-id": "msg_\udcff"}, BODY, AT, "signature_wrong", id="bytes that are no text"),
        pytest.param(
            {"webhook-signature": " ".join([*["v1,eA=="] * 8, SIGNATURE])}, BODY, AT, "signature_wrong", id="a flood"
        ),
        pytest.param({"webhook-timestamp": "soon"}, BODY, AT, "timestamp_wrong", id="a time in words"),
        pytest.param({"webhook-timestamp": "-1"}, BODY, AT, "timestamp_wrong", id="a negative time"),
        pytest.param({"webhook-timestamp": "²"}, BODY, AT, "timestamp_wrong", id="a digit that is none"),
        pytest.param({"webhook-timestamp": "9" * 12}, BODY, AT, "timestamp_wrong", id="a time beyond all calendars"),
        pytest.param({"webhook-timestamp": "9" * 5_000}, BODY, AT, "timestamp_wrong", id="an endless time"),
        pytest.param({}, BODY, AT + timedelta(seconds=301), "timestamp_old", id="signed too long ago"),
        pytest.param({}, BODY, AT - timedelta(seconds=301), "timestamp_ahead", id="signed in the future"),
    ],
)
def test_what_is_not_believed(changed: Mapping[str, str], body: bytes, now: datetime, code: str) -> None:
    headers = {**signed_headers([SECRET], ID, AT, BODY), **changed}
    with pytest.raises(SignatureRefused) as refused:
        verify([SECRET], headers, body, now)
    assert refused.value.code == code


@pytest.mark.parametrize("drift", [timedelta(minutes=5), timedelta(minutes=-5)])
def test_clocks_may_differ_by_five_minutes(drift: timedelta) -> None:
    assert verify([SECRET], signed_headers([SECRET], ID, AT, BODY), BODY, AT + drift) == ID


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(SignatureRefused):
        verify([], signed_headers([SECRET], ID, AT, BODY), BODY, AT)


@pytest.mark.parametrize(
    ("text", "good"),
    [(SECRET, True), (new_webhook_secret(), True), ("whsec_!", False), ("whsec_eA==", False), (SECRET[6:], False)],
)
def test_what_a_secret_looks_like(text: str, good: bool) -> None:
    assert is_webhook_secret(text) is good
