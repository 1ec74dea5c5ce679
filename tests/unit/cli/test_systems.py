"""``yizhan system`` on a deployment of its own: a token is shown once, and every way of asking wrongly has one line."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.services.schemas import sqlite_file
from yizhan.cli import app
from yizhan.cli.asking import Refusal

SECRET = re.compile(r"webhook secret: (whsec_[A-Za-z0-9+/]{43}=)\n")
TOKEN = re.compile(r"token: (yzs_[A-Za-z0-9_-]{43})\n")


@pytest.fixture(autouse=True)
def deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "var"
    home.mkdir()
    sqlite_file(home)
    monkeypatch.setenv("YIZHAN_HOME", str(home))
    monkeypatch.setenv("YIZHAN_WORKSPACE", "shop")
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["system", *arguments])


def token_of(result: Result) -> str:
    assert result.exit_code == 0, result.output
    match = TOKEN.search(result.output)
    assert match, result.output
    return match[1]


def test_a_system_from_its_first_token_to_its_removal() -> None:
    first = token_of(run("add", "crm", "--agent", "ann", "--agent", "bob", "--expires", "90d"))
    second = token_of(run("rotate", "crm", "--overlap", "0s"))
    assert first != second
    shown = run("list").output
    assert re.search(r"crm +ann, bob\n", shown)
    assert sorted(line.rsplit("  ", 1)[1] for line in shown.splitlines()[1:]) == ["good", "rotated"]
    assert first not in shown, "a token is shown once"
    assert second not in shown, "a token is shown once"
    assert run("list", "--workspace", "other").output == ""
    assert run("remove", "crm").output == "crm removed\n"
    assert run("list").output == ""


def test_a_system_that_is_told_by_webhook() -> None:
    made = run("add", "crm", "--all-agents", "--webhook", "https://crm.example.com/yizhan?key=hidden")
    token_of(made)
    secret = SECRET.search(made.output)
    assert secret, made.output
    shown = run("list").output
    assert "  webhook https://crm.example.com/yizhan  well  never heard of  0 waiting\n" in shown
    assert "hidden" not in shown
    newer = SECRET.search(run("webhook", "crm", "--new-secret").output)
    assert newer
    assert newer[1] != secret[1]
    assert run("webhook", "crm", "--url", "https://crm.example.com/other").output == "crm  by webhook\n"
    assert "https://crm.example.com/other" in run("list").output
    assert run("webhook", "crm", "--off").output == "crm  by stream\n"
    assert "webhook" not in run("list").output


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        pytest.param(("webhook", "crm"), "say one of", id="nothing about its webhook"),
        pytest.param(("webhook", "crm", "--new-secret", "--off"), "say one of", id="two things about its webhook"),
        pytest.param(("webhook", "crm", "--new-secret"), "no system of this name", id="a webhook of nobody"),
        pytest.param(
            ("add", "crm", "--all-agents", "--webhook", "http://crm.example.com/"), "must be https", id="not encrypted"
        ),
        pytest.param(
            ("add", "crm", "--all-agents", "--webhook", "https://10.0.0.1/"), "YIZHAN_WEBHOOK_NETWORKS", id="inside"
        ),
        pytest.param(("add", "crm", "--all-agents", "--webhook", "crm"), "must be https://host", id="no address"),
        pytest.param(("add", "crm"), "say for whom", id="for nobody"),
        pytest.param(("add", "crm", "--agent", "a", "--all-agents"), "say for whom", id="for some and for all"),
        pytest.param(("add", "crm", "--all-agents", "--expires", "soon"), "--expires must be", id="no time at all"),
        pytest.param(("add", "crm", "--all-agents", "--expires", "0d"), "--expires must be", id="expired at once"),
        pytest.param(
            ("add", "crm", "--all-agents", "--expires", "999999d"), "--expires must be", id="beyond calendars"
        ),
        pytest.param(("rotate", "crm", "--overlap", "1w"), "--overlap must be", id="an overlap of no unit"),
        pytest.param(("rotate", "crm"), "no system of this name", id="unknown"),
        pytest.param(("remove", "crm"), "no system of this name", id="nothing to remove"),
        pytest.param(("add", " ", "--all-agents"), "the name must have", id="no name"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: tuple[str, ...], line: str) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, Refusal)
    assert result.exception.lines[0].startswith(line) or line in result.exception.lines[0]
    assert run("list").output == ""


def test_a_name_is_given_once() -> None:
    token_of(run("add", "crm", "--all-agents"))
    again = run("add", "crm", "--all-agents")
    assert isinstance(again.exception, Refusal)
    assert "there is a system of this name" in again.exception.lines[0]
    token_of(run("add", "crm", "--all-agents", "--workspace", "other"))
