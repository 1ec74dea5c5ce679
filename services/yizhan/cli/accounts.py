"""``yizhan account …``: a channel's accounts."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import typer

from yizhan.channels.accounts import AccountExists, AccountInvalid, Accounts, AccountUnknown, Change
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.channels.store import AccountRow
from yizhan.cli.asking import Refusal, ask, common_settings
from yizhan.core.runtime.clock import now
from yizhan.core.store.database import Database

app = typer.Typer(no_args_is_help=True)
T = TypeVar("T")

Channel = typer.Argument(help=f"One of {', '.join(sorted(ACCOUNT_SETTINGS))}.")
Account = typer.Argument(help="The account's id, part of its addresses: small letters, digits, - and _.")
SettingsOption = typer.Option(
    [],
    "--set",
    metavar="NAME=VALUE",
    help="A setting of the account; JSON where it is not text: --set 'allowed_origins=[\"https://shop.example.com\"]'.",
)


@app.command("add")
def add(
    channel: str = Channel,
    account: str = Account,
    name: str = typer.Option("", "--name", help="What people see."),
    settings: list[str] = SettingsOption,
) -> None:
    """Add an account."""
    workspace = common_settings().workspace
    given = _settings(settings)
    row = _accounts(lambda accounts: accounts.add(workspace, channel, account, name=name, settings=given))
    typer.echo(_line(row))


@app.command("list")
def list_all(channel: str = typer.Option("", "--channel", help="Only this channel's.")) -> None:
    """Show the accounts; secrets stay hidden."""
    for row in _accounts(lambda accounts: accounts.list(channel or None)):
        typer.echo(_line(row))


@app.command("set")
def change(
    channel: str = Channel,
    account: str = Account,
    name: str = typer.Option("", "--name", help="What people see."),
    enabled: bool | None = typer.Option(None, "--enable/--disable", help="Whether customers can write there."),
    settings: list[str] = SettingsOption,
    unset: list[str] = typer.Option([], "--unset", metavar="NAME", help="Remove a setting."),
) -> None:
    """Change an account."""
    given: dict[str, Any] = {**_settings(settings), **dict.fromkeys(unset)}
    wanted = Change(name=name or None, enabled=enabled, settings=given or None)
    typer.echo(_line(_accounts(lambda accounts: accounts.change(channel, account, wanted))))


@app.command("remove")
def remove(channel: str = Channel, account: str = Account) -> None:
    """Remove an account; its conversations stay."""
    _accounts(lambda accounts: accounts.remove(channel, account))
    typer.echo(f"{channel}/{account} removed")


def _accounts(work: Callable[[Accounts], Awaitable[T]]) -> T:
    async def inside(database: Database) -> T:
        return await work(Accounts(database, ACCOUNT_SETTINGS, now))

    try:
        return ask(common_settings(), inside)
    except AccountInvalid as error:
        raise Refusal("the account cannot be like this:", *(f"  {line}" for line in error.problems)) from error
    except AccountExists as error:
        raise Refusal(f"there is an account {error} already") from error
    except AccountUnknown as error:
        raise Refusal(f"there is no account {error}") from error


def _settings(given: list[str]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for item in given:
        name, separator, value = item.partition("=")
        if not separator or not name:
            raise Refusal(f"--set {item}: write NAME=VALUE")
        try:
            settings[name] = json.loads(value)
        except ValueError:
            settings[name] = value
    return settings


def _line(row: AccountRow) -> str:
    hidden = {"key", "secret", "token"}
    shown = json.dumps(_hide(row.settings, hidden), ensure_ascii=False)
    state = "" if row.enabled else "  (disabled)"
    return f"{row.channel}/{row.account}  {row.name}  {shown}{state}"


def _hide(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: "…" if key in names else _hide(item, names) for key, item in value.items()}
    return value
