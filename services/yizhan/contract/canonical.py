"""The one text of a contract, which a store keeps and a version is the digest of.

Every clause is written out, those at their defaults too: a clock that goes by a kept contract is not moved by a later
release's defaults. A text from before a clause existed is read with that clause's default.
"""

import json
from dataclasses import asdict
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from yizhan.contract.contract import Contract

_ADAPTER = TypeAdapter(Contract)


class NotCanonical(ValueError):
    """What was kept is no contract."""


def canonical(contract: Contract) -> str:
    """Equal contracts have equal texts."""
    return json.dumps(asdict(contract), default=_seconds, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def contract_of(text: str) -> Contract:
    """The contract that `canonical` wrote down. Raises NotCanonical."""
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as invalid:
        fault = invalid.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise NotCanonical(f"not a kept contract: {place or 'text'}: {fault['msg']}") from invalid


def _seconds(value: object) -> int:
    """Lengths of time are whole seconds in a contract. Raises TypeError for anything else that JSON has no form for."""
    if not isinstance(value, timedelta):
        raise TypeError(f"a contract holds no {type(value).__name__}")
    return value // timedelta(seconds=1)
