"""A token is believed only when we signed it, for this purpose, unchanged, and not too long ago."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel

from yizhan.core.security.keys import Keyring, WeakKey
from yizhan.core.security.tokens import MAX_TOKEN_CHARS, Signer, TokenInvalid, signers

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
OLD, NEW = "o" * 32, "n" * 40


class Visitor(BaseModel):
    visitor_id: str
    account: str


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signer(clock: Clock) -> Signer:
    return Signer(Keyring((NEW,)), "visitor", clock)


HOUR = timedelta(hours=1)


def reason_of(signer: Signer, token: str) -> str:
    with pytest.raises(TokenInvalid) as refused:
        signer.verify(token)
    return refused.value.reason


def test_a_token_gives_back_what_was_signed(signer: Signer) -> None:
    visitor = Visitor(visitor_id="v:张三", account="shop")
    assert signer.verify_as(signer.sign(visitor, expires_in=HOUR), Visitor) == visitor


def test_a_token_is_plain_enough_for_a_url_and_a_header(signer: Signer) -> None:
    token = signer.sign({"name": "客户?&="}, expires_in=HOUR)
    assert all(char.isascii() and (char.isalnum() or char in "._-") for char in token)


@pytest.mark.parametrize(("passed", "valid"), [(timedelta(minutes=59, seconds=59), True), (HOUR, False)])
def test_a_token_is_worth_nothing_from_its_expiry_on(
    signer: Signer, clock: Clock, passed: timedelta, valid: bool
) -> None:
    token = signer.sign({}, expires_in=HOUR)
    clock.at += passed
    if valid:
        signer.verify(token)
    else:
        assert reason_of(signer, token) == "expired"


def test_a_token_for_one_purpose_is_invalid_for_another(clock: Clock) -> None:
    make = signers(Keyring((NEW,)), clock)
    token = make("media-ticket").sign({"user": "admin"}, expires_in=HOUR)
    assert reason_of(make("session"), token) == "bad_signature"


def test_another_deployments_token_is_not_ours(signer: Signer, clock: Clock) -> None:
    theirs = Signer(Keyring((OLD,)), "visitor", clock).sign({}, expires_in=HOUR)
    assert reason_of(signer, theirs) == "unknown_key"


def test_while_the_key_is_changed_old_tokens_hold_and_new_ones_use_the_new_key(clock: Clock) -> None:
    before = Signer(Keyring((OLD,)), "visitor", clock)
    during = Signer(Keyring((NEW, OLD)), "visitor", clock)
    after = Signer(Keyring((NEW,)), "visitor", clock)
    old, new = before.sign({}, expires_in=HOUR), during.sign({}, expires_in=HOUR)
    assert during.verify(old) == during.verify(new) == after.verify(new) == {}
    assert reason_of(after, old) == "unknown_key"


def test_a_changed_payload_is_noticed(signer: Signer) -> None:
    prefix, key, _, signature = signer.sign({"role": "agent"}, expires_in=HOUR).split(".")
    forged = base64.urlsafe_b64encode(b'{"e":99999999999,"d":{"role":"admin"}}').rstrip(b"=").decode()
    assert reason_of(signer, f"{prefix}.{key}.{forged}.{signature}") == "bad_signature"


def test_a_payload_of_another_shape_is_refused(signer: Signer) -> None:
    with pytest.raises(TokenInvalid) as refused:
        signer.verify_as(signer.sign({"visitor_id": 7}, expires_in=HOUR), Visitor)
    assert refused.value.reason == "payload"


@pytest.mark.parametrize(
    "token", ["", ".", "...", "yz1", "yz1...", "a.b.c.d", "令牌", "\ud800", "yz1.x.y.z\0", "." * 5000]
)
def test_what_is_no_token_is_refused_as_such(signer: Signer, token: str) -> None:
    assert reason_of(signer, token) in {"malformed", "unknown_key"}


def test_a_token_too_long_to_be_accepted_is_not_handed_out(signer: Signer) -> None:
    with pytest.raises(ValueError, match="characters"):
        signer.sign({"x": "y" * MAX_TOKEN_CHARS}, expires_in=HOUR)


@given(st.text())
def test_garbage_never_raises_anything_else(text: str) -> None:
    reason_of(Signer(Keyring((NEW,)), "visitor", Clock()), text)


@given(position=st.integers(min_value=0), replacement=st.characters())
def test_no_single_changed_character_survives(position: int, replacement: str) -> None:
    signer = Signer(Keyring((NEW,)), "visitor", Clock())
    token = signer.sign({"visitor_id": "v:1", "account": "shop"}, expires_in=HOUR)
    place = position % len(token)
    changed = token[:place] + replacement + token[place + 1 :]
    if changed != token:
        reason_of(signer, changed)


@given(st.lists(st.binary(max_size=30), min_size=2, max_size=2))
def test_a_forged_body_with_our_key_id_never_raises_anything_else(parts: list[bytes]) -> None:
    signer = Signer(Keyring((NEW,)), "visitor", Clock())
    key_id = signer.sign({}, expires_in=HOUR).split(".")[1]
    body, signature = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    reason_of(signer, f"yz1.{key_id}.{body}.{signature}")


@pytest.mark.parametrize("text", ["", " , ", "short", f"{NEW},short"])
def test_a_key_that_can_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(WeakKey):
        Keyring.parse(text)


def test_printing_the_keys_does_not_show_them() -> None:
    keyring = Keyring.parse(f"{NEW}, {OLD}")
    assert NEW not in repr(keyring)
    assert all(str(key.key) not in repr(key) for key in keyring.derived("x"))


def test_services_accept_each_others_token_while_the_key_is_changed() -> None:
    assert Keyring((OLD,)).internal_tokens[0] in Keyring((NEW, OLD)).internal_tokens
    assert Keyring((NEW, OLD)).internal_tokens[0] in Keyring((OLD, NEW)).internal_tokens
