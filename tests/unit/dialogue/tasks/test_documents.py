"""A task's document: read whole, or refused with everything that is wrong and where it stands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from yizhan.dialogue.tasks.definition import Form, Guide, Next
from yizhan.dialogue.tasks.parse import parse_task
from yizhan.dialogue.tasks.problems import TaskInvalid, TaskProblem
from yizhan.dialogue.tasks.shipped import shipped_documents

FORM = """\
task: greet
title: {zh: 问候, en: greeting}
triggers: [来个问候, say hello to someone]
slots:
  - name: phone
    kind: phone
    title: {zh: 手机号, en: phone}
    prompt: {zh: 手机号, en: Phone}
  - name: way
    kind: choice
    title: {zh: 方式, en: way}
    prompt: {zh: 怎么问候, en: How}
    options:
      - {id: call, label: {zh: 电话, en: Call}}
      - {id: text, label: {zh: 短信, en: Text}}
confirm: {zh: "给 {phone} 发 {way}？", en: ok}
call:
  connector: greeter
  operation: greet
  arguments: {phone: "{phone}", way: "{way}"}
  changes: true
  facts: [number]
  results:
    done: {say: {zh: 好了, en: Done}}
    failed: {say: {zh: 失败, en: Failed}, next: human}
    timeout: {say: {zh: 超时, en: Too late}, next: human}
"""

GUIDE = """\
task: tour
title: {zh: 导览, en: tour}
triggers: [带我看看, show me around]
steps:
  - name: first
    say: {zh: 好吗？, en: All right}
    choices:
      - {label: {zh: 好, en: Fine}, to: end}
      - {label: {zh: 再来, en: Again}, to: first}
