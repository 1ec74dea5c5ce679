"""``yizhan kb check-guards``: whether a guard document is right, and how it does on sentences that are known."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from yizhan.cli.asking import Refusal

if TYPE_CHECKING:
    from yizhan.dialogue.guards.guards import Guards
    from yizhan.dialogue.guards.trial import Trial


def check_guards(
    file: Path | None = typer.Argument(
        None, help="A guard document (YAML); without, the one that is shipped.", exists=True, dir_okay=False
    ),
    sentences: list[Path] = typer.Option(
        [], "--sentences", help="CSV with the columns text, expected, about.", exists=True, dir_okay=False
    ),
    wrong: bool = typer.Option(False, "--wrong", help="List the sentences that came out otherwise."),
    as_json: bool = typer.Option(False, "--json", help="For programs."),
    show: bool = typer.Option(False, "--print", help="Write the document itself, to copy and change it."),
) -> None:
    """Check a guard document and its own test sentences, and count what other sentences come to."""
    from yizhan.dialogue.guards.parse import default_document

    text = default_document() if file is None else _text(file)
    name = "the shipped guards" if file is None else file.name
    guards = _guards(name, text)
    if show:
        typer.echo(text, nl=False)
        return
    if not as_json:
        typer.echo(f"{name}: {len(guards.rules)} rules, no problems")
    for path in sentences:
        _report(path, guards, wrong=wrong, as_json=as_json)


def _report(path: Path, guards: "Guards", *, wrong: bool, as_json: bool) -> None:
    from yizhan.dialogue.guards.trial import read_cases, table, try_out

    try:
        trial = try_out(guards, read_cases(_text(path)))
    except ValueError as error:
        raise Refusal(f"{path.name}: {error}") from error
    if as_json:
        typer.echo(json.dumps(_figures(path, trial, guards), ensure_ascii=False))
        return
    typer.echo(f"\n{path.name}: {len(trial.cases)} sentences")
    typer.echo(table(trial, guards.names))
    for case, decided in trial.wrong if wrong else ():
        typer.echo(f"  {case.text}  (expected {case.expected or 'nothing'}, decided {decided or 'nothing'})")


def _figures(path: Path, trial: "Trial", guards: "Guards") -> dict[str, object]:
    caught, meant = trial.caught()
    quiet, harmless = trial.left_alone()
    return {
        "file": path.name,
        "sentences": len(trial.cases),
        "caught": caught,
        "meant": meant,
        "left_alone": quiet,
        "harmless": harmless,
        "rules": {name: {"caught": trial.caught(name), "left_alone": trial.left_alone(name)} for name in guards.names},
        "confusion": [
            {"expected": expected, "decided": decided, "sentences": number}
            for (expected, decided), number in sorted(trial.counts.items())
        ],
    }


def _guards(name: str, text: str) -> "Guards":
    """Raises Refusal with every problem."""
    from yizhan.dialogue.guards.parse import Problems, parse_guards

    match parse_guards(text):
        case Problems(found):
            raise Refusal(
                f"{name} has problems:",
                *(f"  line {one.line}{f', {one.place}' if one.place else ''}: {one.reason_en}" for one in found),
            )
        case guards:
            return guards


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path.name} is not UTF-8") from error
