"""The calls of api.weixin.qq.com. Source: reference channels.md A.7, A.11, A.12 and B."""

from collections.abc import Sequence
from typing import Any

from tests.simulators.wechat import checks, codes, shown
from tests.simulators.wechat.account import MessageAccount, SimOfficial
from tests.simulators.wechat.codes import ApiRefusal
from tests.simulators.wechat.dispatch import Ask, Binary, Endpoint
from tests.simulators.wechat.follower import Follower

Json = dict[str, Any]
OK: Json = {"errcode": 0, "errmsg": "ok"}
TYPING_SECONDS = 15.0
TYPING_AFTER_SECONDS = 30.0


def _stable_token(accounts: Sequence[MessageAccount], ask: Ask) -> Json:
    account = _who(accounts, ask.body)
    force = ask.body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise ApiRefusal(codes.MALFORMED, "force_refresh is a boolean")
    token, seconds = account.tokens.stable(force)
    return {"access_token": token, "expires_in": seconds}


def _classic_token(accounts: Sequence[MessageAccount], ask: Ask) -> Json:
    token, seconds = _who(accounts, ask.query).tokens.classic()
    return {"access_token": token, "expires_in": seconds}


def _who(accounts: Sequence[MessageAccount], claim: Any) -> MessageAccount:
    if claim.get("grant_type") != "client_credential":
        raise ApiRefusal(codes.BAD_GRANT, "invalid grant_type")
    account = next((found for found in accounts if found.app_id == claim.get("appid")), None)
    if account is None:
        raise ApiRefusal(codes.BAD_APP_ID, "invalid appid")
    if claim.get("secret") != account.secret:
        raise ApiRefusal(codes.BAD_SECRET, "invalid appsecret")
    if not account.trusted_ip:
        raise ApiRefusal(codes.IP_NOT_LISTED, "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist")
    return account


def _person(account: MessageAccount, ask: Ask) -> Follower:
    person = account.people.get(ask.openid)
    if person is None:
        raise ApiRefusal(codes.BAD_OPENID, "invalid openid")
    return person


def _authorised(account: MessageAccount) -> None:
    if not account.customer_service:
        raise ApiRefusal(codes.NOT_AUTHORISED, "api unauthorized")


def _send(account: MessageAccount, ask: Ask) -> Json:
    _authorised(account)
    checks.refuse_escapes(ask.raw)
    person = _person(account, ask)
    kind, part = checks.part_of(ask.body, account.msgtypes)
    if kind == "msgmenu" and not account.msgmenu:
        raise ApiRefusal(codes.ACCOUNT_TYPE, "invalid account type")
    checks.check_part(kind, part, account.media)
    now = account.stage.now()
    if not person.subscribed:
        raise ApiRefusal(codes.WINDOW_CLOSED, "response out of time limit or subscription is canceled")
    person.quota.spend(now)
    person.typing_until = float("-inf")
    person.show(shown.of_call(ask.body, account.media, "api", now, account.stage.new_index()))
    return OK


def _typing(account: MessageAccount, ask: Ask) -> Json:
    _authorised(account)
    command = ask.body.get("command")
    if command not in {"Typing", "CancelTyping"}:
        raise ApiRefusal(codes.BAD_TYPING_COMMAND, "command invalid")
    person, now = _person(account, ask), account.stage.now()
    if now - person.acted_at > TYPING_AFTER_SECONDS:
        raise ApiRefusal(codes.TYPING_WITHOUT_INTERACTION, "no message from the user in 30 seconds")
    if command == "CancelTyping":
        person.typing_until = float("-inf")
        return OK
    if now < person.typing_until:
        raise ApiRefusal(codes.ALREADY_TYPING, "already typing")
    person.typing_until = now + TYPING_SECONDS
    return OK


