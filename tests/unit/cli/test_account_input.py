"""How settings of accounts are given on the command line."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from yizhan.channels.website.settings import WebsiteAccountSettings
from yizhan.channels.wechat.settings import WechatAccountSettings
from yizhan.cli.account_input import Given, settings_given
from yizhan.cli.asking import Refusal


def wechat(**options: Any) -> dict[str, Any]:
    return settings_given(WechatAccountSettings, Given(**options))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("secret=abc", {"secret": "abc"}),
        ("secret=12345", {"secret": "12345"}),
        ("token=null", {"token": "null"}),
        ("token=1e9", {"token": "1e9"}),
        ('app_id="wx12345678"', {"app_id": "wx12345678"}),
        ("menus=false", {"menus": False}),
        ('open_kfids=["wk1"]', {"open_kfids": ["wk1"]}),
        ("template.template_id=123", {"template.template_id": "123"}),
        ('card={"page_path": "a", "thumb_media_id": "b"}', {"card": {"page_path": "a", "thumb_media_id": "b"}}),
        ("welcome=", {"welcome": ""}),
        ("token=a=b", {"token": "a=b"}),
    ],
)
def test_text_is_text_and_the_rest_is_json(text: str, expected: dict[str, Any]) -> None:
    assert wechat(texts=[text]) == expected


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["secret=hunter2"], ["secret"]),
        (["identity.secret=hunter2"], ["identity.secret"]),
        (['identity={"kind": "hmac", "secret": "hunter2"}'], ["identity.secret"]),
        (["title=hunter2"], []),
    ],
)
def test_a_secret_on_the_command_line_is_taken_with_a_hint(
    capsys: pytest.CaptureFixture[str], texts: list[str], told: list[str]
) -> None:
    model = WechatAccountSettings if texts == ["secret=hunter2"] else WebsiteAccountSettings
    settings_given(model, Given(texts=texts))
    shown = capsys.readouterr().err
    assert [line.split()[1] for line in shown.splitlines()] == told
    assert "hunter2" not in shown


def test_a_file_is_read_without_its_last_line_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "secret.txt"
    file.write_bytes(b"\xef\xbb\xbf0123\r\n")
    assert wechat(files=[f"secret={file}"]) == {"secret": "0123"}
    assert capsys.readouterr().err == ""


def test_a_minus_is_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"0123\n")))
    assert wechat(files=["secret=-"]) == {"secret": "0123"}


def test_what_is_asked_for_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def prompt(text: str, **options: Any) -> str:
        asked.append((text, options["hide_input"]))
        return " 0123 "

    monkeypatch.setattr(typer, "prompt", prompt)
    assert wechat(asks=["secret"], unset=["aes_key"]) == {"secret": "0123", "aes_key": None}
    assert asked == [("secret", True)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"texts": ["secret"]}, "write NAME=VALUE"),
        ({"texts": ["=x"]}, "write NAME=VALUE"),
        ({"files": ["secret"]}, "write NAME=PATH"),
        ({"files": ["secret={folder}/nothing"]}, "cannot read"),
        ({"files": ["secret={folder}"]}, "cannot read"),
        ({"files": ["secret={folder}/binary"]}, "is not text"),
        ({"files": ["secret={folder}/large"]}, "too large"),
        ({"files": ["secret=-", "token=-"]}, "only one setting"),
        ({"texts": ["secret=hunter2"], "asks": ["secret"]}, "secret is given twice"),
        ({"texts": ["token=a", "token=b"]}, "token is given twice"),
        ({"files": ["secret=-"], "unset": ["secret"]}, "secret is given twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, options: dict[str, list[str]], words: str) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large").write_bytes(b"x" * (64 * 1024 + 1))
    filled = {name: [item.format(folder=tmp_path) for item in items] for name, items in options.items()}
    with pytest.raises(Refusal) as refused:
        wechat(**filled)
    assert words in " ".join(refused.value.lines)
    assert "hunter2" not in " ".join(refused.value.lines)
