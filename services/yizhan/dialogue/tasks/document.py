"""The YAML document of a task, as it is written: fields, types and limits. ``check`` knows what must fit together."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from yizhan.dialogue.tasks.definition import SlotKind

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, Field(min_length=1, max_length=100)]
Passage = Annotated[str, Field(min_length=1, max_length=1000)]
Synonyms = Annotated[list[Line], Field(max_length=50)]


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TitleDoc(Document):
    zh: Line
    en: Line


class TextDoc(Document):
    zh: Passage
    en: Passage


class OptionDoc(Document):
    id: Name
    label: TitleDoc
    words: Synonyms = []


class SlotDoc(Document):
    name: Name
    kind: Annotated[SlotKind, Field(strict=False)]
    title: TitleDoc
    prompt: TextDoc
    options: Annotated[list[OptionDoc], Field(max_length=20)] = []
    words: Synonyms = []
    optional: bool = False
    asked: bool = True
    masked: bool = False
    instead_of: str = ""
    begins: bool = False
    when: Annotated[dict[str, list[str] | str], Field(max_length=5)] = {}
    known: Literal["", "phone", "customer_name"] = ""
    settings: Annotated[dict[str, str | int | bool], Field(max_length=10)] = {}


class BranchDoc(Document):
    say: TextDoc | None = None
    cards: bool = False
    next: Literal["end", "human", "go_on"] | None = None
    ask: str = ""
    choose: str = ""

    @model_validator(mode="after")
    def _one_way_on(self) -> "BranchDoc":
        if sum((self.next is not None, bool(self.ask), bool(self.choose))) > 1:
            raise ValueError("one_way_on")
        return self


class CallDoc(Document):
    name: Name = "call"
    connector: Name
    operation: Name
    arguments: Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=20)] = {}
    changes: bool
    seconds: Annotated[int, Field(ge=1, le=60)] = 10
    facts: Annotated[list[Name], Field(max_length=20)] = []
    results: Annotated[dict[str, BranchDoc], Field(max_length=20)]


class ChoiceDoc(Document):
    label: TitleDoc
    words: Synonyms = []
    to: str


class StepDoc(Document):
    name: Name
    say: TextDoc
    choices: Annotated[list[ChoiceDoc], Field(min_length=1, max_length=10)]


class TaskDoc(Document):
    """Exactly one of ``slots`` with ``call``, or ``steps`` with ``close``."""

    task: Name
    title: TitleDoc
    triggers: Annotated[list[Annotated[str, Field(min_length=2, max_length=100)]], Field(min_length=1, max_length=200)]
    wishes: Synonyms = []
    makes: Synonyms = []
    minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    slots: Annotated[list[SlotDoc], Field(max_length=20)] = []
    checks: Annotated[list[CallDoc], Field(max_length=5)] = []
    confirm: TextDoc | None = None
    call: CallDoc | None = None
    steps: Annotated[list[StepDoc], Field(max_length=40)] = []
    close: TextDoc | None = None

    @model_validator(mode="after")
    def _form_or_guide(self) -> "TaskDoc":
        form = bool(self.slots) and self.call is not None
        guide = bool(self.steps) and self.close is not None
        mixed = (self.slots or self.call or self.checks or self.confirm) and (self.steps or self.close)
        if form == guide or mixed:
            raise ValueError("form_or_guide")
        return self
