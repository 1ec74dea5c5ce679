"""The command line. Exit codes: 0 done, 1 could not be done now, 2 asked wrongly (settings, arguments, input files)."""

import sys

import typer

from yizhan import __version__
from yizhan.cli import accounts, books, contract, dead, demo_orders, doctor, kb, replay, route, run, systems, users
from yizhan.cli.asking import Refusal

app = typer.Typer(
    name="yizhan",
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


app.command("up")(run.up)
app.command("serve")(run.serve)
app.command("migrate")(run.migrate)
app.command("doctor")(doctor.doctor)
app.command("replay")(replay.replay)
app.command("demo-orders")(demo_orders.demo_orders)
app.add_typer(accounts.app, name="account", help="Accounts of channels: the endpoints where customers write.")
app.add_typer(users.app, name="user", help="People who sign in to the console.")
app.add_typer(systems.app, name="system", help="The business's own agent systems, and the token of each.")
app.add_typer(kb.app, name="kb", help="Knowledge: drafts, releases, publishing, asking.")
app.add_typer(
    contract.app, name="contract", help="What customers were promised: check a contract file, show the standard one."
)
app.add_typer(dead.app, name="dead", help="Parked messages: list, show, replay.")
app.add_typer(books.app, name="books", help="Whether every accepted message is accounted for: show, settle.")
app.add_typer(route.app, name="route", help="Routing: a day played again under other rules.")


def main() -> None:
    """The console script."""
    try:
        app()
    except Refusal as refusal:
        for line in refusal.lines:
            sys.stderr.write(f"yizhan: {line}\n")
        raise SystemExit(refusal.exit_code) from None
