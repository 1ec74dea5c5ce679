"""What a release's report points out, and what it keeps quiet about."""

from collections.abc import Sequence
from datetime import date

import pytest

from yizhan.dialogue.knowledge.checks import ask, findings
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Entry, Variant
from yizhan.dialogue.knowledge.matcher import Candidate, Meaning
from yizhan.dialogue.knowledge.own_questions import TestQuestion
from yizhan.dialogue.knowledge.report import Outcome

DAY = date(2026, 11, 22)


def entry(id: str, question: str, *paraphrases: str, answer: str = "", **more: object) -> Entry:
    return Entry(id, question, paraphrases, answer or f"{id}的答案", **more)  # type: ignore[arg-type]


def found(*entries: Entry, **documents: str) -> list[tuple[str, str, tuple[str, ...], str]]:
    contents = Contents(entries, {name.replace("__", "/"): text for name, text in documents.items()})
    return [(one.severity.value, one.kind.value, one.where, one.detail) for one in findings(contents, DAY)]


CASES = [
    pytest.param(
        [entry("a", "什么时候发货", answer="48小时"), entry("b", "何时发货", "什么时候发货？", answer="48小时")],
        {},
        [("error", "same_phrasing", ("a", "b"), "什么时候发货？")],
        id="one phrasing in two entries, whatever its punctuation",
    ),
    pytest.param(
        [entry("a", "什么时候发货", answer="48小时"), entry("b", "什麼時候發貨", answer="一周")],
        {},
        [("error", "different_answers", ("a", "b"), "什麼時候發貨")],
        id="one question with two answers",
    ),
    pytest.param(
        [entry("a", "周末可以到门店自己取货吗"), entry("b", "周末可以去门店自己取货吗")],
        {},
        [("warning", "alike_phrasings", ("a", "b"), "周末可以到门店自己取货吗 | 周末可以去门店自己取货吗")],
        id="two entries asked nearly the same",
    ),
    pytest.param(
        [entry("a", "周末可以到门店自己取货吗", "周末可以去门店自己取货吗")],
        {},
        [],
        id="an entry's own phrasings may be alike",
    ),
    pytest.param(
        [entry("a", "怎么退货", answer="请打 {{phone}}", variants=(Variant("wechat", "见 {{menu}}"),))],
        {"variables": "phone: 400"},
        [("error", "unknown_variable", ("a",), "menu")],
        id="a variable that only a variant uses",
    ),
    pytest.param(
        [
            entry("a", "双十一活动有什么", valid_until=date(2026, 11, 21)),
            entry("b", "双十二优惠几折", valid_from=date(2026, 11, 23)),
            entry("c", "今天店里有什么", valid_from=DAY, valid_until=DAY),
        ],
        {},
        [("warning", "expired", ("a",), "2026-11-21"), ("warning", "not_yet_valid", ("b",), "2026-11-23")],
        id="entries outside their days",
    ),
    pytest.param(
        [entry("a", "怎么退货")],
        {"tests": "问题,条目编号\n如何退货,a\n多久发货,gone\n天气,\n查订单,task:order\n"},
        [
            ("error", "unknown_target", ("gone",), "多久发货"),
            ("error", "unknown_target", ("task:order",), "查订单"),
        ],
        id="test questions for what is not there",
    ),
    pytest.param(
        [entry("a", "怎么退货")],
        {"settings": "precision: high"},
        [
            (
                "error",
                "document_invalid",
                ("settings",),
                "precision: Input should be a valid number, unable to parse string as a number",
            )
        ],
        id="a document that cannot be read",
    ),
]


@pytest.mark.parametrize(("entries", "documents", "expected"), CASES)
def test_findings(
    entries: list[Entry], documents: dict[str, str], expected: list[tuple[str, str, tuple[str, ...], str]]
) -> None:
    assert found(*entries, **documents) == expected


@pytest.mark.parametrize("name", ["guards", "tasks__order"])
def test_a_guard_or_task_document_that_cannot_be_read_is_an_error_that_names_it(name: str) -> None:
    ((severity, kind, where, detail),) = found(entry("a", "怎么退货"), **{name: "nonsense: ["})
    assert (severity, kind, where) == ("error", "document_invalid", (name.replace("__", "/"),))
    assert detail


@pytest.mark.parametrize(
    ("text", "expected", "valid", "outcome"),
    [
        pytest.param("什么时候发货", "ship", {"ship", "back"}, Outcome.RIGHT, id="answered by the right one"),
        pytest.param("什么时候发货", "back", {"ship", "back"}, Outcome.WRONG, id="answered by another"),
        pytest.param("什么时候发货", "", {"ship", "back"}, Outcome.WRONG, id="answered where nothing may answer"),
        pytest.param("今天天气怎么样", "", {"ship", "back"}, Outcome.RIGHT, id="silent where nothing may answer"),
        pytest.param("今天天气怎么样", "ship", {"ship", "back"}, Outcome.UNANSWERED, id="not answered"),
        pytest.param("什么时候发货", "ship", {"back"}, Outcome.UNANSWERED, id="its entry does not answer on this day"),
    ],
)
def test_what_becomes_of_a_test_question(text: str, expected: str, valid: set[str], outcome: Outcome) -> None:
    assert ask(KnowsShipping(), TestQuestion(text, expected), Thresholds(), frozenset(valid)).outcome is outcome


class KnowsShipping:
    """Sure of one question, with another far behind; knows nothing else."""

    def match(self, question: str, limit: int = 5, meaning: Meaning | None = None) -> Sequence[Candidate]:
        if question != "什么时候发货":
            return ()
        return (Candidate("ship", 0.95, question), Candidate("back", 0.05, "怎么退货"))[:limit]
