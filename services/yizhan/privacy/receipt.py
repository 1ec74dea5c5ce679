"""What an erasure leaves: a receipt that says what was found and what became of it, and names nobody.

It is signed with a key derived from the deployment's secret: whoever has the secret can see that it is theirs, unchanged.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan import __version__
from yizhan.core.messages.moment import Moment
from yizhan.core.security.compare import same
from yizhan.core.security.keys import Keyring
from yizhan.core.security.tokens import encoded
from yizhan.core.store.personal import About, Done

PURPOSE = "erasure-receipt"

NOT_REACHED = (
    "back-ups and copies of the database and of the media store that were made before",
    "deleted rows in PostgreSQL's files, until vacuum and checkpoints have passed",
    "files that somebody uploaded and never sent",
    "log files, which hold ids and no words",
    "what the channels' platforms and the customer's own devices keep",
    "what own agent systems, connectors and model providers were given",
)
"""What no command of this program can reach; ``docs/customers.md`` says what to do about each."""


WHY_UNTOUCHED: Mapping[About, str] = {
    About.OPERATION: "the running of the service, and colleagues; who was erased is there as a digest",
    About.BUSINESS: "what the business wrote; phrasings taken from questions were masked when they were drafted",
    About.FIGURES: "sums in which nobody can be told from another",
    About.IN_FLIGHT: "what is on its way; what was about the customer was waited for until it was handled",
}


class ReceiptInvalid(Exception):
    """The file is no receipt of this deployment. ``reason``: unreadable, unknown_key or changed."""

    def __init__(self, reason: Literal["unreadable", "unknown_key", "changed"]) -> None:
        super().__init__(reason)
        self.reason = reason


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Frozen):
    """What became of one table's rows. ``emptied`` rows stay, without what tells whose they were; ``why`` says what for."""

    store: str
    table: str
    found: int
    erased: int
    emptied: int
    kept: int
    why: str = ""


class Untouched(_Frozen):
    """Tables that hold nothing about customers, and what they are about instead."""

    about: str
    why: str
    tables: tuple[str, ...]


class Receipt(_Frozen):
    """``customer`` is a keyed digest of the customer's id. ``earlier``: the erasure in which all of it went before."""

    kind: Literal["yizhan-erasure-receipt"] = "yizhan-erasure-receipt"
    version: Literal[1] = 1
    program: str = __version__
    id: str
    workspace: str
    customer: str
    begun_at: Moment
    finished_at: Moment
    by: str
    reason: str
    earlier: str = ""
    found: int
    lines: tuple[Line, ...]
    untouched: tuple[Untouched, ...]
    not_reached: tuple[str, ...] = NOT_REACHED


class Signature(_Frozen):
    """``key`` names the secret, and tells nothing about it."""

    algorithm: Literal["HMAC-SHA256"] = "HMAC-SHA256"
    key: str
    value: str


class SignedReceipt(_Frozen):
    receipt: Receipt
    signature: Signature

    def as_text(self) -> str:
        return self.model_dump_json(indent=2) + "\n"


def lines_of(done: Mapping[str, Sequence[Done]]) -> tuple[Line, ...]:
    """What was done, summed up by table."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for store, items in done.items():
        for one in items:
            line = sums.setdefault((store, one.table, one.why), [0, 0, 0])
            for place, number in enumerate((one.found, one.erased, one.emptied)):
                line[place] += number
    return tuple(
        Line(
            store=store,
            table=table,
            found=found,
            erased=erased,
            emptied=emptied,
            kept=found - erased - emptied,
            why=why,
        )
        for (store, table, why), (found, erased, emptied) in sums.items()
    )


def untouched(others: Mapping[str, Mapping[str, About]]) -> tuple[Untouched, ...]:
    """Tables by what they are about, each with its service."""
    found: dict[About, list[str]] = {}
    for service, tables in others.items():
        for table, about in tables.items():
            found.setdefault(about, []).append(f"{service}.{table}")
    return tuple(
        Untouched(about=about.value, why=WHY_UNTOUCHED[about], tables=tuple(sorted(names)))
        for about, names in sorted(found.items())
    )


def signed(receipt: Receipt, keyring: Keyring) -> SignedReceipt:
    """The receipt under the present secret."""
    key = keyring.derived(PURPOSE)[0]
    return SignedReceipt(receipt=receipt, signature=Signature(key=key.id, value=_seal(key.key, receipt)))


def verified(text: str, keyring: Keyring) -> Receipt:
    """The receipt in a file, if one of the secrets that are known signed it as it is. Raises ReceiptInvalid."""
    try:
        given = SignedReceipt.model_validate_json(text)
    except ValidationError as error:
        raise ReceiptInvalid("unreadable") from error
    for key in keyring.derived(PURPOSE):
        if key.id == given.signature.key:
            if same(_seal(key.key, given.receipt), given.signature.value):
                return given.receipt
            raise ReceiptInvalid("changed")
    raise ReceiptInvalid("unknown_key")


def _seal(key: bytes, receipt: Receipt) -> str:
    return encoded(hmac.digest(key, receipt.model_dump_json().encode(), "sha256"))