close: {zh: 再见, en: Bye}
"""


def problems(text: str) -> tuple[TaskProblem, ...]:
    with pytest.raises(TaskInvalid) as refused:
        parse_task(text)
    return refused.value.problems


def test_a_form_is_read() -> None:
    task = parse_task(FORM)
    assert isinstance(task.does, Form)
    assert [slot.name for slot in task.does.slots] == ["phone", "way"]
    assert task.does.call.results["failed"].next is Next.HUMAN
    assert task.target == "task:greet"


def test_a_guide_is_read() -> None:
    task = parse_task(GUIDE)
    assert isinstance(task.does, Guide)
    assert task.does.steps[0].choices[1].to == "first"


def test_the_version_follows_the_content_and_not_its_layout() -> None:
    assert parse_task(FORM).version == parse_task("# a comment\n" + FORM).version
    assert parse_task(FORM).version != parse_task(FORM.replace("好了", "好啦")).version


def test_a_document_of_before_keeps_its_version() -> None:
    """What the form of documents has learnt since makes no new version of one that does not use it."""
    assert parse_task(FORM).version == "11e27a149efca2aa"
    begins = FORM.replace("kind: phone", "kind: phone\n    begins: true")
    assert parse_task(FORM.replace("kind: phone", "kind: phone\n    begins: false")).version == "11e27a149efca2aa"
    assert parse_task(begins).version != "11e27a149efca2aa"


@pytest.mark.parametrize(
    ("old", "new", "line", "place", "reason"),
    [
        pytest.param("kind: phone", "kind: fone", 6, "slots[0].kind", "one of the possible values", id="unknown kind"),
        pytest.param("    prompt: {zh: 手机号, en: Phone}\n", "", 5, "slots[0].prompt", "is missing", id="no prompt"),
        pytest.param("en: Phone}", "en: No}", 8, "slots[0].prompt.en", "quote yes, no", id="a no that YAML takes for false"),
        pytest.param("name: way", "name: phone", 9, "slots[1]", "twice", id="two slots of one name"),
        pytest.param("name: way", "name: Way", 9, "slots[1].name", "lower-case", id="a name in capitals"),
        pytest.param("id: text", "id: call", 15, "slots[1].options[1]", "twice", id="two options of one id"),
        pytest.param("发 {way}", "发 {weg}", 16, "confirm.zh", "neither a slot nor a fact", id="an unknown placeholder"),
        pytest.param('way: "{way}"', 'way: "{weg}"', 20, "call.arguments.way", "no slot 'weg'", id="an unknown argument"),
        pytest.param("    timeout: {say: {zh: 超时, en: Too late}, next: human}\n", "", 24, "call.results", "on 'timeout'", id="no word on a time-out"),
        pytest.param("next: human}\n    timeout", "choose: way}\n    timeout", 25, "call.results.failed", "after a failure", id="a failure that goes on"),
        pytest.param("done: {say: {zh: 好了, en: Done}}", "done: {next: end}", 24, "call.results.done", "must say something", id="an end without a word"),
        pytest.param("changes: true", "changes: maybe", 21, "call.changes", "true or false", id="no truth value"),
        pytest.param("kind: phone", "kind: phone\n    settings: {colour: red}", 7, "slots[0].settings", "no setting 'colour'", id="an unknown setting"),
        pytest.param("kind: phone", "kind: phone\n    settings: {foreign: maybe}", 7, "slots[0].settings", "foreign is true or false", id="a value that does not fit"),
        pytest.param("kind: phone", "kind: order_number\n    settings: {shape: '(a+)+'}", 7, "slots[0].settings", "shape: ", id="a shape that could run for ever"),
        pytest.param("kind: phone", "kind: text\n    settings: {most_chars: 200}", 7, "slots[0].settings", "no setting 'most_chars'", id="a setting of another name"),
        pytest.param("kind: phone", "kind: phone\n    words: [broken]", 7, "slots[0].words", "kind text", id="words of what is no text"),
        pytest.param("kind: phone", "kind: text\n    begins: true", 7, "slots[0].begins", "may begin a task by itself", id="words that begin it by themselves"),
        pytest.param("kind: phone", "kind: order_number\n    begins: true", 7, "slots[0].begins", "needs a shape", id="any number that begins it"),
        pytest.param("kind: phone", "kind: phone\n    begins: maybe", 7, "slots[0].begins", "true or false", id="a beginning that is no truth value"),
        pytest.param("task: greet", "task: greet\nwishes: hello", 2, "wishes", "must be a list", id="wishes that are no list"),
        pytest.param("kind: phone", "kind: phone\n    when: {way: call}", 7, "slots[0].when.way", "earlier slot", id="a condition on a later slot"),
        pytest.param("task: greet", "task: greet\ncolour: red", 2, "colour", "not known here", id="an unknown field"),
        pytest.param("task: greet", "task: greet\ntask: again", 2, "task", "twice", id="a field twice"),
        pytest.param("task: greet", "task: greet\nminutes: 0", 2, "minutes", "too small", id="no time at all"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, line: int, place: str, reason: str) -> None:
    assert old in FORM
    found = problems(FORM.replace(old, new, 1))
    assert (found[0].line, found[0].place) == (line, place)
    assert reason in found[0].reason_en
    assert any("\u4e00" <= character <= "\u9fff" for character in found[0].reason_zh)


def test_what_changes_something_is_confirmed() -> None:
    without = "\n".join(line for line in FORM.splitlines() if not line.startswith("confirm"))
    assert ["needs confirm" in problem.reason_en for problem in problems(without)] == [True]


def test_a_check_changes_nothing() -> None:
    call = FORM[FORM.index("call:") :].removeprefix("call:\n")
    check = "checks:\n  - name: look\n" + "".join(f"  {line}\n" for line in call.splitlines())
    assert [problem.place for problem in problems(FORM.replace("confirm:", check + "confirm:"))] == [
        "checks[0].changes"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "values", id="nothing"),
        pytest.param("a: [", "not valid YAML", id="a bracket that is never closed"),
        pytest.param("a: &x [1]\nb: *x", "aliases", id="an alias, which can be a bomb"),
        pytest.param("1: b", "must be text", id="a number for a name"),
        pytest.param("x" * 200_000, "too large", id="far too much"),
        pytest.param("[" * 90_000, "too deeply", id="far too deep"),
        pytest.param("!!python/object/apply:os.system ['true']", "not valid YAML", id="a call"),
    ],
)
def test_what_is_no_task_at_all_is_refused(text: str, reason: str) -> None:
    found = problems(text)
    assert reason in found[0].reason_en or reason == "values"


def test_a_step_leads_somewhere() -> None:
    [problem] = problems(GUIDE.replace("to: first", "to: second"))
    assert (problem.line, problem.place) == (9, "steps[0].choices[1].to")


def test_a_task_is_a_form_or_a_guide() -> None:
    assert "not both" in problems(GUIDE + "confirm: {zh: 好？, en: ok}")[0].reason_en


def test_the_examples_of_the_manual_are_tasks() -> None:
    manual = (Path(__file__).parents[4] / "docs" / "tasks.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)
    assert [type(parse_task(text).does) for text in examples] == [Form, Guide]


@pytest.mark.parametrize(("name", "text"), shipped_documents())
def test_no_shipped_text_is_shown_with_the_quotes_of_its_file(name: str, text: str) -> None:
    doc = yaml.safe_load(text)
    assert [line for line in _texts(doc) if len(line) > 1 and line[0] == line[-1] and line[0] in "'\""] == [], name


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            yield from (text for item in value for text in _texts(item))
        case dict():
            yield from (text for item in value.values() for text in _texts(item))


@pytest.mark.parametrize(("name", "text"), shipped_documents())
def test_the_shipped_documents_are_right_and_speak_both_languages(name: str, text: str) -> None:
    task = parse_task(text)
    assert f"{task.name}.yaml" == name
    assert any(trigger.isascii() for trigger in task.triggers)
    assert any(not trigger.isascii() for trigger in task.triggers)
