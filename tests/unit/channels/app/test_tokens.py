"""A token is believed only as far as its account pins it down."""

import base64
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from pydantic import ValidationError

from tests.simulators.issuer import AUDIENCE, ISSUER, Issuer, new_key, signed
from yizhan.channels.app.jwks import IssuerKey
from yizhan.channels.app.settings import AppAccountSettings
from yizhan.channels.app.tokens import TokenRejected, user_of

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET = "a shared secret of enough characters"
K1, K2, STRANGER = new_key("k1"), new_key("k2"), new_key("k1")
RSA = RSAKey.generate_key(2048, {"kid": "r1"})
OKP = OKPKey.generate_key("Ed25519", {"kid": "o1"})
BUSINESS = Issuer(clock=lambda: NOW, keys=[K1])


class Shelf:
    """Keys as the issuer gives them."""

    def __init__(self, *keys: ECKey | RSAKey | OKPKey, algorithm: str = "") -> None:
        self.given = [IssuerKey(str(key.kid), key, algorithm) for key in keys]
        self.asked: list[str] = []

    async def keys(self, url: str, kid: str) -> Sequence[IssuerKey]:
        self.asked.append(kid)
        return self.given


def account(**others: Any) -> AppAccountSettings:
    known = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ["ES256"], "jwks_url": "https://id.example.com/keys"}
    return AppAccountSettings.model_validate(known | others)


def pem(key: ECKey | RSAKey | OKPKey) -> str:
    return key.as_pem(private=False).decode()


def told(**others: Any) -> dict[str, Any]:
    return BUSINESS.claims("user-1", **others)


def by(key: Any, algorithm: str = "ES256", claims: dict[str, Any] | None = None, **header: Any) -> str:
    return signed(key, algorithm, told() if claims is None else claims, **header)


