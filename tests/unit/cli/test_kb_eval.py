"""``yizhan kb eval``, as scripts run it: the figures that were promised, by the names that were promised."""

import csv
import io
import json
import os
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.dialogue.knowledge import faq
from yizhan.cli import app
from yizhan.cli.asking import Refusal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SHOP = faq.entries()[::4]
KEYS = (
    *("rows", "in_scope", "out_of_scope", "accuracy", "threshold", "coverage", "precision", "oos_recall"),
    *("build_seconds", "ms_p50", "ms_p99"),
)
"""Section 10 of the design."""
TIMES = {"build_seconds", "ms_p50", "ms_p99"}


def table(*rows: tuple[str, str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("text", "label"), *rows])
    return out.getvalue()


@cache
def known() -> tuple[tuple[str, str], ...]:
    """Every phrasing of some entries of the demo shop but the last, which is asked."""
    return tuple((text, entry.id) for entry in SHOP for text in entry.phrasings[:-1])


@cache
def asked() -> tuple[tuple[str, str], ...]:
    inside = [(entry.phrasings[-1], entry.id) for entry in SHOP]
    return (*inside, *((case.question, "") for case in faq.cases("out_of_scope.csv")[:25]))


_MAIN = "from yizhan.cli import main; main()"


class Desk:
    """Runs the real command in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, content: str | bytes) -> str:
        (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def eval(
        self, train: str, test: str, *more: str, seed: str = "0", environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            **(environment or {}),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONHASHSEED": seed,
            "YIZHAN_HOME": str(self.folder / "var"),
        }
        command = [sys.executable, "-c", _MAIN, "kb", "eval", "--train", train, "--test", test, *more]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=200, check=False
        )

    def told(self, train: str, test: str, *more: str) -> str:
        """What the command prints, without a process of its own."""
        done = CliRunner().invoke(app, self._arguments(train, test, *more))
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    def refused(self, train: str, test: str, *more: str) -> tuple[int, str]:
        """Exit code and what is told, without a process of its own."""
        done = CliRunner().invoke(app, self._arguments(train, test, *more))
        if isinstance(done.exception, Refusal):
            assert done.output == ""
            return done.exception.exit_code, "\n".join(done.exception.lines)
        return done.exit_code, done.output

    def figures(self, train: str, test: str, *more: str) -> dict[str, float]:
        shown: dict[str, float] = json.loads(self.told(train, test, "--json", *more))
        return shown

    def _arguments(self, train: str, test: str, *more: str) -> list[str]:
        return ["kb", "eval", "--train", str(self.folder / train), "--test", str(self.folder / test), *more]

    def predicted(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_figures_are_those_of_the_predictions_and_the_same_twice_but_for_the_times(desk: Desk) -> None:
    train, test = desk.file("train.csv", table(*known())), desk.file("test.csv", table(*asked()))
    one, two = (desk.eval(train, test, "--json", "--predictions", f"{seed}.csv", seed=seed) for seed in ("1", "2"))
    assert (one.returncode, one.stderr) == (two.returncode, two.stderr) == (0, "")
    figures, again = json.loads(one.stdout), json.loads(two.stdout)
    assert tuple(figures) == KEYS
    predicted = desk.predicted("1.csv")
    assert list(predicted[0]) == ["row", "label", "probability", "answered"]
    assert [int(row["row"]) for row in predicted] == list(range(1, len(asked()) + 1))

    inside = [(row, label) for row, (_, label) in zip(predicted, asked(), strict=True) if label]
    outside = [row for row, (_, label) in zip(predicted, asked(), strict=True) if not label]
    answered = [(row, label) for row, (_, label) in zip(predicted, asked(), strict=True) if row["answered"] == "1"]
    assert (figures["rows"], figures["in_scope"], figures["out_of_scope"]) == (
        len(asked()),
        len(inside),
        len(outside),
    )
    assert figures["accuracy"] == pytest.approx(sum(r["label"] == label for r, label in inside) / len(inside), abs=1e-6)
    assert figures["coverage"] == pytest.approx(sum(r["answered"] == "1" for r, _ in inside) / len(inside), abs=1e-6)
    assert figures["precision"] == pytest.approx(
        sum(r["label"] == label for r, label in answered) / len(answered), abs=1e-6
    )
    assert figures["oos_recall"] == pytest.approx(sum(r["answered"] == "0" for r in outside) / len(outside), abs=1e-6)
    for row in predicted:
        probability = float(row["probability"])
        assert 0.0 <= probability <= 1.0
        if row["answered"] == "1":
            assert probability >= figures["threshold"] - 1e-6
    assert 0.4 <= figures["accuracy"] < 1.0
    assert figures["oos_recall"] >= 0.8
    assert figures["build_seconds"] > 0.0
    assert 0.0 < figures["ms_p50"] <= figures["ms_p99"]

    assert {name: again[name] for name in KEYS if name not in TIMES} == {
        name: figures[name] for name in KEYS if name not in TIMES
    }
    assert (desk.folder / "2.csv").read_bytes() == (desk.folder / "1.csv").read_bytes()
    assert not (desk.folder / "var").exists(), "measuring needs no database"


def test_without_json_every_figure_stands_on_a_line_of_its_own(desk: Desk) -> None:
    train = desk.file("train.csv", table(("怎么退货", "return"), ("运费多少", "fee"), ("多久发货", "ship")))
    shown = desk.told(train, desk.file("test.csv", table(("怎么退货", "return"), ("今天下雨吗", ""))))
    assert [line.split()[0] for line in shown.splitlines()] == list(KEYS)


def test_training_rows_without_a_label_teach_what_not_to_answer(desk: Desk) -> None:
    """The same kind of question without an answer is answered less often once some of them are known."""
    outside = [case.question for case in faq.cases("out_of_scope.csv")]
    test = desk.file("test.csv", table(*asked()[: len(SHOP)], *((text, "") for text in outside[1::2])))
    trained = {"plain": known(), "told": (*known(), *((text, "") for text in outside[::2]))}
    oos_recall, doubt = {}, {}
    for name, rows in trained.items():
        train, out = desk.file(f"{name}.csv", table(*rows)), f"{name}-out.csv"
        figures = desk.figures(train, test, "--precision", "0.6", "--predictions", str(desk.folder / out))
        beliefs = [float(row["probability"]) for row in desk.predicted(out)[len(SHOP) :]]
        oos_recall[name], doubt[name] = figures["oos_recall"], sum(beliefs) / len(beliefs)
    assert oos_recall["told"] >= oos_recall["plain"]
    assert doubt["told"] < doubt["plain"]


def test_a_greater_promise_answers_less(desk: Desk) -> None:
    train, test = desk.file("train.csv", table(*known())), desk.file("test.csv", table(*asked()))
    careful, bold = (desk.figures(train, test, "--precision", promise) for promise in ("0.99", "0.6"))
    assert careful["threshold"] > bold["threshold"]
    assert careful["coverage"] <= bold["coverage"]
    assert careful["accuracy"] == bold["accuracy"]


GOOD = table(("怎么退货", "return"), ("运费多少", "fee"))


@pytest.mark.parametrize(
    ("train", "test", "told"),
    [
        (GOOD, "question,entry\na,b\n", "test.csv: the header has no column label and no column text"),
        ("text\na\n", GOOD, "train.csv: the header has no column label"),
        (GOOD, "text,label\na,x\n,y\n", "test.csv: line 3: no text"),
        (GOOD, 'text,label\n"a,x\n', "test.csv: line 2: unexpected end of data"),
        (GOOD, "text,label\n怎么退货,x\n".encode("gb18030"), "test.csv: not UTF-8 at byte 11"),
        (table(("怎么退货", "")), GOOD, "train.csv: no row has a label"),
        ("text,label\n", GOOD, "train.csv: no row has a label"),
        (GOOD, "text,label\n", "test.csv: no rows"),
        ("", GOOD, "train.csv: the header has no column label and no column text"),
    ],
    ids=[
        *("other columns", "a missing column", "a row without text", "an open quote", "another encoding"),
        *("no labels", "no training rows", "no test rows", "an empty file"),
    ],
)
def test_a_bad_file_is_told_in_one_line_with_exit_code_2(
    train: str | bytes, test: str | bytes, told: str, desk: Desk
) -> None:
    code, line = desk.refused(desk.file("train.csv", train), desk.file("test.csv", test), "--json")
    assert (code, line) == (2, f"{desk.folder}/{told}")


@pytest.mark.parametrize("more", [("--precision", "1.5"), ("--precision", "often"), ("--unknown",)])
def test_a_wrong_option_ends_with_exit_code_2(more: tuple[str, ...], desk: Desk) -> None:
    assert desk.refused(desk.file("train.csv", GOOD), desk.file("test.csv", GOOD), *more)[0] == 2


def test_the_process_itself_ends_with_exit_code_2_and_one_line(desk: Desk) -> None:
    done = desk.eval(desk.file("train.csv", "text,label\n,y\n"), desk.file("test.csv", GOOD), "--json")
    assert (done.returncode, done.stdout, done.stderr.splitlines()[1:]) == (2, "", [])
    assert "train.csv: line 2: no text" in done.stderr
    assert desk.eval("nowhere.csv", "test.csv").returncode == 2


class EmbeddingsOnly(BaseHTTPRequestHandler):
    """Embeds as a model that knows the labels: what is about the same thing lies near, whatever its words."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = [{"index": place, "embedding": _vector(text)} for place, text in enumerate(asked["input"])]
        body = json.dumps({"data": data, "usage": {"total_tokens": 1}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _vector(text: str) -> list[float]:
    meant = dict((*known(), *asked())).get(text, "")
    about, own = (random.Random(seed) for seed in (f"about {meant or text}", text))
    return [about.gauss(0, 1) + own.gauss(0, 0.3) for _ in range(32)]


@pytest.fixture
def embeddings() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmbeddingsOnly)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_embedding_model_that_knows_what_is_meant_finds_more(desk: Desk, embeddings: str) -> None:
    train, test = desk.file("train.csv", table(*known())), desk.file("test.csv", table(*asked()))
    model = {"YIZHAN_MODELS_BASE_URL": embeddings, "YIZHAN_MODELS_EMBEDDING": "test"}
    words, both = desk.eval(train, test, "--json"), desk.eval(train, test, "--json", environment=model)
    assert (words.returncode, both.returncode, both.stderr) == (0, 0, "")
    assert json.loads(both.stdout)["accuracy"] > json.loads(words.stdout)["accuracy"]


def test_an_embedding_endpoint_that_does_not_answer_is_said_in_one_line(desk: Desk) -> None:
    train = desk.file("train.csv", table(*known()))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        model = {"YIZHAN_MODELS_BASE_URL": address, "YIZHAN_MODELS_EMBEDDING": "test"}
        done = desk.eval(train, train, environment=model)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1] == "yizhan: the embedding endpoint failed: unreachable"
