"""What ``yizhan account …`` does; imported when it is called, since channels are large."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import typer
from pydantic import BaseModel

from yizhan.channels.account_settings import account_sealer
from yizhan.channels.account_setup import AccountSetup, CannotConnect, Checked, Connecting, step_lines
from yizhan.channels.accounts import AccountExists, AccountInvalid, Accounts, AccountUnknown, AccountView, Change
from yizhan.channels.registry import ACCOUNT_SETTINGS, ACCOUNT_SETUPS
from yizhan.cli.account_input import Given, settings_given
from yizhan.cli.asking import FAILED, WRONG, Refusal, ask, common_settings
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.core.store.database import Database

T = TypeVar("T")


def add(channel: str, account: str, name: str, given_as: Given, *, no_check: bool) -> None:
    """Add an account. Where the platform can be asked, it is asked first, and nothing is kept when it says no."""
    process = common_settings()
    given = settings_given(_model(channel), given_as)

    async def work(accounts: Accounts) -> tuple[BaseModel, AccountView]:
        wanted = await accounts.settings_of_new(channel, account, given)
        if not no_check:
            await _asked(channel, wanted, process)
        return wanted, await accounts.add(process.workspace, channel, account, name=name, settings=given)

    settings, view = _accounts(process, work)
    typer.echo(_line(view))
    _show_steps(channel, account, settings, process, secrets=True)


def list_all(channel: str) -> None:
    """Show the accounts; secrets stay hidden."""
    process = common_settings()
    concerns = _concerns(process, channel)
    for view in _accounts(process, lambda accounts: accounts.list(channel or None)):
        concern = concerns.get((view.channel, view.account))
        typer.echo(_line(view) + (f"  (!! {concern})" if concern else ""))


def show(channel: str, account: str, *, secrets: bool) -> None:
    """Show an account and what is to be entered at the platform; secrets stay hidden unless asked for."""
    process = common_settings()
    view = _accounts(process, lambda accounts: accounts.get(channel, account))
    typer.echo(_head(view))
    for setting, value in view.settings.items():
        typer.echo(f"  {setting:<24} {_text(value)}")
    for problem in view.problems:
        typer.echo(f"  !! {problem}")
    if (concern := _concerns(process, channel).get((channel, account))) is not None:
        typer.echo(f"  !! {concern}")
    if not view.problems:
        settings = _accounts(process, lambda accounts: accounts.settings(channel, account))
        _show_steps(channel, account, settings, process, secrets=secrets)


def check(channel: str, account: str) -> None:
    """Ask the platform whether an account works. Exit code 2 when it does not."""
    process = common_settings()

    async def work(accounts: Accounts) -> Checked | None:
        return await _asked(channel, await accounts.settings(channel, account), process)

    checked = _accounts(process, work)
    if (concern := _concerns(process, channel).get((channel, account))) is not None:
        raise Refusal(concern)
    typer.echo(f"{channel}/{account}  {'works' if checked else 'is readable; this channel has no platform to ask'}")


def change(channel: str, account: str, name: str, enabled: bool | None, given_as: Given, *, no_check: bool) -> None:
    """Change an account. Changed credentials are tried at the platform first."""
    process = common_settings()
    given = settings_given(_model(channel), given_as)
    wanted = Change(name=name or None, enabled=enabled, settings=given or None)

    async def work(accounts: Accounts) -> AccountView:
        if given and not no_check:
            await _asked_if_new(accounts, channel, account, wanted, process)
        return await accounts.change(channel, account, wanted)

    typer.echo(_line(_accounts(process, work)))


def connect(channel: str, account: str) -> None:
    """Show where the seller consents. Exit code 2 where there is nothing to consent to, or no way to it."""
    process = common_settings()
    setup = ACCOUNT_SETUPS.get(channel)
    if not isinstance(setup, Connecting):
        _model(channel)
        raise Refusal(f"accounts of {channel} need no consent: there is nothing to connect")
    settings = _accounts(process, lambda accounts: accounts.settings(channel, account))
    try:
        address = setup.connect_url(account, settings, process)
    except CannotConnect as error:
        raise Refusal(*error.problems) from error
    typer.echo(
        "Open in a browser, within an hour, and let the seller sign in / 请在一小时内用浏览器打开，由卖家登录授权:"
    )
    typer.echo(address)


def seal() -> None:
    """Encrypt every stored secret under the newest key of YIZHAN_SECRET: before an older key is taken away."""
    changed: Sequence[AccountView] = _accounts(common_settings(), lambda accounts: accounts.seal())
    for view in changed:
        typer.echo(f"{view.channel}/{view.account}  sealed")
    lost = [view for view in _accounts(common_settings(), lambda accounts: accounts.list()) if view.problems]
    if lost:
        raise Refusal(*(f"{view.channel}/{view.account}: {line}" for view in lost for line in view.problems))


def remove(channel: str, account: str) -> None:
    """Remove an account; its conversations stay."""
    _accounts(common_settings(), lambda accounts: accounts.remove(channel, account))
    typer.echo(f"{channel}/{account} removed")


async def _asked_if_new(
    accounts: Accounts, channel: str, account: str, wanted: Change, process: EmbeddedSettings
) -> None:
    after = await accounts.settings_after(channel, account, wanted)
    setup = ACCOUNT_SETUPS.get(channel)
    if setup is None:
        return
    try:
        before = setup.credentials(await accounts.settings(channel, account))
    except AccountInvalid:
        before = None
    if before != setup.credentials(after):
        await _asked(channel, after, process)


async def _asked(channel: str, settings: BaseModel, process: EmbeddedSettings) -> Checked | None:
    """What the platform says; nothing where there is none to ask. Raises Refusal when it says no."""
    setup: AccountSetup | None = ACCOUNT_SETUPS.get(channel)
    if setup is None:
        return None
    checked = await setup.check(settings, process)
    if checked.problems:
        about = "the platform does not take this account" if checked.answered else "the platform cannot be asked"
        lines = (f"{about}:", *(f"  {line}" for line in checked.problems))
        raise Refusal(*lines, exit_code=WRONG if checked.answered else FAILED)
    for line in checked.found:
        typer.echo(line)
    return checked


def _show_steps(channel: str, account: str, settings: BaseModel, process: EmbeddedSettings, *, secrets: bool) -> None:
    setup = ACCOUNT_SETUPS.get(channel)
    if setup is not None:
        typer.echo("")
        for line in step_lines(setup.steps(account, settings, process.public_url), secrets=secrets):
            typer.echo(line)


def _accounts(process: EmbeddedSettings, work: Callable[[Accounts], Awaitable[T]]) -> T:
    async def inside(database: Database) -> T:
        return await work(Accounts(database, ACCOUNT_SETTINGS, now, account_sealer(process.keyring)))

    try:
        return ask(process, inside)
    except AccountInvalid as error:
        raise Refusal("the account cannot be like this:", *(f"  {line}" for line in error.problems)) from error
    except AccountExists as error:
        raise Refusal(f"there is an account {error} already") from error
    except AccountUnknown as error:
        raise Refusal(f"there is no account {error}") from error


def _concerns(process: EmbeddedSettings, channel: str) -> Mapping[tuple[str, str], str]:
    """What somebody has to do about accounts whose settings are right, by channel and account."""

    async def inside(database: Database) -> dict[tuple[str, str], str]:
        accounts = Accounts(database, ACCOUNT_SETTINGS, now, account_sealer(process.keyring))
        found: dict[tuple[str, str], str] = {}
        for name, setup in ACCOUNT_SETUPS.items():
            if isinstance(setup, Connecting) and channel in {"", name}:
                views = [view for view in await accounts.list(name) if view.enabled and not view.problems]
                settings = {view.account: await accounts.settings(name, view.account) for view in views}
                concerns = await setup.concerns(database, settings, now())
                found |= {(name, account): concern for account, concern in concerns.items()}
        return found

    return ask(process, inside)


def _model(channel: str) -> type[BaseModel]:
    model = ACCOUNT_SETTINGS.get(channel)
    if model is None:
        raise Refusal(f"there is no channel {channel}: one of {', '.join(sorted(ACCOUNT_SETTINGS))}")
    return model


def _line(view: AccountView) -> str:
    problems = f"  (unusable: {'; '.join(view.problems)})" if view.problems else ""
    return f"{_head(view)}  {_text(view.settings)}{problems}"


def _head(view: AccountView) -> str:
    return f"{view.channel}/{view.account}  {view.name}{'' if view.enabled else '  (disabled)'}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
