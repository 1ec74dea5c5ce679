"""An issuer's keys are fetched in measure, and kept while it is away."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from tests.simulators.issuer import Issuer, new_key, open_issuer
from yizhan.channels.app import jwks as module
from yizhan.channels.app.jwks import Jwks, KeysUnavailable, issuer_keys
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.http.outbound import BoundedResolver, Reach


@dataclass
class World:
    issuer: Issuer
    jwks: Jwks
    told: Counter[str]
    time: list[float] = field(default_factory=lambda: [1000.0])

    async def kids(self, kid: str = "") -> list[str]:
        return [key.kid for key in await self.jwks.keys(self.issuer.url, kid)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    told: Counter[str] = Counter()
    time = [1000.0]
    async with open_issuer() as issuer, open_client(resolver=BoundedResolver(Reach.LOOPBACK)) as session:
        jwks = Jwks(session, Reach.LOOPBACK, lambda: time[0], lambda outcome: told.update([outcome]))
        yield World(issuer, jwks, told, time)
        await jwks.close()


async def test_keys_are_fetched_once_and_kept(world: World) -> None:
    for _ in range(5):
        assert await world.kids("k1") == ["k1"]
    assert world.issuer.asked == 1


async def test_a_new_key_is_found_when_it_is_first_used(world: World) -> None:
    await world.kids("k1")
    world.issuer.keys.append(new_key("k2"))
    world.time[0] += module.AGAIN_SECONDS
    assert await world.kids("k2") == ["k1", "k2"]


async def test_random_key_ids_do_not_make_us_hammer_the_issuer(world: World) -> None:
    for number in range(200):
        await world.kids(f"random-{number}")
    assert world.issuer.asked == 1
    world.time[0] += module.AGAIN_SECONDS
    for number in range(200):
        await world.kids(f"random-{number}")
    assert world.issuer.asked == 2


async def test_a_key_that_the_issuer_took_away_is_forgotten(world: World) -> None:
    await world.kids()
    world.issuer.keys[:] = [new_key("k2")]
    world.time[0] += module.FRESH_SECONDS + 1
    assert await world.kids("k2") == ["k2"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("away", "status"),
        ("redirects", "status"),
        ("huge", "too_large"),
        ("slow", "timeout"),
        ("nonsense", "not_a_key_set"),
    ],
)
async def test_an_issuer_in_trouble(world: World, monkeypatch: pytest.MonkeyPatch, fault: str, reason: str) -> None:
    monkeypatch.setattr(module, "FETCH_SECONDS", 0.2)
    world.issuer.fault = fault
    with pytest.raises(KeysUnavailable) as error:
        await world.kids("k1")
    assert (error.value.reason, world.told) == (reason, Counter({reason: 1}))
    with pytest.raises(KeysUnavailable):
        await world.kids("k1")
    assert world.issuer.asked == 1  # not at once again
    world.issuer.fault = ""
    world.time[0] += module.AGAIN_SECONDS
    assert await world.kids("k1") == ["k1"]
    world.issuer.fault = fault
    world.time[0] += module.FRESH_SECONDS + 1
    assert await world.kids("k1") == ["k1"]  # kept while the issuer is in trouble again


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://10.0.0.1/keys", "url_private"),
        ("https://169.254.169.254/keys", "url_private"),
        ("https://[::1]/keys", "url_private"),
        ("https://localhost/keys", "url_private"),
        ("http://id.example.com/keys", "url_plain"),
        ("https://user:word@id.example.com/keys", "url_invalid"),
        ("file:///etc/passwd", "url_invalid"),
    ],
)
async def test_addresses_that_are_not_called(url: str, reason: str) -> None:
    async with open_client(resolver=BoundedResolver(Reach.PUBLIC)) as session:
        jwks = Jwks(session, Reach.PUBLIC, lambda: 0.0, lambda _: None)
        with pytest.raises(KeysUnavailable) as error:
            await jwks.keys(url, "")
    assert error.value.reason == reason


def test_what_cannot_check_a_signature_is_passed_over() -> None:
    good = new_key("good").as_dict(private=False)
    secret = {"kty": "oct", "kid": "s", "k": "c2VjcmV0"}
    odd = [secret, {"kty": "future"}, {"kty": "EC", "crv": "?"}, {**good, "use": "enc"}, {**good, "kid": 7}, "x", None]
    raw = b'{"keys": ' + str([*odd, good]).replace("'", '"').replace("None", "null").encode() + b"}"
    assert [key.kid for key in issuer_keys(raw)] == ["good"]
