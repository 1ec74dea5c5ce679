"""``yizhan account …``: a channel's accounts. What a command does is imported when it runs: every process starts here."""

import typer

from yizhan.core.bus.topology import CHANNELS

app = typer.Typer(no_args_is_help=True, help="Accounts of channels: the endpoints where customers write.")

Channel = typer.Argument(help=f"One of {', '.join(CHANNELS)}.")
Account = typer.Argument(help="The account's id, part of its addresses: small letters, digits, - and _.")
NoCheck = typer.Option(False, "--no-check", help="Do not ask the platform whether the credentials work.")
SetOption = typer.Option(
    [],
    "--set",
    metavar="NAME=VALUE",
    help="A setting of the account; JSON where it is not text: --set 'allowed_origins=[\"https://shop.example.com\"]'.",
)
AskOption = typer.Option([], "--ask", metavar="NAME", help="A setting to type in without being seen: for secrets.")
FileOption = typer.Option(
    [], "--set-file", metavar="NAME=PATH", help="A setting that is the text of a file; - is the standard input."
)


@app.command("add")
def add(
    channel: str = Channel,
    account: str = Account,
    name: str = typer.Option("", "--name", help="What people see."),
    texts: list[str] = SetOption,
    asks: list[str] = AskOption,
    files: list[str] = FileOption,
    no_check: bool = NoCheck,
) -> None:
    """Add an account. Where the platform can be asked, it is asked first, and nothing is kept when it says no."""
    from yizhan.cli import account_work
    from yizhan.cli.account_input import Given

    account_work.add(channel, account, name, Given(texts, asks, files), no_check=no_check)


@app.command("list")
def list_all(channel: str = typer.Option("", "--channel", help="Only this channel's.")) -> None:
    """Show the accounts; secrets stay hidden."""
    from yizhan.cli import account_work

    account_work.list_all(channel)


@app.command("show")
def show(
    channel: str = Channel,
    account: str = Account,
    secrets: bool = typer.Option(False, "--secrets", help="Show what is to be entered at the platform in clear."),
) -> None:
    """Show an account and what is to be entered at the platform; secrets stay hidden unless asked for."""
    from yizhan.cli import account_work

    account_work.show(channel, account, secrets=secrets)


@app.command("check")
def check(channel: str = Channel, account: str = Account) -> None:
    """Ask the platform whether an account works. Exit code 2 when it does not."""
    from yizhan.cli import account_work

    account_work.check(channel, account)


@app.command("connect")
def connect(channel: str = Channel, account: str = Account) -> None:
    """Show the address where the seller lets the gateway in, on the platform's own pages. It is good for an hour."""
    from yizhan.cli import account_work

    account_work.connect(channel, account)


@app.command("set")
def change(  # noqa: PLR0913, PLR0917 - one for each option
    channel: str = Channel,
    account: str = Account,
    name: str = typer.Option("", "--name", help="What people see."),
    enabled: bool | None = typer.Option(None, "--enable/--disable", help="Whether customers can write there."),
    texts: list[str] = SetOption,
    asks: list[str] = AskOption,
    files: list[str] = FileOption,
    unset: list[str] = typer.Option([], "--unset", metavar="NAME", help="Remove a setting."),
    no_check: bool = NoCheck,
) -> None:
    """Change an account. Changed credentials are tried at the platform first."""
    from yizhan.cli import account_work
    from yizhan.cli.account_input import Given

    account_work.change(channel, account, name, enabled, Given(texts, asks, files, unset), no_check=no_check)


@app.command("seal")
def seal() -> None:
    """Encrypt every stored secret under the newest key of YIZHAN_SECRET: before an older key is taken away."""
    from yizhan.cli import account_work

    account_work.seal()


@app.command("remove")
def remove(channel: str = Channel, account: str = Account) -> None:
    """Remove an account; its conversations stay."""
    from yizhan.cli import account_work

    account_work.remove(channel, account)
