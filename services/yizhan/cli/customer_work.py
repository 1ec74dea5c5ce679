"""What ``yizhan customer`` does, on the deployment of the settings. Loaded by its commands only: it needs every service."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from yizhan.assembly import MOST_MEDIA
from yizhan.channels.store.erasure_requests import RequestRow
from yizhan.cli.asking import FAILED, Refusal, opened as database_opened, run
from yizhan.cli.customer_files import opened
from yizhan.console import store as console
from yizhan.core.bus.open import open_bus
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import monotonic, now
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.core.store.media import MediaStore
from yizhan.dialogue.customers.erasing import InTheWay, Request, ServedNow
from yizhan.dialogue.customers.problems import UnknownCustomer
from yizhan.privacy.erasing import (
    Deployment,
    HandOffOpen,
    Inspected,
    NeverStill,
    TicketsOpen,
    UnknownErasure,
    erase,
    inspect,
    receipt_of,
)
from yizhan.privacy.exporting import export
from yizhan.privacy.in_flight import InFlight, Patience, StillOnItsWay
from yizhan.privacy.receipt import Receipt, ReceiptInvalid, SignedReceipt, verified
from yizhan.privacy.requests import sifted

T = TypeVar("T")

_INVALID = {
    "unreadable": "it is no receipt of an erasure",
    "unknown_key": "it was signed with a secret that this deployment does not know",
    "changed": "it was changed after it was signed",
}


def export_to(settings: EmbeddedSettings, customer: str, out: Path) -> int:
    """How many files were written. Raises Refusal."""

    async def work(on: Deployment) -> int:
        subject, _ = await on.finder.subject(settings.workspace, customer)
        async with on.database.begin() as tx:  # first: what cannot be put down is not given out
            whose = on.pseudonyms.digest(subject.customer_id)
            await console.note(tx, settings.workspace, now(), "cli", "customer_exported", whose)
        with opened(out) as target:
            return len(await export(on.database, on.media, on.inventories, subject, target, now=now()))

    return _asked(settings, customer, work)


def looked_at(settings: EmbeddedSettings, customer: str, *, by: str, close: bool) -> list[str]:
    """What an erasure would find, in lines. Raises Refusal."""

    async def look(on: Deployment) -> Inspected:
        return await inspect(on, settings.workspace, customer, Request(by, close=close))

    return _lines(_asked(settings, customer, look))


def erased(
    settings: EmbeddedSettings, customer: str, *, by: str, reason: str, close: bool, wait: float
) -> SignedReceipt:
    """Raises Refusal."""

    async def work(on: Deployment) -> SignedReceipt:
        return await erase(on, settings.workspace, customer, Request(by, reason, close), Patience(within=wait))

    return _asked(settings, customer, work)


def requests(settings: EmbeddedSettings) -> list[RequestRow]:
    """What platforms ask for. Raises Refusal."""

    async def work(on: Deployment) -> list[RequestRow]:
        return await sifted(on, settings.workspace)

    return _asked(settings, "", work)


def receipt_again(settings: EmbeddedSettings, erasure_id: str) -> SignedReceipt:
    """Raises Refusal."""

    async def work(on: Deployment) -> SignedReceipt:
        return await receipt_of(on, settings.workspace, erasure_id)

    return _asked(settings, "", work)


def receipt_in(settings: EmbeddedSettings, file: Path) -> Receipt:
    """Raises Refusal."""
    try:
        return verified(file.read_text("utf-8"), settings.keyring)
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{file} cannot be read") from error
    except ReceiptInvalid as error:
        raise Refusal(f"{file} does not hold: {_INVALID[error.reason]}", exit_code=FAILED) from error


def _asked(settings: EmbeddedSettings, customer: str, work: Callable[[Deployment], Awaitable[T]]) -> T:
    """Do it on the deployment. Raises Refusal with what is in the way, by name."""

    async def inside() -> T:
        async with _deployment(settings) as on:
            return await work(on)

    try:
        return run(settings, inside())
    except UnknownErasure as error:
        raise Refusal(f"there is no erasure {error} that came to its end") from error
    except UnknownCustomer as error:
        raise Refusal(f"there is no customer {customer}") from error
    except ServedNow as error:
        raise Refusal(
            *(
                f"conversation {place.id} is with {place.agent_name or 'the queue'}: close it, then erase"
                for place in error.places
            ),
            exit_code=FAILED,
        ) from error
    except InTheWay as error:
        raise Refusal(
            *(f"conversation {place.id} is open: wait until it is closed, or say --close" for place in error.places),
            exit_code=FAILED,
        ) from error
    except HandOffOpen as error:
        raise Refusal(
            *(f"conversation {one} waits for a human, or has one: close it, then erase" for one in error.conversations),
            exit_code=FAILED,
        ) from error
    except TicketsOpen as error:
        raise Refusal(
            *(f"ticket {number} is open: settle it, or say --close" for number in error.numbers), exit_code=FAILED
        ) from error
    except StillOnItsWay as error:
        raise Refusal(
            f"something about the customer is still on its way ({error}): do all services run? Then ask again",
            exit_code=FAILED,
        ) from error
    except NeverStill as error:
        raise Refusal(
            f"new rows came again and again in erasure {error}: ask again to go on", exit_code=FAILED
        ) from error


@asynccontextmanager
async def _deployment(settings: EmbeddedSettings) -> AsyncIterator[Deployment]:
    async with database_opened(settings) as database:
        bus = open_bus(settings.bus_url, database=database, partitions=settings.partitions, producer="cli")
        async with bus as connected:
            yield Deployment(
                database=database,
                media=MediaStore(settings.media_url, settings.home, limits=MOST_MEDIA),
                in_flight=InFlight(database, connected, settings.partitions, monotonic),
                keyring=settings.keyring,
                clock=now,
                new_id=new_id,
            )


def _lines(inspected: Inspected) -> list[str]:
    if inspected.resumes:
        return ["an erasure of this customer was begun and goes on"]
    if not inspected.done:
        return ["nothing is kept about this customer"]
    return [f"{store}.{done.table}  {done.found}" for store, done in inspected.done]
