"""What a task asks of a connector, and what comes back: the bodies of a job of kind ``CONNECTOR``, as JSON.

The connector's job handler gets ``Call`` from ``decode_call`` and gives the bytes of ``encode_result``. A result names
the *branch* of the task's ``results`` that it belongs to (``found``, ``not_found``, ``several``, ``refused`` …); that
the call failed or timed out is told by the job's outcome and needs no body.
"""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from yizhan.core.messages.content import LogisticsCard, MenuOption, OrderCard, RefundCard

CONNECTOR = "connector"
"""The kind of job that carries out a call."""


class CallUnreadable(Exception):
    """The body of a job is no call, or no result: another version wrote it."""


@dataclass(frozen=True, slots=True)
class Call:
    """An operation of a connector. ``arguments`` are named texts; one that the customer did not give is left out.

    ``changes``: it alters something at the business, so it is done at most once; the job's id is the idempotency key.
    ``locale`` is the language in which labels and reasons are shown to the customer.
    """

    connector: str
    operation: str
    arguments: dict[str, str]
    changes: bool
    locale: str = ""


Short = Annotated[str, Field(max_length=500)]


@dataclass(frozen=True, slots=True)
class Result:
    """``facts`` fill the placeholders of the branch's text; ``options`` are what the customer may choose from.

    An option's id is the value that the chosen slot gets. At most 20 options and 10 cards of each kind.
    """

    branch: Annotated[str, Field(max_length=50)]
    facts: dict[str, Short] = field(default_factory=dict)
    options: Annotated[tuple[MenuOption, ...], Field(max_length=20)] = ()
    orders: Annotated[tuple[OrderCard, ...], Field(max_length=10)] = ()
    logistics: Annotated[tuple[LogisticsCard, ...], Field(max_length=10)] = ()
    refunds: Annotated[tuple[RefundCard, ...], Field(max_length=10)] = ()


_CALL = TypeAdapter(Call)
_RESULT = TypeAdapter(Result)


def encode_call(call: Call) -> bytes:
    """The body of the job."""
    return _CALL.dump_json(call)


def decode_call(body: bytes) -> Call:
    """Raises CallUnreadable."""
    try:
        return _CALL.validate_json(body)
    except ValidationError as error:
        raise CallUnreadable("call") from error


def encode_result(result: Result) -> bytes:
    """The body of ``JobFinished`` with outcome DONE."""
    return _RESULT.dump_json(result)


def decode_result(body: bytes) -> Result:
    """Raises CallUnreadable."""
    try:
        return _RESULT.validate_json(body)
    except ValidationError as error:
        raise CallUnreadable("result") from error
