"""Which sites may embed an account's widget."""

import pytest

from yizhan.channels.screens.origin import allowed


@pytest.mark.parametrize(
    ("origin", "patterns", "answer"),
    [
        ("https://shop.example.com", ["https://shop.example.com"], True),
        ("https://SHOP.example.com", ["https://shop.example.com"], True),
        ("https://shop.example.com", ["https://shop.example.com:443"], True),
        ("http://shop.example.com:80", ["http://shop.example.com"], True),
        ("https://anything.example", ["*"], True),
        ("https://a.example.com", ["https://*.example.com"], True),
        ("https://a.b.example.com", ["https://*.example.com"], True),
        ("https://shop.example.com", [], False),
        ("http://shop.example.com", ["https://shop.example.com"], False),
        ("https://shop.example.com:8443", ["https://shop.example.com"], False),
        ("https://shop.example.com.evil.example", ["https://shop.example.com"], False),
        ("https://evilexample.com", ["https://*.example.com"], False),
        ("https://example.com", ["https://*.example.com"], False),
        ("https://.example.com", ["https://*.example.com"], False),
        ("http://a.example.com", ["https://*.example.com"], False),
        ("null", ["https://shop.example.com"], False),
        ("", ["https://shop.example.com"], False),
        ("garbage", ["https://*.example.com"], False),
    ],
)
def test_an_origin_matches_as_a_whole(origin: str, patterns: list[str], answer: bool) -> None:
    assert allowed(origin, patterns) is answer
