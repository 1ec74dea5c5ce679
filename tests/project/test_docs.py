"""What the documentation says is there: links, commands, settings, figures and examples are those of this version."""

import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer
import yaml

from yizhan.cli import app
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.core.runtime.settings_reference import settings_reference
from yizhan.dialogue.knowledge.parse import parse

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OPERATIONS = ROOT / "docs" / "operations.md"
FAQ = ROOT / "services" / "yizhan" / "demo" / "faq.csv"

FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
VARIABLE = re.compile(r"\bYIZHAN_[A-Z_]*[A-Z]\b")
OTHER_VARIABLES = {"YIZHAN_CONFIG"}
USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]
"""What the command line raises for a command, option or argument that is not there."""
SETTINGS = re.compile(r"<!-- settings: begin .*?-->\n\n(.*?)\n<!-- settings: end -->", re.DOTALL)


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in these languages, without their indentation."""
    found = FENCED.findall(page.read_text("utf-8"))
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, name, code in found if name in languages]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return FENCED.sub("", page.read_text("utf-8"))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Where links into a page may lead, as code hosts name headings."""
    found: dict[str, int] = {}
    result = set()
    for heading in HEADING.findall(prose(page)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", shown.strip().lower()).replace(" ", "-")
        result.add(f"{slug}-{found[slug]}" if slug in found else slug)
        found[slug] = found.get(slug, 0) + 1
    return result


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line in the pages' shell blocks, and the page that it stands in."""
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words:
                    yield name(page), words


def yizhan_commands() -> list[tuple[str, list[str]]]:
    found = []
    for page, words in commands():
        words_left = list(itertools.dropwhile(lambda word: re.fullmatch(r"YIZHAN_[A-Z_]+=.*", word), words))
        if words_left and Path(words_left[0]).name == "yizhan":
            own = itertools.takewhile(lambda word: word != ">", words_left[1:])  # what follows is the shell's
            found.append((page, list(own)))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent == ROOT / "docs"], ids=name)
def test_every_page_is_in_the_index(page: Path) -> None:
    index = ROOT / "docs" / "README.md"
    assert page == index or f"({page.name})" in index.read_text("utf-8")


def test_the_readmes_say_the_same_and_lead_to_each_other() -> None:
    english, chinese = (ROOT / file for file in ("README.md", "README.zh-CN.md"))
    assert "README.zh-CN.md" in english.read_text("utf-8")
    assert "README.md" in chinese.read_text("utf-8")
    assert [len(blocks(page, "sh")) for page in (english, chinese)] == [1, 1]
    assert english.read_text("utf-8").count("\n## ") == chinese.read_text("utf-8").count("\n## ")