def _upload(account: MessageAccount, ask: Ask) -> Json:
    assert ask.upload is not None
    medium = account.media.upload(ask.query.get("type", ""), ask.upload.data, ask.upload.name)
    name = "thumb_media_id" if medium.kind == "thumb" else "media_id"
    return {"type": medium.kind, name: medium.id, "created_at": account.stage.date()}


def _download(account: MessageAccount, ask: Ask) -> Json | Binary:
    medium = account.media.get(ask.query.get("media_id", ""))
    if medium.kind == "video" and account.stage.video_as_url:
        return {"video_url": f"{account.stage.root}/pic/{medium.id}"}
    return Binary(medium.data, medium.mime, medium.name)


def _template(account: MessageAccount, ask: Ask) -> Json:
    if not isinstance(account, SimOfficial):
        raise ApiRefusal(codes.NOT_AUTHORISED, "api unauthorized")
    person = _person(account, ask)
    _check_template(ask)
    msgid = account.stage.new_message_id()
    if not person.blocks_templates:
        person.show(shown.of_template(ask.body, account.stage.now(), account.stage.new_index()))
    status = "failed:user block" if person.blocks_templates else "success"
    account.stage.start(account.push(unseen=True, **_job_finished(person, msgid, status)))
    return OK | {"msgid": msgid}


def _job_finished(person: Follower, msgid: int, status: str) -> Json:
    return {
        "FromUserName": person.openid,
        "MsgType": "event",
        "Event": "TEMPLATESENDJOBFINISH",
        "MsgID": msgid,
        "Status": status,
    }


def _subscription(account: MessageAccount, ask: Ask) -> Json:
    person, template = _person(account, ask), str(ask.body.get("template_id", ""))
    if person.agreed.get(template, 0) < 1:
        raise ApiRefusal(codes.SUBSCRIPTION_REFUSED, "user refuse to accept the msg")
    _check_template(ask)
    person.agreed[template] -= 1
    person.show(shown.of_template(ask.body, account.stage.now(), account.stage.new_index()))
    return OK


def _check_template(ask: Ask) -> None:
    if not ask.body.get("template_id"):
        raise ApiRefusal(codes.BAD_TEMPLATE_ID, "invalid template_id")
    data = ask.body.get("data")
    if not isinstance(data, dict) or not all(isinstance(entry, dict) and "value" in entry for entry in data.values()):
        raise ApiRefusal(codes.TEMPLATE_ARGUMENT, "argument invalid")


def _user_info(account: MessageAccount, ask: Ask) -> Json:
    person = _person(account, ask)
    if not person.subscribed:
        return {"subscribe": 0, "openid": person.openid}
    return {
        "subscribe": 1,
        "openid": person.openid,
        "language": "zh_CN",
        "subscribe_time": 1_700_000_000,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE",
        "qr_scene": 0,
        "qr_scene_str": "",
    }


def _callback_ips(_account: MessageAccount, _ask: Ask) -> Json:
    return {"ip_list": ["127.0.0.1"]}


ENDPOINTS = (
    Endpoint("token", "/cgi-bin/stable_token", "json", _stable_token, needs_token=False),
    Endpoint("token", "/cgi-bin/token", "query", _classic_token, needs_token=False),
    Endpoint("send", "/cgi-bin/message/custom/send", "json", _send),
    Endpoint("typing", "/cgi-bin/message/custom/typing", "json", _typing),
    Endpoint("upload", "/cgi-bin/media/upload", "file", _upload),
    Endpoint("get", "/cgi-bin/media/get", "query", _download),
    Endpoint("template", "/cgi-bin/message/template/send", "json", _template),
    Endpoint("bizsend", "/cgi-bin/message/subscribe/bizsend", "json", _subscription),
    Endpoint("subscribe_send", "/cgi-bin/message/subscribe/send", "json", _subscription),
    Endpoint("user_info", "/cgi-bin/user/info", "query", _user_info),
    Endpoint("callback_ip", "/cgi-bin/getcallbackip", "query", _callback_ips),
)
