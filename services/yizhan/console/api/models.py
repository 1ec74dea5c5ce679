"""Bodies that the API reads. What it answers is built in ``views``."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Short = Annotated[str, Field(max_length=200)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Body(BaseModel):
    """A request body: unknown members are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class PasswordChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    old: Annotated[str, Field(max_length=256)]
    new: Annotated[str, Field(max_length=256)]


class PresenceChoice(Body):
    """``reason``: why one is away; null where none is given."""

    state: Literal["online", "away", "offline"]
    reason: Literal["lunch", "break", "training", "meeting", "other"] | None = None


class Action(Body):
    epoch: Annotated[int, Field(ge=0)]
    reason: Short = ""


class Question(Body):
    """Without a release the published one is asked; without a day, today."""

    question: Annotated[str, Field(min_length=1, max_length=2000)]
    channel: Annotated[str, Field(max_length=32)] = ""
    release_id: Annotated[str, Field(max_length=36)] = ""
    day: Day | None = None


class BuildOrder(Body):
    note: Annotated[str, Field(max_length=500)] = ""


class PublishOrder(Body):
    forced_reason: Annotated[str, Field(max_length=500)] = ""


class RollBackOrder(Body):
    reason: Annotated[str, Field(max_length=500)] = ""


class NewUser(Body):
    username: Annotated[str, Field(min_length=2, max_length=64)]
    name: Annotated[str, Field(max_length=100)] = ""
    roles: Annotated[list[str], Field(min_length=1, max_length=4)]
    capacity: Annotated[int, Field(ge=0, le=100)] = 0
    locale: Literal["zh-CN", "en"] = "zh-CN"
    password: Annotated[str, Field(max_length=256)] = ""


class UserChange(Body):
    name: Annotated[str, Field(max_length=100)] | None = None
    roles: Annotated[list[str], Field(min_length=1, max_length=4)] | None = None
    enabled: bool | None = None
    capacity: Annotated[int, Field(ge=0, le=100)] | None = None
