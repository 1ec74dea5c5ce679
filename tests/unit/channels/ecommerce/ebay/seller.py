"""A seller on eBay and what the platform pushes to them, made for tests."""

import base64
from functools import cache
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from tests.unit.channels.ecommerce.shop_tools import Remembered, account_of, json_answer
from yizhan.channels.contract import Call, Push
from yizhan.channels.ecommerce.ebay.platform import Ebay
from yizhan.channels.ecommerce.ebay.settings import EbaySettings
from yizhan.channels.ecommerce.platform import Response

KID = "9936261a-7d7b-4621-a0f1-96ccb428af49"
SELLER, SELLER_ID, BUYER = "Tea-House", "X1abcSELLER", "anna_b"
PEM_BEGIN, PEM_END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


@cache
def signer() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem(*, one_line: bool = False) -> str:
    text = signer().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return text.replace("\n", "") if one_line else text


def key_answer(*, one_line: bool = False) -> Response:
    return json_answer({"key": pem(one_line=one_line), "algorithm": "ECDSA", "digest": "SHA1"})


def token_answer(**more: Any) -> Response:
    return json_answer({"access_token": "app-token", "expires_in": 7200, "token_type": "User", **more})


def header(body: bytes, *, kid: str = KID, digest: str = "SHA1") -> str:
    hash_ = hashes.SHA1() if digest == "SHA1" else hashes.SHA256()
    signature = base64.b64encode(signer().sign(body, ec.ECDSA(hash_))).decode()
    return base64.b64encode(
        orjson.dumps({"alg": "ecdsa", "kid": kid, "signature": signature, "digest": digest})
    ).decode()


def settings(**changed: Any) -> EbaySettings:
    given = {
        "platform": "ebay",
        "client_id": "Shop-PRD-1",
        "client_secret": SecretStr("PRD-secret"),
        "ru_name": "Shop-RuName",
        "verification_token": SecretStr("V" * 40),
        "seller": SELLER,
        "seller_user_id": SELLER_ID,
        **changed,
    }
    return EbaySettings.model_validate(given)


def written(**changed: Any) -> dict[str, Any]:
    """``data`` of a NEW_MESSAGE that the buyer wrote."""
    return {
        "messageId": "m1",
        "conversationId": "c1",
        "conversationType": "FROM_MEMBERS",
        "messageBody": "几点开门？👋",
        "senderUserName": BUYER,
        "recipientUserName": SELLER,
        "createdDate": "2026-11-20T10:12:13.000Z",
        "readStatus": False,
        **changed,
    }


def notification(data: object, topic: str = "NEW_MESSAGE") -> bytes:
    return orjson.dumps(
        {
            "metadata": {"topic": topic, "schemaVersion": "1.0", "deprecated": False},
            "notification": {"notificationId": "n1", "publishAttemptCount": 1, "data": data},
        }
    )


def call(body: bytes, signature: str | None = None) -> Call:
    return Call("shop", "POST", {}, body, {"x-ebay-signature": header(body) if signature is None else signature})


def knowing() -> Remembered:
    """The platform's key can be had."""
    return Remembered({"public_key": [key_answer()], "tokens": [token_answer()]})


async def received(remembered: Remembered, pushed: Call, own: EbaySettings | None = None) -> Push:
    return await Ebay(remembered.tools()).receive(account_of(own or settings()), pushed)
