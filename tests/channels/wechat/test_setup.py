"""Setting up an account: what the platform says about the credentials, what to do, and what to enter on its pages."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.simulators.wechat import WechatPlatform, open_platform
from yizhan.channels.account_setup import Checked, step_lines
from yizhan.channels.wechat.advice import advice
from yizhan.channels.wechat.settings import WechatAccountSettings
from yizhan.channels.wechat.setup import WechatSetup
from yizhan.core.runtime.settings import WebsiteSettings, WechatSettings

SECRET = "0123456789abcdef0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OFFICIAL: dict[str, Any] = {"kind": "official", "app_id": "wx0123456789abcdef", "secret": SECRET, "token": "shopToken"}
MINI = OFFICIAL | {"kind": "mini", "app_id": "wxfedcba9876543210"}
KF: dict[str, Any] = {
    "kind": "kf",
    "corp_id": "ww0123456789abcdef",
    "secret": SECRET,
    "token": "kfToken",
    "aes_key": AES_KEY,
}


@pytest.fixture
async def platform() -> AsyncIterator[WechatPlatform]:
    async with open_platform() as opened:
        opened.official(app_id=OFFICIAL["app_id"], secret=SECRET, token="shopToken")
        opened.mini(app_id=MINI["app_id"], secret=SECRET, token="shopToken")
        opened.kf(
            corp_id=KF["corp_id"], secret=SECRET, token="kfToken", aes_key=AES_KEY, open_kfids=("wkSales", "wkService")
        )
        yield opened


async def check(platform: WechatPlatform, settings: dict[str, Any], **changed: Any) -> Checked:
    process = WechatSettings(wechat_api_url=platform.api_url, wecom_api_url=platform.wecom_url)
    return await WechatSetup().check(WechatAccountSettings.model_validate(settings | changed), process)


@pytest.mark.parametrize("settings", [OFFICIAL, MINI], ids=["official", "mini"])
async def test_an_account_that_works_is_said_to_work(platform: WechatPlatform, settings: dict[str, Any]) -> None:
    checked = await check(platform, settings)
    assert (checked.problems, checked.answered) == ((), True)
    assert settings["app_id"] in checked.found[0]
    assert not any("48001" in line for line in checked.found)
    assert platform.violations == []


async def test_the_desks_of_a_company_are_listed(platform: WechatPlatform) -> None:
    checked = await check(platform, KF)
    assert (checked.problems, checked.answered) == ((), True)
    assert [line.split()[0] for line in checked.found[-2:]] == ["wkSales", "wkService"]


async def test_a_desk_that_the_company_has_not_is_a_problem(platform: WechatPlatform) -> None:
    checked = await check(platform, KF, open_kfids=["wkSales", "wkTypo"])
    assert [line.split()[1] for line in checked.problems] == ["wkTypo"]


@pytest.mark.parametrize(
    ("settings", "changed", "code", "words"),
    [
        (OFFICIAL, {"app_id": "wx00000000"}, "40013", "there is no such AppID"),
        (OFFICIAL, {"secret": "wrong"}, "40125", "copy it anew"),
        (MINI, {"secret": "wrong"}, "40125", "copy it anew"),
        (KF, {"corp_id": "ww00000000"}, "40013", "there is no such CorpID"),
        (KF, {"secret": "wrong"}, "40001", "copy it anew"),
    ],
)
async def test_wrong_credentials_are_told_with_what_to_do(
    platform: WechatPlatform, settings: dict[str, Any], changed: dict[str, Any], code: str, words: str
) -> None:
    checked = await check(platform, settings, **changed)
    assert checked.answered
    assert checked.problems[0].startswith(f"{code} invalid")
    assert words in checked.problems[1]
    assert len(checked.problems) == 3


@pytest.mark.parametrize(("settings", "code"), [(OFFICIAL, "40164"), (MINI, "40164"), (KF, "60020")])
async def test_an_address_that_is_not_on_the_list_is_named(
    platform: WechatPlatform, settings: dict[str, Any], code: str
) -> None:
    platform.account(settings.get("app_id") or settings["corp_id"]).trusted_ip = False
    checked = await check(platform, settings)
    assert checked.problems[0].startswith(code)
    assert all("127.0.0.1" in line for line in checked.problems)


async def test_an_account_that_may_only_answer_is_told_how_to_be_set(platform: WechatPlatform) -> None:
    account = platform.account(OFFICIAL["app_id"])
    account.customer_service = False  # type: ignore[attr-defined] # a 公众号 has it
    checked = await check(platform, OFFICIAL)
    assert checked.problems == ()
    assert any("customer_service=false" in line for line in checked.found)
    settled = await check(platform, OFFICIAL, customer_service=False)
    assert not any("customer_service=false" in line for line in settled.found)


@pytest.mark.parametrize("outcome", ["reset", "http_502", "garbage"])
async def test_a_platform_that_cannot_be_asked_says_nothing_about_the_account(
    platform: WechatPlatform, outcome: Any
) -> None:
    platform.faults.next(api="token", outcome=outcome, times=3)
    checked = await check(platform, OFFICIAL)
    assert not checked.answered
    assert len(checked.problems) == 1
    assert platform.api_url in checked.problems[0]


@pytest.mark.parametrize("settings", [OFFICIAL, MINI, KF], ids=["official", "mini", "kf"])
async def test_nothing_that_is_said_has_the_secret_in_it(platform: WechatPlatform, settings: dict[str, Any]) -> None:
    platform.faults.next(api="token", errcode=40001, errmsg=f"the secret {SECRET} is not right")
    checked = await check(platform, settings)
    assert checked.problems
    assert SECRET not in str(checked)


def test_the_platform_is_asked_again_only_about_what_it_judges() -> None:
    setup = WechatSetup()

    def credentials(**changed: Any) -> object:
        return setup.credentials(WechatAccountSettings.model_validate(OFFICIAL | changed))

    assert credentials() == credentials(menus=False, token="another")
    assert credentials() != credentials(secret="another")
    assert credentials() != credentials(app_id="wx00000000")
    assert credentials() != credentials(kind="mini")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (OFFICIAL, ["URL", "Token", "EncodingAESKey", "消息加解密方式", "数据格式"]),
        (MINI | {"aes_key": AES_KEY}, ["URL", "Token", "EncodingAESKey", "消息加解密方式", "数据格式"]),
        (KF, ["URL", "Token", "EncodingAESKey"]),
    ],
    ids=["official", "mini", "kf"],
)
def test_what_is_to_be_entered_is_told_and_secrets_only_when_asked_for(
    settings: dict[str, Any], expected: list[str]
) -> None:
    own = WechatAccountSettings.model_validate(settings)
    steps = WechatSetup().steps("shop", own, "https://service.example.com")
    shown, hidden = (list(step_lines(steps, secrets=secrets)) for secrets in (True, False))
    fields = [line.split()[0] for line in shown[1 : 1 + len(steps.entries)]]
    assert fields == expected
    assert "https://service.example.com/wechat/shop" in shown[1]
    assert settings["token"] in "".join(shown)
    assert ("安全模式" in "".join(shown)) == (settings["kind"] == "mini")
    assert (AES_KEY in "".join(shown)) == ("aes_key" in settings)
    assert settings["token"] not in "".join(hidden)
    assert AES_KEY not in "".join(hidden)
    assert SECRET not in "".join(shown), "the AppSecret is entered nowhere"


@pytest.mark.parametrize(
    ("public_url", "reachable"),
    [
        ("https://service.example.com", True),
        ("https://service.example.com:443/shop", True),
        ("http://service.example.com", True),
        ("https://service.example.com:8443", False),
        ("http://service.example.com:8080", False),
        ("http://localhost", False),
        ("", False),
    ],
)
def test_an_address_that_the_platform_cannot_reach_is_noticed(public_url: str, reachable: bool) -> None:
    steps = WechatSetup().steps("shop", WechatAccountSettings.model_validate(OFFICIAL), public_url)
    assert any("!!" in line for line in steps.then) is not reachable


@pytest.mark.parametrize(
    ("kind", "code", "text", "words"),
    [
        ("official", "40164", "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 6", "203.0.113.7"),
        ("official", "40164", "invalid ip 2001:db8::7, not in whitelist", "2001:db8::7"),
        ("kf", "60020", "not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more info", "203.0.113.7"),
        ("official", "40164", "not in whitelist", "this machine's address"),
        ("mini", "99999", "who knows rid: 6", "rid"),
        ("official", "-1", "system error", "try again later"),
    ],
)
def test_advice_names_what_is_to_be_done(kind: Any, code: str, text: str, words: str) -> None:
    told, english, chinese = advice(kind, code, text)
    assert told == f"{code} {text}"
    assert words in english
    assert "{" not in english + chinese


async def test_settings_of_another_channel_are_a_mistake_in_the_program() -> None:
    with pytest.raises(TypeError):
        await WechatSetup().check(WechatAccountSettings.model_validate(OFFICIAL), WebsiteSettings())
