"""The calls of qyapi.weixin.qq.com. Source: reference channels.md part C."""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from tests.simulators.wechat import checks, codes, shown
from tests.simulators.wechat.codes import ApiRefusal
from tests.simulators.wechat.customer import KfCustomer
from tests.simulators.wechat.dispatch import Ask, Binary, Endpoint
from tests.simulators.wechat.kf import SimKf
from tests.simulators.wechat.kf_state import MAY_SEND, State

Json = dict[str, Any]
OK: Json = {"errcode": 0, "errmsg": "ok"}
MSGTYPES = frozenset(
    {"text", "image", "voice", "video", "file", "link", "miniprogram", "location", "ca_link", "msgmenu"}
)
LARGEST_CURSOR = 64
LARGEST_BATCH = 100
_MSGID = re.compile(r"[0-9a-zA-Z_-]{1,32}")


def _token(accounts: Sequence[SimKf], ask: Ask) -> Json:
    account = next((found for found in accounts if found.app_id == ask.query.get("corpid")), None)
    if account is None:
        raise ApiRefusal(codes.BAD_APP_ID, "invalid corpid")
    if ask.query.get("corpsecret") != account.secret:
        raise ApiRefusal(codes.BAD_CREDENTIAL, "invalid credential")
    if not account.trusted_ip:
        raise ApiRefusal(codes.KF_IP_NOT_TRUSTED, "not allow to access from your ip, from ip: 127.0.0.1")
    token, seconds = account.tokens.steady()
    return OK | {"access_token": token, "expires_in": seconds}


def _sync(account: SimKf, ask: Ask) -> Json:
    body = ask.body
    cursor, token, open_kfid = (str(body.get(name) or "") for name in ("cursor", "token", "open_kfid"))
    limit = body.get("limit", 1000)
    if len(cursor.encode()) > LARGEST_CURSOR or not isinstance(limit, int) or body.get("voice_format", 0) not in {0, 1}:
        raise ApiRefusal(codes.KF_BAD_PARAMETER, "invalid cursor, limit or voice_format")
    if open_kfid and open_kfid not in account.open_kfids:
        raise ApiRefusal(codes.KF_UNKNOWN_ACCOUNT, "invalid open_kfid")
    page = account.log.page(cursor, limit, token, open_kfid)
    return OK | {"next_cursor": page.next_cursor, "has_more": int(page.has_more), "msg_list": page.items}


def _customer(account: SimKf, body: Json, name: str = "external_userid") -> KfCustomer:
    if body.get("open_kfid") not in account.open_kfids:
        raise ApiRefusal(codes.KF_UNKNOWN_ACCOUNT, "invalid open_kfid")
    found = account.customers.get((str(body["open_kfid"]), str(body.get(name, ""))))
    if found is None:
        raise ApiRefusal(codes.KF_BAD_EXTERNAL_USER, "invalid external_userid")
    return found


def _message_id(body: Json) -> str:
    """The caller's msgid, else a new one. Raises ApiRefusal."""
    given = body.get("msgid")
    if given is None:
        return secrets.token_hex(16)
    if not isinstance(given, str) or not _MSGID.fullmatch(given):
        raise ApiRefusal(codes.KF_BAD_PARAMETER, "invalid msgid")
    return given


def _send(account: SimKf, ask: Ask) -> Json:
    customer = _customer(account, ask.body, "touser")
    msgid = _message_id(ask.body)
    if (customer.open_kfid, msgid) in account.sent_ids:
        return _again(account, msgid)
    kind, part = checks.part_of(ask.body, MSGTYPES)
    checks.check_part(kind, part, account.media)
    if customer.state is State.ENDED:
        raise ApiRefusal(codes.KF_SESSION_ENDED, "session is ended")
    if customer.state not in MAY_SEND:
        raise ApiRefusal(codes.KF_WRONG_STATE, "not allow to send in this session state")
    now = account.stage.now()
    customer.quota.spend(now)
    account.sent_ids[customer.open_kfid, msgid] = kind
    if ask.fail_type is None:
        customer.show(shown.of_call(ask.body, account.media, "api", now, account.stage.new_index()))
    else:
        account.add_event(customer, "msg_send_fail", fail_msgid=msgid, fail_type=ask.fail_type)
        account.stage.start(account.hint(customer.open_kfid))
    return OK | {"msgid": msgid}


