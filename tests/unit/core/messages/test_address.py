"""The partition of a conversation: fixed vectors, so that no change and no other language places one elsewhere."""

from collections import Counter

import pytest

from yizhan.core.messages.address import Address, partition

VECTORS = [
    (Address("default", "website", "demo", "v:1"), "7:default7:website4:demo3:v:10:", 0, 0),
    (Address("default", "website", "demo", "v:2"), "7:default7:website4:demo3:v:20:", 4, 20),
    (Address("shop", "wechat", "gh_1", "openid-äö", "t"), "4:shop6:wechat4:gh_19:openid-äö1:t", 1, 33),
    (Address("a", "b", "c", "d"), "1:a1:b1:c1:d0:", 5, 5),
    (Address("山居", "website", "主站", "用户:1"), "2:山居7:website2:主站4:用户:10:", 2, 34),
]


@pytest.mark.parametrize(("address", "key", "of_16", "of_64"), VECTORS)
def test_fixed_vectors(address: Address, key: str, of_16: int, of_64: int) -> None:
    assert address.key() == key
    assert (partition(address, 16), partition(address, 64)) == (of_16, of_64)


def test_no_two_addresses_share_a_key() -> None:
    assert Address("a", "b", "c", "d1:x", "").key() != Address("a", "b", "c", "d", "1:x").key()


def test_customers_spread_evenly() -> None:
    counts = Counter(partition(Address("w", "website", "demo", f"v:{number}"), 16) for number in range(16_000))
    assert len(counts) == 16
    assert max(counts.values()) < 1.15 * min(counts.values())
