"""``yizhan route simulate``: a day's figures for people and for programs, and clear words for a wrong file."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yizhan.cli import app
from yizhan.cli.asking import Refusal

DAY = """{"at": 0, "agent": "li", "groups": ["x"]}
{"at": 10, "case": "a", "handling": 60, "group": "x", "answers": [2]}
{"at": 20, "case": "b", "handling": 60, "group": "x", "answers": [2]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "day.jsonl"
    path.write_text(DAY, encoding="utf-8")
    return path


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(app, ["route", "simulate", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_program_gets_the_figures(file: Path) -> None:
    shown = json.loads(run(file, "--json"))
    assert shown["total"] == {
        "cases": 2,
        "met": 1,
        "escalated": 1,
        "ticketed": 0,
        "offers": 2,
        "waits": {"p50": 2.0, "p90": 54.0, "longest": 54.0},
    }
    assert shown["agents"][0]["agent_id"] == "li"
    assert len(shown["policy_version"]) == 16


def test_people_get_a_table(file: Path) -> None:
    first, total, group, _, _, agent = run(file).splitlines()
    assert "ticket" in first
    assert total.split() == ["all", "2", "1", "1", "0", "2.0", "54.0", "54.0", "93%"]
    assert group.split()[0] == "x"
    assert agent.split()[:2] == ["li", "2"]


def test_other_people_and_other_rules(file: Path, tmp_path: Path) -> None:
    assert json.loads(run(file, "--json", "--without", "li"))["total"]["ticketed"] == 2
    assert json.loads(run(file, "--json", "--capacity", "2"))["total"]["met"] == 2
    assert json.loads(run(file, "--json", "--extra", "1"))["total"]["met"] == 2
    rules = tmp_path / "rules.yaml"
    rules.write_text("steps: [{after: 30, ticket: true}]")
    assert json.loads(run(file, "--json", "--policy", rules))["total"]["ticketed"] == 1


@pytest.mark.parametrize(
    ("day", "rules", "words"),
    [
        pytest.param(DAY + "nonsense", "", ["is no recorded day", "line 4: "], id="a line that is no JSON"),
        pytest.param("", "", ["no line is about a case"], id="an empty file"),
        pytest.param("\xff", "", ["not UTF-8 at byte 0"], id="no text"),
        pytest.param(DAY, "steps: 5", ["has no valid rules", "steps: "], id="wrong rules"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, day: str, rules: str, words: list[str]) -> None:
    (tmp_path / "day.jsonl").write_bytes(day.encode("latin-1"))
    (tmp_path / "rules.yaml").write_text(rules)
    with pytest.raises(Refusal) as caught:
        run(tmp_path / "day.jsonl", "--policy", tmp_path / "rules.yaml")
    told = "\n".join(caught.value.lines)
    assert caught.value.exit_code == 2
    assert all(word in told for word in words)


def test_leaving_out_somebody_who_never_was_there_is_refused(file: Path) -> None:
    with pytest.raises(Refusal, match="no line is about wang"):
        run(file, "--without", "wang")
