"""The command that tells the author of a guard document whether it is right, and how good it is."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from yizhan.cli.asking import Refusal
from yizhan.cli.guards import check_guards
from yizhan.dialogue.guards.parse import default_document

SENTENCES = Path(__file__).parent / "sentences"

app = typer.Typer()
app.command()(check_guards)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    if result.exception:
        raise result.exception
    return result.output


def test_the_shipped_guards_are_counted_on_sentences() -> None:
    told = run("--sentences", str(SENTENCES / "tuning.csv"))
    assert "12 rules, no problems" in told
    assert "self-harm" in told
    assert "288 sentences" in told


def test_programs_get_the_confusion_counts() -> None:
    told = json.loads(run("--json", "--sentences", str(SENTENCES / "tuning.csv")))
    assert told["caught"] == told["meant"]
    assert {"expected": "abuse", "decided": "abuse", "sentences": 12} in told["confusion"]


def test_the_shipped_document_can_be_copied_and_changed(tmp_path: Path) -> None:
    copy = tmp_path / "guards.yaml"
    copy.write_text(run("--print"), "utf-8")
    assert copy.read_text("utf-8") == default_document()
    assert "no problems" in run(str(copy))


def test_sentences_that_come_out_otherwise_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("text,expected\n转人工,abuse\n", "utf-8")
    assert "转人工  (expected abuse, decided human-request)" in run("--wrong", "--sentences", str(file))


def test_a_wrong_document_is_refused_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "guards.yaml"
    file.write_text("version: 1\nrules: []\n", "utf-8")
    with pytest.raises(Refusal) as refused:
        run(str(file))
    assert refused.value.exit_code == 2
    assert any("line 2, rules" in line for line in refused.value.lines)


def test_a_wrong_sentence_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(Refusal):
        run("--sentences", str(file))
