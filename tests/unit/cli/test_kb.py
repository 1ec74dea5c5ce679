"""The knowledge at the command line, from a file to a release and back, on a database of its own."""

import json
from pathlib import Path
from socket import socket

import pytest
from typer.testing import CliRunner

from tests.services.schemas import sqlite_file
from yizhan.cli import app
from yizhan.cli.asking import Refusal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

FAQ = "编号,问题,相似问法,答案\nship,什么时候发货,多久发货|几天能发货,48小时内发货。\nback,怎么退货,如何申请退货|我要退货,在订单页申请。\n"
LATER = FAQ.replace("48小时", "24小时")
TESTS = "问题,条目编号\n什么时候发货,ship\n怎么退货,back\n"


class Shell:
    """Runs commands on one deployment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runner = CliRunner()

    def file(self, name: str, text: str) -> str:
        path = self._folder / name
        path.write_text(text, "utf-8")
        return str(path)

    def kb(self, *arguments: str) -> str:
        done = self._runner.invoke(app, ["kb", *arguments])
        assert done.exit_code == 0, (arguments, done.output, done.exception)
        return done.output

    def refused(self, *arguments: str) -> tuple[int, str]:
        """The exit code, and everything that is told."""
        done = self._runner.invoke(app, ["kb", *arguments])
        assert isinstance(done.exception, Refusal), (arguments, done.output, done.exception)
        return done.exception.exit_code, "\n".join(done.exception.lines)

    def answer(self, question: str, *more: str) -> str:
        shown = json.loads(self.kb("ask", question, "--json", *more))
        return str(shown["text"] if shown["decision"] == "Say" else shown["decision"])


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    home = tmp_path / "var"
    home.mkdir()
    sqlite_file(home)
    monkeypatch.setenv("YIZHAN_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path)


def test_a_file_is_published_in_one_step_changed_in_steps_and_rolled_back(shell: Shell) -> None:
    assert "release 1 published: 2 entries" in shell.kb("import", shell.file("faq.csv", FAQ))
    assert shell.answer("什么时候发货") == "48小时内发货。"
    assert shell.kb("import", "--draft", shell.file("faq.csv", LATER)) == "draft: 0 added, 1 changed, 0 removed\n"
    assert shell.answer("什么时候发货") == "48小时内发货。"
    diff = shell.kb("diff")
    assert "changed  ship  什么时候发货" in diff
    assert "- 48小时内发货。" in diff
    assert "+ 24小时内发货。" in diff
    built = shell.kb("build", "--note", "faster")
    assert "release 2 built: 2 entries" in built
    assert built.endswith("it can be published\n")
    assert shell.answer("什么时候发货", "--release", "2") == "24小时内发货。"
    assert shell.answer("什么时候发货") == "48小时内发货。"
    assert "release 2 published" in shell.kb("publish", "2")
    assert shell.answer("什么时候发货") == "24小时内发货。"
    assert "release 1 published again" in shell.kb("rollback", "1", "--reason", "too early")
    assert shell.answer("什么时候发货") == "48小时内发货。"
    listed = json.loads(shell.kb("releases", "--json"))
    assert [(one["number"], one["published"], one["note"]) for one in listed] == [(2, False, "faster"), (1, True, "")]
    assert shell.kb("diff", "published", "1") == "no difference\n"


def test_a_release_that_is_worse_is_refused_with_what_fell_and_how_to_go_on(shell: Shell) -> None:
    shell.kb("import", "--draft", shell.file("faq.csv", FAQ))
    shell.kb("document", "tests", shell.file("tests.csv", TESTS))
    assert shell.kb("document", "tests") == TESTS
    assert "test questions: 2, right 2" in shell.kb("build")
    shell.kb("publish", "1")
    code, told = shell.refused("import", shell.file("half.csv", FAQ.partition("back")[0]))
    assert code == 1
    assert "release 2 was built and is not published" in told
    assert "怎么退货" in told
    assert 'yizhan kb publish 2 --force "why"' in told
    assert shell.answer("怎么退货") == "在订单页申请。"
    assert "release 2 published" in shell.kb("publish", "2", "--force", "we take nothing back any more")
    assert shell.answer("怎么退货") != "在订单页申请。"


def test_a_document_that_cannot_be_read_is_refused_with_its_lines(shell: Shell) -> None:
    shell.kb("document", "variables", shell.file("good.yaml", "电话: 0755\n"))
    code, told = shell.refused("document", "variables", shell.file("bad.yaml", "电话: 0755\n\n地址: [a]\n坏 名: x\n"))
    assert code == 2
    assert "line 3, 地址: must be text" in told
    assert "line 4, 坏 名" in told
    assert shell.kb("document", "variables") == "电话: 0755\n"


def test_what_is_exported_can_be_imported_without_a_difference(shell: Shell) -> None:
    shell.kb("import", shell.file("faq.csv", FAQ))
    for name in ("a.csv", "a.xlsx", "a.jsonl", "a.md"):
        assert "2 entries of release 1 written" in shell.kb("export", name)
        assert shell.kb("import", "--draft", name) == "draft: 0 added, 0 changed, 0 removed\n"
    assert "2 entries of the draft written" in shell.kb("export", "--draft", "b.csv")


def test_what_is_asked_wrongly_is_said_in_one_line(shell: Shell) -> None:
    nothing = "nothing is published yet"
    assert shell.refused("export", "a.csv") == (1, nothing)
    assert shell.refused("build") == (1, "the draft has no entries")
    assert shell.refused("publish", "7") == (2, "there is no release 7; see `yizhan kb releases`")
    assert shell.refused("diff", "yesterday")[0] == 2
    assert shell.refused("document", "notes")[0] == 2
    assert "the draft has no variables" in shell.kb("document", "variables")
    code, told = shell.refused("ask", "什么时候发货", "--channel", "fax")
    assert (code, told) == (2, "there is no kind of channel fax; there are website, app, wechat, ecommerce, email")
    shell.kb("import", shell.file("faq.csv", FAQ))
    shell.kb("build")
    code, told = shell.refused("rollback", "2")
    assert (code, told) == (1, "it was never published: `yizhan kb publish` checks it first")


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint is set at which nobody listens."""
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{one.getsockname()[1]}/v1"
    monkeypatch.setenv("YIZHAN_MODELS_BASE_URL", address)
    monkeypatch.setenv("YIZHAN_MODELS_EMBEDDING", "embed-1")


@pytest.mark.usefixtures("nobody")
def test_a_release_that_was_built_while_the_endpoint_was_away_says_so_for_as_long_as_it_is_listed(shell: Shell) -> None:
    shell.kb("import", "--draft", shell.file("faq.csv", FAQ))
    built = shell.kb("build")
    assert "the embedding model failed (unreachable): the endpoint could not be reached" in built
    assert "words are compared alone" in built
    assert "[words alone: the endpoint could not be reached (unreachable)]" in shell.kb("releases")
    assert '"embedding_failed": "unreachable"' in shell.kb("releases", "--json")
