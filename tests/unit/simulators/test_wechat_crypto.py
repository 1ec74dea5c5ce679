"""The simulator signs and encrypts as the vendor's own examples do (reference channels.md A.9)."""

import base64

import pytest

from tests.simulators.wechat.crypto import BadCiphertext, PushCipher, sign

TOKEN, KEY, APP, CORP = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9", "ww0123456789abcdef"
PUSH = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVza"
    "zhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwK"
    "SqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
PUSH_CLEAR = (
    '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,'
    '"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
)
REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
RARE = (
    "uMMzGtqcnpOzXOYBwDQNrbPcas75m0n3v5GgsDN+yHFS/93MITIs5nPup1Dw6X2eeV6KGAqB3TK7dq1tSHqOwh/lrBW2rTp3Zelb"
    "35GMeoACtgaDf5i7iLtM1CRgMKVSEU0Yu70lHDvy2mdV5/cLYKYGsVQ1P1AY7Mu6pqCMavWLEryWW0z4tss332vsnHAfwgLFTOPA"
    "tO/ei7nllb59KdDSXLhr8wTL4To/f1efMlx4uaPFJpLRK+1YHkVkZlxvVuXdTzh5rEpldy+v6MkqsCIdQtcpM1mSFSBmmzmzSU6H"
    "msnDdjZGCCZwZw5RmMziFByzbsvNoprcRAUeHOFNL3ht+BBuFBXvG6yxSnU1S+lSF9tWUgPPnp0gusj1xluL1+HZ5HOqfmovx5xT"
    "DNiaacnp4Ot0dTup3N9+houQrmQ="
)
RARE_CLEAR = (
    "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>"
    "<FromUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]></FromUserName><CreateTime>1714112445</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好😀]]></Content><MsgId>24539988887777666</MsgId></xml>"
)
ECHO = "uMMzGtqcnpOzXOYBwDQNrc3+s/zqrHB/FoRCrISgeW8olFpM88pP3mgAkO5CnSpRGeSYzHnnJngKJBBMj//tug=="


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(("1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696", id="URL check"),
        pytest.param(("1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78", id="plain push"),
        pytest.param(("1714112445", "415670741"), "6c5c811b55cc85e0e1b54100749188c20beb3f5d", id="encrypted push"),
        pytest.param(
            ("1714112445", "415670741", PUSH), "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3", id="encrypted push, body"
        ),
        pytest.param(
            ("1713424427", "415670741", REPLY), "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1", id="encrypted reply"
        ),
        pytest.param(("1714112445", "415670741", RARE), "0a7295cb8d6cf6ca139ddd5569b69f2635832799", id="Han and emoji"),
        pytest.param(
            ("1714112445", "415670741", ECHO), "33189f926f84faf28c17c5731332c63ef49a6549", id="URL check of WeCom"
        ),
    ],
)
def test_signatures_are_the_vendors(parts: tuple[str, ...], expected: str) -> None:
    assert sign(TOKEN, *parts) == expected


@pytest.mark.parametrize(
    ("receive_id", "random16", "clear", "sealed"),
    [
        pytest.param(APP, b"a8eedb185eb2fecf", PUSH_CLEAR, PUSH, id="push"),
        pytest.param(APP, b"707722b803182950", '{"demo_resp":"good luck"}', REPLY, id="reply"),
        pytest.param(APP, b"0123456789abcdef", RARE_CLEAR, RARE, id="Han and emoji"),
        pytest.param(CORP, b"0123456789abcdef", "echo-123", ECHO, id="echostr of WeCom"),
    ],
)
def test_ciphertexts_are_the_vendors(receive_id: str, random16: bytes, clear: str, sealed: str) -> None:
    cipher = PushCipher(KEY, receive_id)
    assert cipher.encrypt(clear, random16) == sealed
    assert cipher.decrypt(sealed) == clear


@pytest.mark.parametrize(
    ("key", "receive_id", "sealed"),
    [
        pytest.param(KEY, CORP, PUSH, id="for another account"),
        pytest.param("B" * 43, APP, PUSH, id="with another key"),
        pytest.param(KEY, APP, PUSH[:-4], id="cut"),
        pytest.param(KEY, APP, "%%%", id="not base64"),
        pytest.param(KEY, APP, "", id="nothing"),
        pytest.param(KEY, APP, base64.b64encode(b"x" * 64).decode(), id="noise"),
    ],
)
def test_a_foreign_ciphertext_is_refused(key: str, receive_id: str, sealed: str) -> None:
    with pytest.raises(BadCiphertext):
        PushCipher(key, receive_id).decrypt(sealed)
