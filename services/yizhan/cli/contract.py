"""``yizhan contract …``: whether a contract file is right, what it promises, and the one that is shipped."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from yizhan.cli.asking import WRONG, Refusal
from yizhan.core.runtime.clock import now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from yizhan.contract.calendar_plan import CalendarPlan, Override
    from yizhan.contract.contract import Contract
    from yizhan.core.documents.reasons import Problem

app = typer.Typer(
    no_args_is_help=True, help="What customers were promised: check a contract file, show the standard one."
)


@app.command("check")
def check(
    file: Path = typer.Argument(help="A contract file (YAML).", exists=True, dir_okay=False, readable=True),
    overrides: Path | None = typer.Option(
        None, "--overrides", help="Single days that differ (YAML), checked too.", exists=True, dir_okay=False
    ),
    as_json: bool = typer.Option(False, "--json", help="For programs."),
) -> None:
    """Say what a contract promises, its version, and which coming days are not sure; or everything that is wrong."""
    from yizhan.cli.contract_lines import lines
    from yizhan.contract.file import ContractInvalid, parse_contract
    from yizhan.contract.overrides_file import parse_overrides

    reading = file
    try:
        contract = parse_contract(_text(file))
        days: tuple[Override, ...] = ()
        if overrides is not None:
            reading = overrides
            days = parse_overrides(_text(overrides))
    except ContractInvalid as invalid:
        if as_json:
            typer.echo(json.dumps(_problems(reading, invalid.problems), ensure_ascii=False))
            raise typer.Exit(WRONG) from invalid
        raise Refusal(*(_line(reading, problem) for problem in invalid.problems)) from invalid
    unsure = {plan.name: _unsure(plan, days) for plan in contract.calendars}
    if as_json:
        typer.echo(json.dumps(_facts(file, contract, unsure), ensure_ascii=False))
        return
    typer.echo(f"{file.name}: no problems")
    typer.echo("\n".join(lines(contract, unsure)))


@app.command("show-standard")
def show_standard() -> None:
    """Write the contract that holds where none is published, to copy and change it."""
    from yizhan.contract.standard import standard_text

    typer.echo(standard_text(), nl=False)


def _unsure(plan: "CalendarPlan", overrides: "tuple[Override, ...]") -> "tuple[date, ...]":
    """The days of the next two months that an arrangement still to come may change."""
    from yizhan.contract.arrangements import unconfirmed

    return tuple(unconfirmed(plan, overrides, now().astimezone(ZoneInfo(plan.zone)).date()))


def _facts(file: Path, contract: "Contract", unsure: "dict[str, tuple[date, ...]]") -> dict[str, Any]:
    from yizhan.contract.canonical import canonical

    return {
        "file": file.name,
        "version": contract.version,
        "contract": json.loads(canonical(contract)),
        "unconfirmed": {name: [day.isoformat() for day in days] for name, days in unsure.items()},
        "problems": [],
    }


def _problems(file: Path, problems: "Iterable[Problem]") -> dict[str, Any]:
    return {
        "file": file.name,
        "problems": [
            {"line": one.line, "place": one.place, "reason_zh": one.reason_zh, "reason_en": one.reason_en}
            for one in problems
        ],
    }


def _line(file: Path, problem: "Problem") -> str:
    place = f" {problem.place}:" if problem.place else ""
    return f"{file}:{problem.line}:{place} {problem.reason_en}"


def _text(path: Path) -> str:
    """Raises Refusal."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{path} cannot be read as UTF-8 text") from error
