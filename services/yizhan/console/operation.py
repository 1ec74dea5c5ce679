"""What the API's document tells of one call."""

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what it is for, what it takes, and the status of its answers (every call may answer 401, 403, 503)."""

    method: str
    path: str
    summary: str
    body: type[BaseModel] | None = None
    query: tuple[str, ...] = ()
    file: bool = False
    success: int = 200
    refusals: tuple[int, ...] = ()
