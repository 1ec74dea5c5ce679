"""Whether the business vouches for who a visitor is: a JWT it signed, or an HMAC over the user id."""

import hmac
from dataclasses import dataclass
from typing import Literal

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from yizhan.channels.screens.claims import locale_of, name_of, user_id_of
from yizhan.channels.screens.keys import verification_key
from yizhan.channels.website.settings import HmacIdentity, JwtIdentity, NoIdentity
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.compare import same

LEEWAY_SECONDS = 30

Reason = Literal["not_offered", "wrong_kind", "bad_signature", "expired", "claims", "malformed", "user_id"]


class IdentityRejected(Exception):
    """What was shown does not prove who the visitor is."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class JwtProof:
    jwt: str


@dataclass(frozen=True, slots=True)
class HmacProof:
    user_id: str
    hmac: str
    name: str = ""


Proof = JwtProof | HmacProof


@dataclass(frozen=True, slots=True)
class Vouched:
    """A user of the business, by the business's own word."""

    user_id: str
    name: str = ""
    locale: str = ""


def vouched(proof: Proof, wanted: NoIdentity | JwtIdentity | HmacIdentity, clock: Clock) -> Vouched:
    """Who the visitor is. Raises IdentityRejected."""
    match wanted, proof:
        case JwtIdentity(), JwtProof(token):
            return _by_jwt(token, wanted, clock)
        case HmacIdentity(), HmacProof():
            return _by_hmac(proof, wanted)
        case NoIdentity(), _:
            raise IdentityRejected("not_offered")
        case _:
            raise IdentityRejected("wrong_kind")


def _by_jwt(token: str, wanted: JwtIdentity, clock: Clock) -> Vouched:
    """Only the account's one algorithm is accepted, so that neither ``none`` nor a public key used as a secret can pass."""
    key = verification_key(wanted.algorithm, wanted.key.get_secret_value())
    options: dict[str, ClaimsOption] = {"exp": {"essential": True}, "sub": {"essential": True}}
    if wanted.audience:
        options["aud"] = {"essential": True, "value": wanted.audience}
    if wanted.issuer:
        options["iss"] = {"essential": True, "value": wanted.issuer}
    try:
        claims = jwt.decode(token, key, algorithms=[wanted.algorithm]).claims
        JWTClaimsRegistry(now=int(clock().timestamp()), leeway=LEEWAY_SECONDS, **options).validate(claims)
    except ExpiredTokenError as error:
        raise IdentityRejected("expired") from error
    except (InvalidClaimError, MissingClaimError) as error:
        raise IdentityRejected("claims") from error
    except (JoseError, ValueError, RecursionError) as error:
        raise IdentityRejected("bad_signature") from error
    if not wanted.audience and "aud" in claims:
        raise IdentityRejected("claims")  # meant for somebody, and nothing says that this is us
    return Vouched(_user_id(claims["sub"]), name_of(claims.get("name")), locale_of(claims.get("locale")))


def _by_hmac(proof: HmacProof, wanted: HmacIdentity) -> Vouched:
    try:
        message = proof.user_id.encode()
    except UnicodeEncodeError as error:
        raise IdentityRejected("malformed") from error
    expected = hmac.new(wanted.secret.get_secret_value().encode(), message, "sha256").hexdigest()
    if not same(proof.hmac.lower(), expected):
        raise IdentityRejected("bad_signature")
    # The name is not signed: it is shown, and nothing follows from it.
    return Vouched(_user_id(proof.user_id), name_of(proof.name))


def _user_id(value: object) -> str:
    user_id = user_id_of(value)
    if user_id is None:
        raise IdentityRejected("user_id")
    return user_id
