"""``yizhan route …``: a day as it was, and what would have become of it under other rules or with other people."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from yizhan.cli.asking import FAILED, Refusal, ask, common_settings

if TYPE_CHECKING:
    from yizhan.routing.matching.day import Day
    from yizhan.routing.matching.outcome import Figures, Outcome
    from yizhan.routing.matching.what_if import Rules

app = typer.Typer(no_args_is_help=True, help="Routing: a day played again under other rules.")


@app.command("simulate")
def simulate(
    file: Path = typer.Argument(
        help="The day: a JSON object per line, see docs/routing.md.", exists=True, dir_okay=False
    ),
    policy: Path | None = typer.Option(
        None, "--policy", help="YAML with rules that differ from those shipped.", exists=True, dir_okay=False
    ),
    without: list[str] = typer.Option([], "--without", help="An agent who is not there. May be given several times."),
    capacity: int | None = typer.Option(None, "--capacity", min=1, max=1000, help="Everybody's capacity."),
    extra: int = typer.Option(
        0, "--extra", min=0, max=1000, help="So many more agents, copies of those there, in turn."
    ),
    seed: int = typer.Option(0, "--seed", help="For how long agents take to react, where it was not recorded."),
    as_json: bool = typer.Option(False, "--json", help="For programs."),
) -> None:
    """Play a recorded day again: waits, promises kept, how busy agents are. The same input always gives the same."""
    from yizhan.routing.matching.outcome import outcome
    from yizhan.routing.matching.simulate import play
    from yizhan.routing.matching.what_if import Staffing, restaffed

    rules, day = _rules(policy), _day(file)
    present = {each.seat.agent_id for each in day.staffed}
    unknown = sorted(set(without) - present)
    if unknown:
        raise Refusal(f"{file}: no line is about {', '.join(unknown)}")
    day = restaffed(day, Staffing(frozenset(without), capacity, extra))
    result = outcome(play(day, rules, seed))
    if as_json:
        typer.echo(json.dumps({**asdict(result), "policy_version": rules.policy.version, "seed": seed}))
    else:
        _show(result)


@app.command("record")
def record(
    day: datetime = typer.Argument(
        help="Which day, as 2026-11-20, in the time zone of the contract.", formats=["%Y-%m-%d"]
    ),
    to: Path = typer.Option(..., "--to", help="Where the day is written.", dir_okay=False),
    rules: Path | None = typer.Option(
        None, "--rules", help="Where the rules in force now are written, for simulate's --policy.", dir_okay=False
    ),
    workspace: str = typer.Option("", "--workspace", help="Of which business; YIZHAN_WORKSPACE where not said."),
) -> None:
    """Write down a past day: who was there, who asked for a human, and what became of it."""
    from yizhan.cli.route_recording import take
    from yizhan.core.runtime.clock import now
    from yizhan.routing.service import standard_contract

    settings = common_settings()
    standard, business = standard_contract(settings), workspace or settings.workspace
    taken = ask(settings, lambda database: take(database, standard, business, day.date(), now()))
    if not taken.cases:
        raise Refusal(f"nobody asked for a human on {day:%Y-%m-%d}", exit_code=FAILED)
    _write(to, taken.lines)
    if rules is not None:
        _write(rules, taken.rules)
    typer.echo(f"{taken.cases} cases, {taken.agents} agents in {to}")
    if taken.guessed:
        typer.echo(f"{taken.guessed} of them were not served to their end: they take as long as others did")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{file} cannot be written: {error.strerror}", exit_code=FAILED) from error


def _day(file: Path) -> "Day":
    from yizhan.routing.matching.day import DayInvalid, read_day

    try:
        return read_day(_text(file).splitlines())
    except DayInvalid as error:
        raise Refusal(f"{file} is no recorded day:", *(f"  {problem}" for problem in error.problems)) from error


def _rules(file: Path | None) -> "Rules":
    from yizhan.routing.matching.what_if import Rules, RulesInvalid, read_rules

    if file is None:
        return Rules()
    try:
        return read_rules(_text(file))
    except RulesInvalid as error:
        raise Refusal(f"{file} has no valid rules:", *(f"  {problem}" for problem in error.problems)) from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{file}: not UTF-8 at byte {error.start}") from error


def _show(result: "Outcome") -> None:
    typer.echo(
        f"{'':<16}{'cases':>7}{'met':>7}{'escal.':>7}{'ticket':>7}{'p50 s':>8}{'p90 s':>8}{'max s':>8}{'busy':>7}"
    )
    typer.echo(_line("all", result.total, result.utilisation))
    for each in result.groups:
        typer.echo(_line(each.group or "(any)", each.figures, each.utilisation))
    typer.echo()
    typer.echo(f"{'':<16}{'served':>7}{'unit h':>7}{'busy':>7}")
    for agent in result.agents:
        typer.echo(f"{agent.agent_id:<16}{agent.served:>7}{agent.capacity_hours:>7.1f}{agent.utilisation:>7.0%}")


def _line(name: str, figures: "Figures", utilisation: float) -> str:
    waits = figures.waits
    counts = f"{figures.cases:>7}{figures.met:>7}{figures.escalated:>7}{figures.ticketed:>7}"
    return f"{name:<16}{counts}{waits.p50:>8.1f}{waits.p90:>8.1f}{waits.longest:>8.1f}{utilisation:>7.0%}"
