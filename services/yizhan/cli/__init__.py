"""The command line. Exit codes: 0 done, 1 could not be done now, 2 asked wrongly (settings, arguments, input files)."""

import sys

import typer

from yizhan import __version__
from yizhan.cli.asking import Refusal
from yizhan.cli.commands import Commands

app = typer.Typer(
    name="yizhan",
    cls=Commands,
    help="Yizhan: an omnichannel customer-service gateway. Settings come from YIZHAN_* variables over yizhan.yaml.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    pass


def main() -> None:
    """The console script."""
    try:
        app()
    except Refusal as refusal:
        for line in refusal.lines:
            sys.stderr.write(f"yizhan: {line}\n")
        raise SystemExit(refusal.exit_code) from None
