"""``yizhan customer …``: everything about one customer, exported or erased."""

import getpass
from pathlib import Path

import structlog
import typer

from yizhan.cli.asking import Refusal, common_settings
from yizhan.core.runtime.logging import configure

app = typer.Typer(no_args_is_help=True, help="One customer: export, erase, receipts.")
log = structlog.get_logger(__name__)

MOST_REASON = 200

Customer = typer.Argument(
    help="The customer's id, as the console's address shows it; or that of one of their identities."
)


@app.command("export")
def export_customer(
    customer: str = Customer,
    out: Path = typer.Option(..., "--out", help="A new folder, or a new archive where it ends in .zip."),
) -> None:
    """Write everything that is kept about a customer to files."""
    from yizhan.cli import customer_work  # here, so that other commands need not load every service

    typer.echo(f"{customer_work.export_to(common_settings(), customer, out)} files in {out}")


@app.command("erase")
def erase_customer(
    customer: str = Customer,
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
    close: bool = typer.Option(
        False, "--close", help="Open conversations with the assistant and open tickets end with it."
    ),
    reason: str = typer.Option(
        "", "--reason", help="Why; it is kept and printed on the receipt, so no customer's data."
    ),
    by: str = typer.Option("", "--by", help="Who erases; your account's name if not given."),
    receipt: Path | None = typer.Option(None, "--receipt", help="A new file for the receipt; without it, it is shown."),
    wait: float = typer.Option(30.0, "--wait", min=0.0, max=600.0, help="Seconds to wait for what is on its way."),
) -> None:
    """Erase a customer from all services, for good. Killed or interrupted, it goes on when it is asked for again."""
    from yizhan.cli import customer_work
    from yizhan.cli.customer_files import write_private

    if len(reason) > MOST_REASON:
        raise Refusal(f"a reason has at most {MOST_REASON} characters")
    if receipt is not None and receipt.exists():
        raise Refusal(f"{receipt} is there already: name a file that is not")
    settings, who = common_settings(), by or getpass.getuser()
    if not yes:
        typer.echo("\n".join(customer_work.looked_at(settings, customer, by=who, close=close)), err=True)
        typer.confirm("Erase all of this for good?", abort=True, err=True)
    done = customer_work.erased(settings, customer, by=who, reason=reason, close=close, wait=wait)
    configure("info", settings.log_format)
    log.info("customer_erased", erasure_id=done.receipt.id, found=done.receipt.found, by=who)
    if receipt is not None:
        write_private(receipt, done.as_text())
        typer.echo(f"{done.receipt.found} rows, letters and files found; receipt {done.receipt.id} in {receipt}")
    else:
        typer.echo(done.as_text(), nl=False)


@app.command("requests")
def requests() -> None:
    """Show whom platforms want to be erased, of those who are known here; requests about others are dropped."""
    from yizhan.cli import customer_work

    known = customer_work.requests(common_settings())
    for one in known:
        typer.echo(f"{one.identity_id}  {one.asked_at:%Y-%m-%d %H:%M}Z  {one.channel} {one.account}  {one.reference}")
    typer.echo(f"{len(known)} to erase: yizhan customer erase <id> --reason <reference>" if known else "none", err=True)


@app.command("receipt")
def receipt_again(
    erasure: str = typer.Argument(help="The erasure's id, as the console's audit and the log name it."),
) -> None:
    """Show the receipt of an erasure once more: it was lost, or whoever erased was interrupted at the very end."""
    from yizhan.cli import customer_work

    typer.echo(customer_work.receipt_again(common_settings(), erasure).as_text(), nl=False)


@app.command("verify-receipt")
def verify_receipt(file: Path = typer.Argument(help="What `yizhan customer erase` wrote.")) -> None:
    """Say whether a receipt is this deployment's and unchanged. Exit code 1: it is not."""
    from yizhan.cli import customer_work

    receipt = customer_work.receipt_in(common_settings(), file)
    typer.echo(
        f"{receipt.id}  {receipt.finished_at:%Y-%m-%d %H:%M:%S}Z  {receipt.by}  {receipt.found} found, "
        f"{sum(line.erased for line in receipt.lines)} erased, {sum(line.emptied for line in receipt.lines)} emptied, "
        f"{sum(line.kept for line in receipt.lines)} kept"
    )
