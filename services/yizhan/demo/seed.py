"""The demo business: a shop's FAQ, a website account, an administrator and an agent, for a deployment that has nobody yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import structlog

from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountExists, Accounts, AccountUnknown
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.console.people import generated_password
from yizhan.console.service import people_of
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.dialogue.connectors.config import connectors_file
from yizhan.dialogue.knowledge.contents import TASK, TESTS, Contents
from yizhan.dialogue.knowledge.parse import parse
from yizhan.dialogue.knowledge_desk import KnowledgeDesk, desk_of
from yizhan.dialogue.publishing import SAMPLE
from yizhan.dialogue.tasks.shipped import shipped_documents

log = structlog.get_logger(__name__)

ACCOUNT = "demo"
SHOP = "山居生活"
FAQ = "faq.csv"
QUESTIONS = "test-questions.csv"
"""What the demo's releases are tested with, in other words than the FAQ's."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login that was just made; the password is shown once and nowhere stored."""

    username: str
    password: str
    what: str


async def seed(settings: EmbeddedSettings, core: Core) -> tuple[Login, ...]:
    """Fill an empty deployment; one with users is left as it is. Raises StoreUnavailable."""
    people = people_of(settings, core)
    if not await people.nobody_yet():
        return ()
    desk = desk_of(settings, core.database, clock=core.clock, new_id=core.new_id)
    await _publish_faq(settings, desk)
    accounts = Accounts(core.database, ACCOUNT_SETTINGS, core.clock, account_sealer(settings.keyring))
    try:
        await accounts.add(settings.workspace, "website", ACCOUNT, name=SHOP, settings={"title": SHOP})
    except AccountExists:
        log.info("demo_account_exists", account=ACCOUNT)
    logins = (
        Login("admin", generated_password(), "administrator"),
        Login("agent", generated_password(), "agent"),
    )
    roles = {"admin": ("admin",), "agent": ("agent",)}
    names = {"admin": "管理员", "agent": "小雅"}
    for login in logins:
        await people.create(
            settings.workspace,
            login.username,
            name=names[login.username],
            roles=roles[login.username],
            password=login.password,
        )
    log.info("demo_seeded", workspace=settings.workspace)
    return logins


async def is_demo(settings: EmbeddedSettings, core: Core) -> bool:
    """Whether this deployment is the demo business: it has the demo's account, and no systems of its own are declared.

    Raises StoreUnavailable, ConnectorsInvalid.
    """
    if connectors_file(settings).workspaces:
        return False
    accounts = Accounts(core.database, ACCOUNT_SETTINGS, core.clock, account_sealer(settings.keyring))
    try:
        await accounts.get("website", ACCOUNT)
    except AccountUnknown:
        return False
    return True


def login_lines(logins: Sequence[Login]) -> list[str]:
    """What a person must read now or never; nothing when there are none."""
    if not logins:
        return []
    return [
        "  First logins (shown this once; change them in the console):",
        *(f"    {login.what:<14} {login.username}  {login.password}" for login in logins),
        "",
    ]


async def _publish_faq(settings: EmbeddedSettings, desk: KnowledgeDesk) -> None:
    data = files("yizhan.demo").joinpath(FAQ).read_bytes()
    parsed = parse(FAQ, data)
    if parsed.problems:
        raise RuntimeError(f"the demo FAQ has problems: {parsed.problems[0].reason_en}")
    await desk.library.refresh()
    if desk.library.release(settings.workspace) is None:
        documents = {f"{TASK}{Path(name).stem}": text for name, text in shipped_documents()}
        documents[TESTS] = files("yizhan.demo").joinpath(QUESTIONS).read_text("utf-8-sig")
        await desk.drafts.load(settings.workspace, Contents((), documents), mode="merge", by=SAMPLE, source_name="demo")
        taken = await desk.publisher.take(settings.workspace, parsed.entries, by=SAMPLE, source_name=FAQ)
        if taken.refused is not None:
            raise RuntimeError(f"the demo FAQ was refused: {taken.refused}")
