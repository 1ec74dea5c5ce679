"""Every signature against the reference's vectors (E.6)."""

import pytest

from yizhan.channels.ecommerce.doudian import signing as doudian
from yizhan.channels.ecommerce.shopify.platform import push_signature as shopify_push
from yizhan.channels.ecommerce.sorted_signing import md5_signature
from yizhan.channels.ecommerce.taobao.calls import signature as top
from yizhan.channels.ecommerce.woocommerce.platform import push_signature as woocommerce_push

TOP = {
    "app_key": "12345678",
    "fields": "tid,status",
    "format": "json",
    "method": "taobao.trade.fullinfo.get",
    "session": "test",
    "tid": "11223344",
    "timestamp": "2016-01-01 12:00:00",
    "v": "2.0",
}


@pytest.mark.parametrize(
    ("sign_method", "wanted"),
    [
        ("md5", "E45840E3FDB7BFA0AD15325EC62D6D1D"),
        ("hmac", "C31744E9460DA0454240EA38DCAA57D7"),
        ("hmac-sha256", "5AECEAFF8BE4AB51C5C35DCECA46E26FC1326C398746F17126B027826649396A"),
    ],
)
def test_taobao(sign_method: str, wanted: str) -> None:
    assert top("helloworld", {**TOP, "sign_method": sign_method}) == wanted


def test_what_is_empty_is_not_signed() -> None:
    assert md5_signature("sec", {"a": "1", "b": ""}) == md5_signature("sec", {"a": "1"})


def test_jd() -> None:
    params = {
        "access_token": "tok",
        "app_key": "appkey",
        "method": "jingdong.pop.order.get",
        "timestamp": "2024-01-01 12:00:00",
        "v": "2.0",
        "360buy_param_json": '{"order_id":"123"}',
    }
    assert md5_signature("sec", params) == "AC06C1DEA1B257FB5ED91A8949CFB422"


def test_pinduoduo() -> None:
    params = {
        "access_token": "tok",
        "client_id": "cid",
        "data_type": "JSON",
        "order_sn": "200101-123456789",
        "timestamp": "1700000000",
        "type": "pdd.order.information.get",
    }
    assert md5_signature("sec", params) == "CD3AB7A4A13F541DB3478521630F2656"


def test_doudian() -> None:
    params = doudian.param_json({"order_id": "4567", "a": "中"})
    assert params == '{"a":"中","order_id":"4567"}'
    signed = doudian.signature("7000000000000000001", "sec", "order.orderDetail", params, "2024-01-01 12:00:00")
    assert signed == "fed1cf29c72d51d1d8c5b787f7d65694a0ef6eb18dfb0020891a9d506f650f22"


def test_doudian_push() -> None:
    signed = doudian.push_signature("7000000000000000001", "sec", b'[{"tag":"100"}]')
    assert signed == "d78b14aeab593e9f009993cb52ffb835"


@pytest.mark.parametrize("signature", [shopify_push, woocommerce_push])
def test_shopify_and_woocommerce_pushes(signature: object) -> None:
    assert callable(signature)
    assert signature("hush", b'{"id":1}') == "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="
