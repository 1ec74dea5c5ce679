"""A link to a file opens that file, under that name, for a day."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, strategies as st

from yizhan.core.security.keys import Keyring
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.tokens import TokenInvalid

START = datetime(2026, 11, 22, 8, 20, tzinfo=UTC)
KEYS = Keyring(("k" * 32,))


def at(moment: datetime, keys: Keyring = KEYS, base: str = "") -> MediaUrls:
    return MediaUrls(keys, lambda: moment, base)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@pytest.mark.parametrize("name", ["", "发票.pdf", "a b&c=d?.png", '"quoted".txt'])
def test_the_link_opens_the_file_under_its_name(name: str) -> None:
    url = at(START).url("ab12", name)
    assert urlsplit(url).path == "/media/ab12"
    assert at(START + timedelta(hours=24)).verify("ab12", query_of(url)) == name


def test_the_link_is_dead_after_its_time() -> None:
    query = query_of(at(START).url("ab12"))
    with pytest.raises(TokenInvalid, match="expired"):
        at(START + timedelta(hours=25)).verify("ab12", query)


def test_within_the_hour_the_link_is_the_same_so_that_a_browser_need_not_load_again() -> None:
    assert at(START).url("ab12", "x.png") == at(START + timedelta(minutes=39)).url("ab12", "x.png")


def test_the_link_can_name_the_site() -> None:
    assert (
        at(START, base="https://service.example.com/").url("ab12").startswith("https://service.example.com/media/ab12?")
    )


@pytest.mark.parametrize(
    ("media_id", "change"),
    [
        ("other", {}),
        ("ab12", {"name": "evil.html"}),
        ("ab12", {"name": ""}),
        ("ab12", {"exp": "9999999999"}),
        ("ab12", {"sig": "x"}),
        ("ab12", {"sig": ""}),
        ("ab12", {"sig": "签名"}),
        ("ab12", {"exp": "later"}),
        ("ab12", {"exp": "٣"}),
        ("ab12", {"exp": "9" * 5000}),
        ("ab12", {"name": "\ud800"}),
    ],
)
def test_a_changed_link_opens_nothing(media_id: str, change: dict[str, str]) -> None:
    query = query_of(at(START).url("ab12", "x.png")) | change
    with pytest.raises(TokenInvalid):
        at(START).verify(media_id, query)


def test_links_hold_while_the_key_is_changed() -> None:
    query = query_of(at(START).url("ab12"))
    assert at(START, Keyring(("n" * 32, "k" * 32))).verify("ab12", query) == ""
    with pytest.raises(TokenInvalid):
        at(START, Keyring(("n" * 32,))).verify("ab12", query)


@given(st.text(), st.dictionaries(st.sampled_from(["name", "exp", "sig"]), st.text()))
def test_garbage_never_raises_anything_else(media_id: str, query: dict[str, str]) -> None:
    with pytest.raises(TokenInvalid):
        at(START).verify(media_id, query)
