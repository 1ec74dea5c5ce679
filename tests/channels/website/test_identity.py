"""Who a visitor is: anonymous, known again by a token, or vouched for by the business."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tests.channels.waiting import until
from tests.channels.website.conftest import Site, open_site
from yizhan.core.messages.command import Visit

SECRET = "s" * 40
OTHER_SECRET = "o" * 40
RSA_PRIVATE = rsa.generate_private_key(65537, 2048)
EC_PRIVATE = ec.generate_private_key(ec.SECP256R1())
ED_PRIVATE = ed25519.Ed25519PrivateKey.generate()


def public_pem(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


def private_pem(key: Any) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


ACCOUNTS: dict[str, dict[str, Any]] = {
    "jwt": {"identity": {"kind": "jwt", "algorithm": "HS256", "key": SECRET, "audience": "yizhan", "issuer": "shop"}},
    "rsa": {"identity": {"kind": "jwt", "algorithm": "RS256", "key": public_pem(RSA_PRIVATE)}},
    "ec": {"identity": {"kind": "jwt", "algorithm": "ES256", "key": public_pem(EC_PRIVATE)}},
    "ed": {"identity": {"kind": "jwt", "algorithm": "Ed25519", "key": public_pem(ED_PRIVATE)}},
    "hmac": {"identity": {"kind": "hmac", "secret": SECRET}, "require_identity": True},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shops(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    home: Path = tmp_path_factory.mktemp("home")
    async with open_site(home, accounts=ACCOUNTS, website_sessions_per_minute=10_000) as opened:
        yield opened


pytestmark = pytest.mark.asyncio(loop_scope="module")


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    base = {"sub": "user-7", "name": "王小明", "aud": "yizhan", "iss": "shop", "iat": now, "exp": now + 300}
    return {name: value for name, value in (base | changes).items() if value is not None}


def signed(body: dict[str, Any], algorithm: str = "HS256", key: Any = None) -> str:
    return jwt.encode({"alg": algorithm}, body, key or OctKey.import_key(SECRET), algorithms=[algorithm])


def unsigned(body: dict[str, Any], algorithm: str = "none") -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm})}.{part(body)}."


async def begin(site: Site, account: str, **body: Any) -> tuple[int, Any]:
    status, answer, _ = await site.request("POST", "/session", account=account, json=body)
    return status, answer


async def test_a_signed_identity_is_the_same_visitor_everywhere(shops: Site) -> None:
    for _ in range(2):
        status, session = await begin(shops, "jwt", identity={"jwt": signed(claims())})
        assert (status, session["visitor_id"]) == (200, "u:user-7")


@pytest.mark.parametrize(
    ("account", "algorithm", "key"),
    [
        pytest.param("rsa", "RS256", lambda: RSAKey.import_key(private_pem(RSA_PRIVATE)), id="RS256"),
        pytest.param("ec", "ES256", lambda: ECKey.import_key(private_pem(EC_PRIVATE)), id="ES256"),
        pytest.param("ed", "Ed25519", lambda: OKPKey.import_key(private_pem(ED_PRIVATE)), id="Ed25519"),
    ],
)
async def test_public_key_signatures_are_checked(
    shops: Site, account: str, algorithm: str, key: Callable[[], Any]
) -> None:
    good = signed(claims(aud=None), algorithm, key())
    status, session = await begin(shops, account, identity={"jwt": good})
    assert (status, session["visitor_id"]) == (200, "u:user-7")
    head, body, signature = good.split(".")
    spoiled = f"{head}.{body}.{signature[:-6]}AAAAAA"
    status, problem = await begin(shops, account, identity={"jwt": spoiled})
    assert (status, problem["code"]) == (401, "identity_rejected")


NOW = int(time.time())


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(lambda: signed(claims(exp=NOW - 3600)), "expired", id="expired"),
        pytest.param(lambda: signed(claims(exp=None)), "claims", id="without an expiry"),
        pytest.param(lambda: signed(claims(exp="never")), "claims", id="an expiry that is no number"),
        pytest.param(lambda: signed(claims(sub=None)), "claims", id="about nobody"),
        pytest.param(lambda: signed(claims(sub="")), "claims", id="about an empty name"),
        pytest.param(lambda: signed(claims(sub=7)), "claims", id="about a number"),
        pytest.param(lambda: signed(claims(sub="x" * 129)), "user_id", id="about an endless name"),
        pytest.param(lambda: signed(claims(sub="a\nb")), "user_id", id="about two lines"),
        pytest.param(lambda: signed(claims(aud="other")), "claims", id="for somebody else"),
        pytest.param(lambda: signed(claims(aud=None)), "claims", id="for nobody"),
        pytest.param(lambda: signed(claims(iss="thief")), "claims", id="by somebody else"),
        pytest.param(lambda: signed(claims(nbf=NOW + 3600)), "claims", id="not valid yet"),
        pytest.param(
            lambda: signed(claims(), key=OctKey.import_key(OTHER_SECRET)), "bad_signature", id="another secret"
        ),
        pytest.param(lambda: signed(claims(), "HS512"), "bad_signature", id="another algorithm"),
        pytest.param(lambda: unsigned(claims()), "bad_signature", id="the algorithm none"),
        pytest.param(lambda: unsigned(claims(), "HS256"), "bad_signature", id="no signature"),
        pytest.param(lambda: signed(claims())[:-4], "bad_signature", id="cut off"),
        pytest.param(lambda: "x", "bad_signature", id="nonsense"),
        pytest.param(lambda: "a.b.c", "bad_signature", id="three times nonsense"),
    ],
)
async def test_a_bad_jwt_is_rejected(shops: Site, token: Callable[[], str], reason: str) -> None:
    status, problem = await begin(shops, "jwt", identity={"jwt": token()})
    assert (status, problem["code"], problem["detail"]) == (401, "identity_rejected", reason)


async def test_a_public_key_is_no_secret(shops: Site) -> None:
    """The classic confusion: an HS256 token signed with the published RSA key as if it were a secret."""
    head = unsigned(claims(aud=None), "HS256").removesuffix(".")
    signature = hmac.digest(public_pem(RSA_PRIVATE).encode(), head.encode(), "sha256")
    forged = f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    status, problem = await begin(shops, "rsa", identity={"jwt": forged})
    assert (status, problem["code"]) == (401, "identity_rejected")


async def test_a_token_for_an_audience_is_not_taken_where_none_is_configured(shops: Site) -> None:
    token = signed(claims(aud="somebody"), "RS256", RSAKey.import_key(private_pem(RSA_PRIVATE)))
    status, problem = await begin(shops, "rsa", identity={"jwt": token})
    assert (status, problem["detail"]) == (401, "claims")


def seal(user_id: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), user_id.encode(), "sha256").hexdigest()


async def test_an_hmac_identity_is_taken(shops: Site) -> None:
    proof = {"user_id": "客户-7", "hmac": seal("客户-7").upper(), "name": " 王\t小明\u0007 "}
    status, session = await begin(shops, "hmac", identity=proof)
    assert (status, session["visitor_id"]) == (200, "u:客户-7")
    await until(lambda: any(item.address.customer == "u:客户-7" for item in shops.dialogue.commands))
    visit = next(item.kind for item in shops.dialogue.commands if item.address.customer == "u:客户-7")
    assert isinstance(visit, Visit)
    assert (visit.customer_name, visit.verified) == ("王 小明", True)


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        pytest.param({"user_id": "u-7", "hmac": seal("u-8")}, "bad_signature", id="of another user"),
        pytest.param({"user_id": "u-7", "hmac": seal("u-7", OTHER_SECRET)}, "bad_signature", id="another secret"),
        pytest.param({"user_id": "u-7", "hmac": "0" * 64}, "bad_signature", id="zeros"),
        pytest.param({"user_id": "u-7", "hmac": seal("u-7")[:63]}, "bad_signature", id="cut off"),
        pytest.param({"user_id": "u-7", "hmac": "ü"}, "bad_signature", id="not hexadecimal"),
        pytest.param({"user_id": "x" * 200, "hmac": seal("x" * 200)}, "user_id", id="an endless id"),
        pytest.param({"jwt": signed(claims())}, "wrong_kind", id="a JWT"),
    ],
)
async def test_a_bad_hmac_is_rejected(shops: Site, proof: dict[str, str], reason: str) -> None:
    status, problem = await begin(shops, "hmac", identity=proof)
    assert (status, problem["code"], problem["detail"]) == (401, "identity_rejected", reason)


async def test_an_account_that_asks_for_identity_lets_nobody_in_without(shops: Site) -> None:
    status, problem = await begin(shops, "hmac")
    assert (status, problem["code"]) == (401, "identity_required")


async def test_identity_where_none_is_offered_is_rejected(shops: Site) -> None:
    status, problem = await begin(shops, "demo", identity={"user_id": "u-7", "hmac": seal("u-7")})
    assert (status, problem["detail"]) == (401, "not_offered")


async def test_a_known_visitor_comes_back_with_a_fresh_token(shops: Site) -> None:
    _, first = await begin(shops, "demo")
    _, second = await begin(shops, "demo", token=first["token"])
    assert first["visitor_id"] == second["visitor_id"]
    assert first["visitor_id"].startswith("v:")
    assert len(first["visitor_id"]) > 20


async def test_a_token_that_is_not_ours_begins_a_new_visitor(shops: Site) -> None:
    for token in ("nonsense", "yz1.a.b.c"):
        status, session = await begin(shops, "demo", token=token)
        assert (status, session["visitor_id"][:2]) == (200, "v:")


async def test_a_verified_token_is_kept_but_not_made_longer(shops: Site) -> None:
    """Only the business can vouch for a user once more."""
    _, first = await begin(shops, "hmac", identity={"user_id": "u-9", "hmac": seal("u-9")})
    status, second = await begin(shops, "hmac", token=first["token"])
    assert status == 200
    assert (second["visitor_id"], second["token"], second["expires_at"]) == (
        "u:u-9",
        first["token"],
        first["expires_at"],
    )


async def test_the_session_tells_what_a_client_needs(shops: Site) -> None:
    page = {"url": "https://shop.example.com/a?b=c", "title": "Shoes \u0007 & more"}
    status, session = await begin(shops, "demo", locale="en-GB", page=page)
    assert status == 200
    assert set(session) == {"token", "visitor_id", "head", "expires_at", "account", "limits"}
    assert session["account"] == {"name": "Demo", "locale": "zh-CN", "color": "#1769e0"}
    assert session["limits"]["text_chars"] == 4000
    assert session["head"] == 0


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ({"url": "https://shop.example.com/", "title": "Shop"}, ("https://shop.example.com/", "Shop")),
        ({"url": "javascript:alert(1)", "title": "x"}, ("", "x")),
        ({"url": "https://" + "x" * 5000, "title": "y" * 1000}, ("https://" + "x" * 1992, "y" * 300)),
        ({}, ("", "")),
    ],
)
async def test_a_visit_tells_where_the_customer_is(shops: Site, page: dict[str, str], shown: tuple[str, str]) -> None:
    _, session = await begin(shops, "demo", locale="en", page=page)
    await until(lambda: any(item.address.customer == session["visitor_id"] for item in shops.dialogue.commands))
    kind = next(item.kind for item in shops.dialogue.commands if item.address.customer == session["visitor_id"])
    assert isinstance(kind, Visit)
    assert (kind.page_url, kind.page_title) == shown
    assert (kind.locale, kind.verified, kind.customer_name) == ("en", False, "")


async def test_a_returning_visitor_learns_how_far_the_transcript_goes(shops: Site) -> None:
    async with shops.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        _, session = await begin(shops, "demo", token=visitor.token)
        assert session["head"] == 2
        shops.dialogue.away = True
        status, session = await begin(shops, "demo", token=visitor.token)
        shops.dialogue.away = False
        assert (status, session["head"]) == (200, 0)
