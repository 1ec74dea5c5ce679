"""What a channel does for whoever adds an account to it, where there is anything to do."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from yizhan.core.runtime.settings import CommonSettings
from yizhan.core.store.database import Database


@dataclass(frozen=True, slots=True)
class Checked:
    """What asking the platform showed. ``problems``: why the account will not work, one line each; ``found``: good to know.

    ``answered`` False: nobody could be asked, which says nothing about the account.
    """

    problems: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the platform's own pages, and what to write into it."""

    field: str
    value: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """What is to be done at the platform: where, what to enter there, and then."""

    where: str
    entries: tuple[Entry, ...]
    then: tuple[str, ...] = ()


class AccountSetup(Protocol):
    """``settings`` are always of the channel's own model."""

    def credentials(self, settings: BaseModel) -> Hashable:
        """What the platform judges. While it stays the same there is no need to ask again."""

    async def check(self, settings: BaseModel, process: CommonSettings) -> Checked:
        """Ask the platform whether the account works; changes nothing there."""

    def steps(self, account: str, settings: BaseModel, public_url: str) -> Steps:
        """What is left to do at the platform."""


class CannotConnect(Exception):
    """There is nothing to be consented to, or no way to it; ``problems`` says why, one line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@runtime_checkable
class Connecting(Protocol):
    """A set-up whose accounts somebody has to consent to in a browser, and again when that runs out."""

    def connect_url(self, account: str, settings: BaseModel, process: CommonSettings) -> str:
        """What to open in a browser, good for an hour. Raises CannotConnect."""

    async def concerns(self, database: Database, settings: Mapping[str, BaseModel], now: datetime) -> Mapping[str, str]:
        """Of these accounts those where somebody has to act, and what is to be done. Raises StoreError."""


def step_lines(steps: Steps, *, secrets: bool) -> Sequence[str]:
    """For people to read; secrets in clear only where asked for."""
    width = max((_width(entry.field) for entry in steps.entries), default=0)
    return [
        steps.where,
        *(
            f"  {entry.field}{' ' * (width - _width(entry.field))}  {entry.value if secrets or not entry.secret else '…'}"
            for entry in steps.entries
        ),
        *steps.then,
    ]


def _width(text: str) -> int:
    """Columns on a terminal: Han takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