def raw(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand, as no library would."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def confused(**header: Any) -> str:
    """Signed with the public key as a secret, which our library refuses to do."""
    unsigned = raw({"alg": "HS256", **header}, told()).rpartition(".")[0]
    signature = hmac.digest(pem(RSA).encode(), unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def own(*keys: tuple[str, str, str]) -> AppAccountSettings:
    """An account with static keys only: algorithm, key, key id."""
    listed = [{"algorithm": algorithm, "key": key, "kid": kid} for algorithm, key, kid in keys]
    return account(jwks_url="", keys=listed, algorithms=sorted({algorithm for algorithm, _, _ in keys}))


HS = own(("HS256", SECRET, ""))

TAKEN = [
    pytest.param(by(K1, kid="k1"), account(), id="the issuer's key, by its id"),
    pytest.param(by(K1), account(), id="without a key id, the one that fits"),
    pytest.param(by(RSA, "RS256", kid="r1"), account(algorithms=["RS256"]), id="RSA"),
    pytest.param(by(OKP, "Ed25519", kid="o1"), account(algorithms=["Ed25519"]), id="Ed25519"),
    pytest.param(by(OKP, "EdDSA", kid="o1"), account(algorithms=["EdDSA"]), id="Ed25519 by its older name"),
    pytest.param(by(OctKey.import_key(SECRET), "HS256"), HS, id="a secret of ours"),
    pytest.param(by(K1, kid="a"), own(("ES256", pem(K1), "a"), ("ES256", pem(K2), "b")), id="rotation: the old key"),
    pytest.param(by(K2, kid="b"), own(("ES256", pem(K1), "a"), ("ES256", pem(K2), "b")), id="rotation: the new key"),
    pytest.param(by(K2), own(("ES256", pem(K1), ""), ("ES256", pem(K2), "")), id="rotation without key ids"),
    pytest.param(by(K1, claims=told(aud=["other", AUDIENCE])), account(), id="several audiences, us among them"),
    pytest.param(by(K1, claims=told(exp=int(NOW.timestamp()) - 59)), account(), id="ended within the leeway"),
    pytest.param(by(K1, claims=told(nbf=int(NOW.timestamp()) + 59)), account(), id="begins within the leeway"),
    pytest.param(by(K1, claims=told(exp=int((NOW + DAY).timestamp()))), account(), id="ends in exactly a day"),
]


@pytest.mark.parametrize(("token", "settings"), TAKEN)
async def test_a_token_as_it_should_be(token: str, settings: AppAccountSettings) -> None:
    user = await user_of(token, settings, Shelf(K1, RSA, OKP), lambda: NOW)
    assert user.id == "user-1"
    assert user.until > NOW


ES = account()
CONFUSED = account(algorithms=["RS256", "HS256"], keys=[{"algorithm": "HS256", "key": SECRET}])
END = int(NOW.timestamp())

REFUSED = [
    pytest.param(raw({"alg": "none"}, told()), ES, "algorithm", id="no signature"),
    pytest.param(raw({"alg": "None"}, told()), ES, "algorithm", id="no signature, another spelling"),
    pytest.param(by(RSA, "RS256"), ES, "algorithm", id="an algorithm that the account does not allow"),
    pytest.param(confused(), account(algorithms=["RS256"]), "algorithm", id="HS256 signed with the public key"),
    pytest.param(confused(), CONFUSED, "bad_signature", id="the same where HS256 is allowed with a secret"),
    pytest.param(confused(kid="r1"), CONFUSED, "bad_signature", id="the same by the public key's id"),
    pytest.param(by(STRANGER, kid="k1"), ES, "bad_signature", id="a stranger's key under a known id"),
    pytest.param(by(K2, kid="k2"), ES, "unknown_key", id="a key id that the issuer does not show"),
    pytest.param(by(K1, kid="k9"), own(("ES256", pem(K1), "k1")), "unknown_key", id="a key that was taken away"),
    pytest.param(by(K1, claims=told(aud="other")), ES, "claims", id="wrong audience"),
    pytest.param(by(K1, claims=told(aud=None)), ES, "claims", id="no audience"),
    pytest.param(by(K1, claims=told(iss="https://evil.example.com")), ES, "claims", id="wrong issuer"),
    pytest.param(by(K1, claims=told(iss=None)), ES, "claims", id="no issuer"),
    pytest.param(by(K1, claims=told(exp=END - 61)), ES, "expired", id="expired"),
    pytest.param(by(K1, claims=told(exp=None)), ES, "claims", id="no end"),
    pytest.param(by(K1, claims=told(exp="tomorrow")), ES, "claims", id="an end that is no number"),
    pytest.param(by(K1, claims=told(exp=True)), ES, "claims", id="an end that is a boolean"),
    pytest.param(by(K1, claims=told(exp=float("inf"))), ES, "claims", id="an end that never comes"),
    pytest.param(by(K1, claims=told(exp=float("nan"))), ES, "claims", id="an end that is no time"),
    pytest.param(by(K1, claims=told(exp=END + 86_400 + 61)), ES, "too_long", id="an end more than a day ahead"),
    pytest.param(by(K1, claims=told(exp=10**30)), ES, "too_long", id="an end beyond all calendars"),
    pytest.param(by(K1, claims=told(nbf=END + 61)), ES, "claims", id="not yet valid"),
    pytest.param(by(K1, claims=told(iat=END + 61)), ES, "claims", id="issued in the future"),
    pytest.param(by(K1, claims=told(sub=None)), ES, "claims", id="no subject"),
    pytest.param(by(K1, claims=told(sub="")), ES, "claims", id="an empty subject"),
    pytest.param(by(K1, claims=told(sub="a\nb")), ES, "user_id", id="a subject of two lines"),
    pytest.param(by(K1, claims=told(sub="x" * 129)), ES, "user_id", id="a subject that is too long"),
    pytest.param(by(K1)[:-4] + "AAAA", ES, "bad_signature", id="a signature that was changed"),
    pytest.param(raw({"alg": "ES256", "crit": ["x"], "x": 1}, told()), ES, "bad_signature", id="a critical header nobody knows"),
    pytest.param("", ES, "malformed", id="nothing"),
    pytest.param("a.b", ES, "malformed", id="no token"),
    pytest.param("\u00e9.b.c", ES, "malformed", id="not ASCII"),
    pytest.param(raw({"alg": ["ES256"]}, told()), ES, "malformed", id="an algorithm that is a list"),
    pytest.param(raw({"alg": "ES256", "kid": 7}, told()), ES, "malformed", id="a key id that is a number"),
    pytest.param("x" * 8193 + ".a.b", ES, "malformed", id="endless"),
]  # fmt: skip


@pytest.mark.parametrize(("token", "settings", "reason"), REFUSED)
async def test_a_token_that_proves_nothing(token: str, settings: AppAccountSettings, reason: str) -> None:
    shelf = Shelf(RSA) if settings is CONFUSED else Shelf(K1)
    with pytest.raises(TokenRejected) as rejected:
        await user_of(token, settings, shelf, lambda: NOW)
    assert rejected.value.reason == reason


async def test_a_key_is_only_used_with_the_algorithm_that_the_issuer_says() -> None:
    with pytest.raises(TokenRejected):
        await user_of(by(K1), account(), Shelf(K1, algorithm="ES384"), lambda: NOW)


async def test_a_forged_algorithm_does_not_even_ask_the_issuer() -> None:
    shelf = Shelf(K1)
    with pytest.raises(TokenRejected):
        await user_of(raw({"alg": "none", "kid": "x"}, told()), account(), shelf, lambda: NOW)
    assert shelf.asked == []


async def test_name_and_locale_are_taken_where_they_are_usable() -> None:
    user = await user_of(by(K1, claims=told(name=" Li \n Lei ", locale="zh-CN")), account(), Shelf(K1), lambda: NOW)
    assert (user.name, user.locale) == ("Li Lei", "zh-CN")
    user = await user_of(by(K1, claims=told(name=7, locale="<script>")), account(), Shelf(K1), lambda: NOW)
    assert replace(user, until=NOW, id="") == replace(user, until=NOW, id="", name="", locale="")


SETTINGS = [
    pytest.param({"algorithms": ["none"]}, id="none"),
    pytest.param({"algorithms": []}, id="no algorithm"),
    pytest.param({"algorithms": ["HS256"]}, id="HS256 without a secret of ours"),
    pytest.param({"jwks_url": ""}, id="nothing to check with"),
    pytest.param({"jwks_url": "http://id.example.com/keys"}, id="keys without TLS"),
    pytest.param({"algorithms": ["HS256"], "keys": [{"algorithm": "HS256", "key": "short"}]}, id="a short secret"),
    pytest.param({"algorithms": ["HS256"], "keys": [{"algorithm": "HS256", "key": pem(RSA)}]}, id="a public key as secret"),
    pytest.param({"keys": [{"algorithm": "RS256", "key": pem(RSA)}]}, id="a key of an algorithm that is not allowed"),
    pytest.param({"keys": [{"algorithm": "ES256", "key": "-----BEGIN nothing"}]}, id="a key that is none"),
    pytest.param({"issuer": ""}, id="no issuer"),
    pytest.param({"audience": ""}, id="no audience"),
    pytest.param({"push": {"apns": {"team_id": "ABCDE12345", "key_id": "ABCDE12345", "private_key": "x", "topic": "a.b"}}}, id="a key for Apple that is none"),
    pytest.param({"push": {"fcm": {"service_account": "{}"}}}, id="a service account that is none"),
    pytest.param({"push": {"hook": {"url": "https://a.example.com", "secret": "x"}}}, id="a hook without a secret"),
]  # fmt: skip


@pytest.mark.parametrize("given", SETTINGS)
def test_settings_that_would_let_anybody_in_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        account(**given)
    assert SECRET not in str(refused.value)
    assert "BEGIN PUBLIC" not in str(refused.value)
