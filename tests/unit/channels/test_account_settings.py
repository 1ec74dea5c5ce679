"""Secrets in settings: found by type wherever they are, sealed, opened, hidden; settings laid over others."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, RootModel, SecretStr

from yizhan.channels.account_settings import (
    HIDDEN,
    account_sealer,
    hidden,
    laid_over,
    revealed,
    sealed,
    secret_paths,
    takes_text,
)
from yizhan.core.security.keys import Keyring

SEALER = account_sealer(Keyring(("k" * 32,)))
Alias = Annotated[SecretStr, Field(min_length=1)]


class _Inner(BaseModel):
    password: Alias
    note: str = ""


class _First(BaseModel):
    kind: Literal["first"]
    secret: SecretStr
    number: int = 0
    maybe: SecretStr | None = None
    inner: _Inner | None = None
    several: list[_Inner] = []
    keys: tuple[SecretStr, ...] = ()
    by_name: dict[str, SecretStr] = {}
    renamed: SecretStr = Field(SecretStr(""), alias="other-name")


class _Second(BaseModel):
    kind: Literal["second"]
    secret: str = ""
    token: SecretStr


class _Either(RootModel[Annotated[_First | _Second, Field(discriminator="kind")]]):
    pass


CASES: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("at the top", {"kind": "first", "secret": "s"}, ("secret",)),
    ("of the other kind", {"kind": "second", "token": "t"}, ("token",)),
    (
        "a secret of one kind only is hidden in both",
        {"kind": "second", "token": "t", "secret": "s"},
        ("secret", "token"),
    ),
    ("optional", {"kind": "first", "secret": "s", "maybe": "m"}, ("secret", "maybe")),
    ("not there", {"kind": "first", "secret": "s", "maybe": None}, ("secret",)),
    ("inside", {"kind": "first", "secret": "s", "inner": {"password": "p", "note": "n"}}, ("secret", "inner.password")),
    ("in a list", {"kind": "first", "secret": "s", "several": [{"password": "p"}]}, ("secret", "several.0.password")),
    ("many", {"kind": "first", "secret": "s", "keys": ["one", "two"]}, ("secret", "keys.0", "keys.1")),
    ("by name", {"kind": "first", "secret": "s", "by_name": {"a": "one"}}, ("secret", "by_name.a")),
    ("under another name", {"kind": "first", "secret": "s", "other-name": "o"}, ("secret", "other-name")),
]


@pytest.mark.parametrize(("settings", "paths"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_secret_is_found_sealed_opened_and_hidden(settings: dict[str, Any], paths: tuple[str, ...]) -> None:
    assert set(secret_paths(_Either, settings)) == set(paths)
    kept = sealed(_Either, settings, SEALER)
    assert str(kept).count("'sealed': ") == len(paths)
    assert revealed(_Either, kept, SEALER).settings == settings
    assert sealed(_Either, kept, SEALER) == kept, "what is sealed under the current key is left"
    for shown in (hidden(_Either, settings), hidden(_Either, kept)):
        assert str(shown).count(HIDDEN) == len(paths)
        assert "sealed" not in str(shown)


def test_an_empty_secret_is_shown_as_empty() -> None:
    assert hidden(_Either, sealed(_Either, {"kind": "first", "secret": ""}, SEALER))["secret"] == ""


@pytest.mark.parametrize(
    "kept",
    [{"sealed": "AAAA"}, {"sealed": "not base64!"}, {"sealed": 7}, {"sealed": "AAAA", "more": 1}, {}, {"other": "x"}],
    ids=str,
)
def test_what_nobody_sealed_is_unreadable_and_stays_as_it_is(kept: dict[str, Any]) -> None:
    settings = {"kind": "second", "token": kept}
    assert revealed(_Either, settings, SEALER).unreadable == ("token",)
    assert sealed(_Either, settings, SEALER) == settings


def test_settings_of_no_sensible_form_are_left_to_the_model() -> None:
    settings = {"kind": "first", "secret": 7, "inner": "text", "several": 3, "keys": {"a": "b"}, "by_name": ["x"]}
    assert revealed(_Either, sealed(_Either, settings, SEALER), SEALER).settings == settings


@pytest.mark.parametrize(
    ("present", "given", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({}, {"a": None}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a.b": 3}, {"a": {"b": 3, "c": 2}}),
        ({"a": {"b": 1, "c": 2}}, {"a.b": None}, {"a": {"c": 2}}),
        ({}, {"a.b.c": 1}, {"a": {"b": {"c": 1}}}),
        ({"a": "text"}, {"a.b": 1}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"c": 2}}),
        ({}, {"a": {"kind": "x"}, "a.b": 1}, {"a": {"kind": "x", "b": 1}}),
    ],
)
def test_settings_are_laid_over_others(present: dict[str, Any], given: dict[str, Any], result: dict[str, Any]) -> None:
    before = str(present)
    assert laid_over(present, given) == result
    assert str(present) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *((name, True) for name in ("secret", "kind", "token", "maybe", "inner.note")),
        *((name, False) for name in ("number", "inner", "keys", "unknown", "inner.unknown")),
    ],
)
def test_what_takes_text_is_known(name: str, text: bool) -> None:
    assert takes_text(_Either, name) is text
