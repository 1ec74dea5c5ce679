"""Setting up an account says what is wrong before a customer finds out, and never repeats a secret."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.channels.wechat.platform import APP_ID, CORP_ID, KEY, TOKEN
from yizhan.channels.account_settings import secret_paths
from yizhan.channels.contract import Grant, Trigger
from yizhan.channels.wechat.setting_values import TemplateNotice
from yizhan.channels.wechat.settings import KfSettings, MiniSettings, OfficialSettings, WechatAccountSettings

OFFICIAL = {"kind": "official", "app_id": APP_ID, "secret": "s3cret", "token": TOKEN}
MINI = {**OFFICIAL, "kind": "mini"}
KF = {"kind": "kf", "corp_id": CORP_ID, "secret": "s3cret", "token": TOKEN, "aes_key": KEY}


def read(given: Mapping[str, Any]) -> OfficialSettings | MiniSettings | KfSettings:
    return WechatAccountSettings.model_validate(given).root


@pytest.mark.parametrize(
    ("given", "kind"),
    [(OFFICIAL, OfficialSettings), (MINI, MiniSettings), (KF, KfSettings), ({**KF, "corp_id": APP_ID}, KfSettings)],
    ids=["an official account", "a mini program", "customer service", "customer service of an older corporation"],
)
def test_each_kind_of_account_is_read_as_its_own_kind(given: Mapping[str, Any], kind: type) -> None:
    assert isinstance(read(given), kind)


def test_what_is_known_to_be_secret_can_be_sealed_in_the_database() -> None:
    given = {**OFFICIAL, "aes_key": KEY, "previous_aes_key": KEY}
    assert set(secret_paths(WechatAccountSettings, given)) == {"secret", "token", "aes_key", "previous_aes_key"}


HIDE = "TOPSECRET"
BAD: dict[str, tuple[Mapping[str, Any], str]] = {
    "no kind": ({**OFFICIAL, "kind": HIDE}, "official, mini, kf"),
    "not even an object": ([HIDE], "official, mini, kf"),  # type: ignore[dict-item]
    "a key that is too short": ({**OFFICIAL, "aes_key": HIDE}, "43"),
    "a key with a sign in it": ({**OFFICIAL, "aes_key": HIDE + "+" * 34}, "43"),
    "a previous key that is none": ({**OFFICIAL, "previous_aes_key": HIDE}, "43"),
    "a token with blanks": ({**OFFICIAL, "token": f"{HIDE} x"}, "3 to 32"),
    "a token of two letters": ({**OFFICIAL, "token": "ab"}, "3 to 32"),
    "an empty secret": ({**OFFICIAL, "secret": " "}, "empty"),
    "an AppID that is none": ({**OFFICIAL, "app_id": HIDE}, "pattern"),
    "a CorpID that is none": ({**KF, "corp_id": HIDE}, "pattern"),
    "an original id that is none": ({**OFFICIAL, "original_id": HIDE}, "pattern"),
    "customer service without a key": ({**KF, "aes_key": ""}, "WeCom encrypts"),
    "encryption required without a key": ({**OFFICIAL, "require_encryption": True}, "needs an aes_key"),
    "a template promised but not given": ({**OFFICIAL, "on_window_closed": "template"}, "needs a template"),
    "a mini program that would send templates": ({**MINI, "on_window_closed": "template"}, "subscribe notice"),
    "a field nobody knows": ({**OFFICIAL, "app_secret": HIDE}, "not permitted"),
    "a window that never opens": ({**OFFICIAL, "windows": {"message": {"messages": 5, "seconds": 0}}}, "greater"),
    "a placeholder nobody fills in": (
        {**OFFICIAL, "template": {"template_id": "t", "data": {"first": "{" + HIDE + "}"}}},
        "only {time} and {account}",
    ),
    "a placeholder that reaches inside": (
        {**OFFICIAL, "template": {"template_id": "t", "data": {"first": "{time.__class__}"}}},
        "only {time} and {account}",
    ),
    "a placeholder with a form": (
        {**OFFICIAL, "template": {"template_id": "t", "data": {"first": "{time:zz}"}}},
        "only {time} and {account}",
    ),
    "a brace that stands alone": ({**OFFICIAL, "template": {"template_id": "t", "data": {"a": "{"}}}, "brace"),
}


@pytest.mark.parametrize(("given", "said"), BAD.values(), ids=BAD.keys())
def test_what_cannot_work_is_refused_in_words_that_do_not_repeat_the_value(given: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(given)
    messages = " ".join(item["msg"] for item in refused.value.errors(include_url=False))
    assert said in messages
    assert HIDE not in messages
    assert HIDE not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        (OFFICIAL, {"message": (5, 172_800), "menu": (3, 60), "subscribe": (3, 60), "scan": (3, 60)}),
        (MINI, {"message": (5, 172_800), "enter": (2, 60)}),
        (KF, {"message": (5, 172_800)}),
        (
            {
                **MINI,
                "windows": {"message": {"messages": 20, "seconds": 172_800}, "scan": {"messages": 1, "seconds": 9}},
            },
            {"message": (20, 172_800), "enter": (2, 60), "scan": (1, 9)},
        ),
    ],
    ids=["official", "mini", "kf", "an account with figures of its own"],
)
def test_agents_are_told_what_the_platform_really_allows(
    given: Mapping[str, Any], allowed: Mapping[str, tuple[int, int]]
) -> None:
    expected = {Trigger(name): Grant(count, timedelta(seconds=within)) for name, (count, within) in allowed.items()}
    assert read(given).window_rules == expected


def test_a_notice_says_when_and_from_whom_something_waits() -> None:
    notice = TemplateNotice(template_id="t", data={"first": "{account} 有新回复", "time": "{time}", "note": "{{}}"})
    assert notice.filled(time="5月1日 8:00", account="小店") == {
        "first": "小店 有新回复",
        "time": "5月1日 8:00",
        "note": "{}",
    }


def test_the_present_key_is_tried_before_the_previous_one() -> None:
    assert read({**OFFICIAL, "aes_key": KEY, "previous_aes_key": "B" * 43}).aes_keys == (KEY, "B" * 43)
    assert read(OFFICIAL).aes_keys == ()
