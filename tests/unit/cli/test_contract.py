"""The author of a contract learns at the command line what it promises, or where it is wrong."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yizhan.cli import contract as command
from yizhan.cli.asking import Refusal
from yizhan.cli.contract_lines import lines
from yizhan.contract.file import parse_contract
from yizhan.contract.standard import shipped, standard_text

EXAMPLE = Path(__file__).parents[3] / "contracts" / "example-shop.yaml"
NEW_YEAR = "overrides:\n  - {day: 2027-01-01, until: 2027-01-03, closed: true, reason: 元旦}\n"


@pytest.fixture(autouse=True)
def _in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    """The public holidays of the coming year are not arranged yet."""
    monkeypatch.setattr(command, "now", lambda: datetime(2049, 11, 23, 4, tzinfo=UTC))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command.app, arguments)
    if result.exception:
        raise result.exception
    return result.output


def written(folder: Path, text: str, name: str = "shop.yaml") -> str:
    file = folder / name
    file.write_text(text, "utf-8")
    return str(file)


def test_the_standard_contract_can_be_copied_and_checked(tmp_path: Path) -> None:
    text = run("show-standard")
    assert text == standard_text()
    told = run("check", written(tmp_path, text))
    assert "shop.yaml: no problems" in told
    assert f"version          {shipped().version}" in told


def test_the_example_is_right_and_tells_what_it_promises() -> None:
    told = run("check", str(EXAMPLE))
    assert "office: mon-fri 09:00-12:00 13:30-18:00; holidays CN; make-up days 09:00-12:00 13:30-17:00" in told
    assert "real time within 10s (always); e-mail within 30m (office)" in told
    assert "group at 15s, then everyone at 30s, then supervisors at 45s, then ticket at 1m" in told
    assert "urgent: response 30m, solution 4h (service)" in told
    assert "availability below 99.9%: 5%, below 99%: 10%, below 95%: 30%" in told
    assert "satisfaction below 85: 2%, below 75: 5%" in told


def test_every_problem_is_a_line_with_its_place_in_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "contract: shop\nhandoff:\n  window: 30s\n  offer: 40s\nretention: {responses: 1d}\n")
    with pytest.raises(Refusal) as refused:
        run("check", file)
    assert refused.value.exit_code == 2
    assert refused.value.lines == (
        f"{file}:4: handoff.offer: offer (40s) is longer than window (30s)",
        f"{file}:5: retention.responses: response records are kept for three months at least (92d), not 24h",
    )


def test_programs_get_the_problems_in_both_languages(tmp_path: Path) -> None:
    file = written(tmp_path, "contract: shop\nhand_off: {}\n")
    result = CliRunner().invoke(command.app, ["check", "--json", file])
    assert result.exit_code == 2
    assert json.loads(result.output) == {
        "file": "shop.yaml",
        "problems": [
            {
                "line": 2,
                "place": "hand_off",
                "reason_zh": "不认识的项；是不是想写“handoff”？",
                "reason_en": "unknown key; did you mean 'handoff'?",
            }
        ],
    }


def test_programs_get_the_contract_with_what_was_left_out() -> None:
    told = json.loads(run("check", "--json", str(EXAMPLE)))
    assert told["version"] == parse_contract(EXAMPLE.read_text("utf-8")).version
    assert told["contract"]["tickets"]["priorities"][0] == [
        "urgent",
        {"calendar": "service", "response": 1800, "solution": 14400},
    ]
    assert told["contract"]["retention"]["tickets"] == 730 * 86_400
    assert told["problems"] == []


def test_days_that_are_not_sure_are_told_until_somebody_decides_them(tmp_path: Path) -> None:
    unsure = json.loads(run("check", "--json", str(EXAMPLE)))["unconfirmed"]
    assert "2050-01-01" in unsure["office"]
    overrides = written(tmp_path, NEW_YEAR.replace("2027", "2050"), "days.yaml")
    decided = json.loads(run("check", "--json", str(EXAMPLE), "--overrides", overrides))["unconfirmed"]
    assert "2050-01-01" not in decided["office"]
    assert "not confirmed yet: " in run("check", str(EXAMPLE))


def test_days_in_a_row_are_told_as_one() -> None:
    contract = parse_contract('contract: shop\ncalendars: {desk: {hours: {sat: "09:00-18:00"}, holidays: CN}}\n')
    days = [date(2027, 1, 30), date(2027, 1, 31), date(2027, 2, 1), date(2027, 2, 3)]
    told = "\n".join(lines(contract, {"desk": days}))
    assert "not confirmed yet: 2027-01-30 to 2027-02-01, 2027-02-03" in told


def test_wrong_overrides_are_told_in_their_own_file(tmp_path: Path) -> None:
    overrides = written(tmp_path, "overrides:\n  - {day: soon, closed: true, reason: x}\n", "days.yaml")
    with pytest.raises(Refusal) as refused:
        run("check", str(EXAMPLE), "--overrides", overrides)
    assert refused.value.lines == (f"{overrides}:2: overrides[0].day: a day is written like 2027-02-06",)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(Refusal, match="UTF-8"):
        run("check", str(file))