def test_decisions_are_numbered_whole_and_listed() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    index = re.sub(r"\s+", " ", (ROOT / "docs" / "README.md").read_text("utf-8"))
    for page in pages:
        text = page.read_text("utf-8")
        title = text.splitlines()[0]
        assert title.startswith(f"# {int(page.name[:4])}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], page.name
        assert f"[{title.partition('. ')[2]}](adr/{page.name})" in index


def test_the_commands_of_the_pages_are_taken_by_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsed, not run: a command, option or argument that is not there is an error."""
    (tmp_path / "faq.csv").write_bytes(FAQ.read_bytes())
    for named in ("train.csv", "test.csv", "guards.yaml", "own.csv", "我的句子.csv"):
        (tmp_path / named).write_text("text,label\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    found = yizhan_commands()
    assert len(found) > 15
    wrong = []
    for page, arguments in found:
        try:
            _understand(typer.main.get_command(app), arguments)
        except USAGE_ERROR as error:
            wrong.append(f"{page}: yizhan {shlex.join(arguments)}: {error}")
    assert wrong == []


@pytest.mark.parametrize(
    "line", ["kb publish", "up --fast", "user reset-password", "serve gateway", "kb import no.csv"]
)
def test_a_command_that_is_not_there_is_noticed(line: str) -> None:
    with pytest.raises(USAGE_ERROR):
        _understand(typer.main.get_command(app), line.split())


def _understand(command: Any, arguments: list[str]) -> None:
    with command.make_context(command.name, list(arguments)) as context:
        if hasattr(command, "resolve_command"):
            _, below, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            _understand(below, rest)


def test_the_make_targets_of_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = {word for _, words in commands() if words[0] == "make" for word in words[1:]}
    for page in PAGES:
        told |= {word for words in re.findall(r"`make ([a-z0-9 -]+)`", prose(page)) for word in words.split()}
    assert {"run", "test", "bench"} <= told
    assert told - targets == set()


def test_files_that_shell_examples_name_are_in_the_repository() -> None:
    named = {
        word for _, words in commands() for word in words if re.match(r"(deploy|requirements|docs|services)/", word)
    }
    assert {word for word in named if not (ROOT / word).exists()} == set()


def test_every_variable_that_the_pages_name_is_a_setting() -> None:
    known = {f"YIZHAN_{field.upper()}" for field in EmbeddedSettings.model_fields} | OTHER_VARIABLES
    told = {(name(page), found) for page in PAGES for found in VARIABLE.findall(page.read_text("utf-8"))}
    assert {(page, found) for page, found in told if found not in known} == set()


def test_the_table_of_settings_is_fresh() -> None:
    """To renew it, put what ``settings_reference()`` gives between the two marks."""
    found = SETTINGS.search(OPERATIONS.read_text("utf-8"))
    assert found is not None
    assert found.group(1) == settings_reference()


def test_the_example_of_a_settings_file_is_valid() -> None:
    examples = [yaml.safe_load(block) for block in blocks(OPERATIONS, "yaml")]
    assert len(examples) == 1
    assert examples[0]["secret"] == "…"
    settings = EmbeddedSettings(**{**examples[0], "secret": "0123456789abcdef0123456789abcdef"})
    assert not settings.embedded


def test_log_events_that_the_pages_explain_exist() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+) \| (?:debug|info|warning|error)", OPERATIONS.read_text("utf-8"), re.MULTILINE)
    events = {event for row in rows for event in re.findall(r"`(\w+)`", row)}
    assert len(events) > 15
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "services" / "yizhan").rglob("*.py"))
    assert {event for event in events if f'"{event}"' not in code and f'"event": "{event}"' not in code} == set()


def test_every_alert_leads_to_its_runbook() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules" / "yizhan.yml").read_text("utf-8"))
    for rule in rules["groups"][0]["rules"]:
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert anchor in anchors(ROOT / page), rule["alert"]


def test_what_the_start_prints_is_what_the_readmes_show() -> None:
    code = "".join((ROOT / "services" / "yizhan" / file).read_text("utf-8") for file in ("cli/run.py", "demo/seed.py"))
    for page in (ROOT / "README.md", ROOT / "README.zh-CN.md"):
        (shown,) = blocks(page, "")
        for words in ("Yizhan 驿站 is running", "First logins (shown this once; change them in the console):"):
            assert words in shown
            assert words in code
        for what in ("console", "demo shop", "metrics", "administrator", "agent"):
            assert f"    {what}" in shown
            assert what in code


@pytest.mark.parametrize("page", ["docs/console.zh-CN.md"])
def test_example_knowledge_files_can_be_imported(page: str) -> None:
    examples = blocks(ROOT / page, "csv")
    assert examples
    assert [parse("example.csv", example.encode()).problems for example in examples] == [()] * len(examples)


def test_the_example_of_measuring_knowledge_runs(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_bytes(FAQ.read_bytes())
    (example,) = blocks(ROOT / "docs" / "knowledge.md", "python")
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "services")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *curve = done.stdout.splitlines()
    assert first == "answers from 0.85 on, asks back from 0.10 on"
    assert len(curve) >= 30
    assert all(re.fullmatch(r"from [01]\.\d\d on: \d+% answered, [\d.]+% of them right", line) for line in curve)