def _again(account: SimKf, msgid: str) -> Json:
    """The id was used: nothing is shown."""
    if account.refuse_duplicates:
        raise ApiRefusal(codes.KF_DUPLICATE_MSGID, "duplicate msgid")
    return OK | {"msgid": msgid}


def _send_on_event(account: SimKf, ask: Ask) -> Json:
    grant = account.codes.get(str(ask.body.get("code", "")))
    now = account.stage.now()
    if grant is None or now >= grant.expires_at or (grant.welcome and grant.customer.wrote_at > grant.given_at):
        raise ApiRefusal(codes.KF_CODE_USELESS, "invalid or expired code")
    kind, part = checks.part_of(ask.body, grant.msgtypes)
    checks.check_part(kind, part, account.media)
    msgid = _message_id(ask.body)
    del account.codes[ask.body["code"]]
    if grant.welcome:
        grant.customer.welcomed_at = now
    grant.customer.show(shown.of_call(ask.body, account.media, "event_code", now, account.stage.new_index()))
    return OK | {"msgid": msgid}


def _state(account: SimKf, ask: Ask) -> Json:
    customer = _customer(account, ask.body)
    return OK | {"service_state": int(customer.state), "servicer_userid": customer.servicer}


def _trans(account: SimKf, ask: Ask) -> Json:
    customer = _customer(account, ask.body)
    try:
        target = State(ask.body.get("service_state", -1))
    except ValueError:
        raise ApiRefusal(codes.KF_BAD_PARAMETER, "invalid service_state") from None
    servicer = str(ask.body.get("servicer_userid") or "")
    if target is State.HUMAN and not servicer:
        raise ApiRefusal(codes.KF_BAD_PARAMETER, "servicer_userid missing")
    msg_code = account.move(customer, target)
    customer.servicer = servicer if target is State.HUMAN else ""
    return OK | ({"msg_code": msg_code} if msg_code else {})


def _customers(account: SimKf, ask: Ask) -> Json:
    wanted = ask.body.get("external_userid_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= LARGEST_BATCH:
        raise ApiRefusal(codes.KF_BAD_PARAMETER, "invalid external_userid_list")
    known = {openid for _, openid in account.customers}
    return OK | {
        "customer_list": [
            {"external_userid": openid, "nickname": f"客户{openid[-4:]}", "avatar": "", "gender": 0}
            for openid in wanted
            if openid in known
        ],
        "invalid_external_userid": [openid for openid in wanted if openid not in known],
    }


def _accounts(account: SimKf, ask: Ask) -> Json:
    offset, limit = ask.body.get("offset", 0), ask.body.get("limit", LARGEST_BATCH)
    if not isinstance(offset, int) or not isinstance(limit, int) or offset < 0 or not 1 <= limit <= LARGEST_BATCH:
        raise ApiRefusal(codes.KF_BAD_PARAMETER, "invalid offset or limit")
    chosen = account.open_kfids[offset : offset + limit]
    listed = [{"open_kfid": open_kfid, "name": f"客服 {open_kfid}", "avatar": ""} for open_kfid in chosen]
    return OK | {"account_list": listed}


def _upload(account: SimKf, ask: Ask) -> Json:
    assert ask.upload is not None
    medium = account.media.upload(ask.query.get("type", ""), ask.upload.data, ask.upload.name)
    return OK | {"type": medium.kind, "media_id": medium.id, "created_at": str(account.stage.date())}


def _download(account: SimKf, ask: Ask) -> Binary:
    medium = account.media.get(ask.query.get("media_id", ""))
    return Binary(medium.data, medium.mime, medium.name)


ENDPOINTS = (
    Endpoint("token", "/cgi-bin/gettoken", "query", _token, needs_token=False),
    Endpoint("sync", "/cgi-bin/kf/sync_msg", "json", _sync),
    Endpoint("kf_send", "/cgi-bin/kf/send_msg", "json", _send),
    Endpoint("kf_send_on_event", "/cgi-bin/kf/send_msg_on_event", "json", _send_on_event),
    Endpoint("state_get", "/cgi-bin/kf/service_state/get", "json", _state),
    Endpoint("state_trans", "/cgi-bin/kf/service_state/trans", "json", _trans),
    Endpoint("customers", "/cgi-bin/kf/customer/batchget", "json", _customers),
    Endpoint("accounts", "/cgi-bin/kf/account/list", "json", _accounts),
    Endpoint("upload", "/cgi-bin/media/upload", "file", _upload),
    Endpoint("get", "/cgi-bin/media/get", "query", _download),
)
