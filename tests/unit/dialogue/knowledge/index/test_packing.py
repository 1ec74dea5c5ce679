"""An index is kept as bytes: the same candidates come out, and nothing else is ever opened."""

import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.known_weights import KNOWN_WEIGHTS
from yizhan.dialogue.knowledge.index.learn_few_votes import learn_few
from yizhan.dialogue.knowledge.index.neighbours import neighbours
from yizhan.dialogue.knowledge.index.packing import Unreadable, pack, unpack
from yizhan.dialogue.knowledge.index.question import read
from yizhan.dialogue.knowledge.index.space import build
from yizhan.dialogue.knowledge.index.trained import TrainedMatcher, read_entries
from yizhan.dialogue.knowledge.index.training import TrainedIndex, train
from yizhan.dialogue.knowledge.index.votes import FewVotes, FullVotes
from yizhan.dialogue.knowledge.matcher import Matcher

SHOP = faq.entries()[:25]


@cache
def index() -> TrainedIndex:
    return train(SHOP, 0.95)


@cache
def few() -> FewVotes:
    rows = [read(text).features for entry in SHOP for text in entry.phrasings]
    labels = np.repeat(np.arange(len(SHOP), dtype=np.int32), [len(entry.phrasings) for entry in SHOP])
    return learn_few(neighbours(build(rows), 64), labels, len(SHOP), 8)


@cache
def packed() -> bytes:
    return pack(SHOP, index().votes, index().weights)


def matcher_of(votes: FullVotes | FewVotes) -> Matcher:
    return TrainedMatcher(SHOP, read_entries(SHOP), votes, index().weights)


@pytest.mark.parametrize("kind", ["all votes", "few votes"])
def test_what_is_packed_and_opened_again_finds_the_same(kind: str) -> None:
    votes = index().votes if kind == "all votes" else few()
    learned = unpack(pack(SHOP, votes, index().weights), SHOP)
    assert learned.weights == index().weights
    before = matcher_of(votes)
    after = TrainedMatcher(SHOP, read_entries(SHOP), learned.votes, learned.weights)
    for case in faq.cases("in_scope.csv"):
        one, other = before.match(case.question), after.match(case.question)
        # Votes are kept in half precision.
        assert [found.entry_id for found in one[:1]] == [found.entry_id for found in other[:1]]
        for found, again in zip(one[:1], other[:1], strict=True):
            assert found.score == pytest.approx(again.score, abs=0.005)


def test_opening_twice_gives_exactly_the_same_candidates() -> None:
    one, other = engine.open_index(packed(), SHOP), engine.open_index(packed(), SHOP)
    for case in faq.cases("in_scope.csv"):
        assert one.match(case.question) == other.match(case.question)


def test_the_same_index_is_packed_into_the_same_bytes() -> None:
    assert pack(SHOP, index().votes, index().weights) == packed()


def test_the_bytes_are_smaller_than_what_they_hold() -> None:
    rows = sum(len(entry.phrasings) for entry in SHOP)
    assert len(packed()) < rows * len(SHOP) * 2 + 4096


def altered(place: int, **changes: object) -> tuple[Entry, ...]:
    return (*SHOP[:place], replace(SHOP[place], **changes), *SHOP[place + 1 :])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "entries",
    [
        SHOP[:-1],
        (*SHOP, Entry("new", "新问题", (), "新答案")),
        SHOP[::-1],
        altered(3, question="完全不同的问题"),
        altered(3, answer="完全不同的答案"),
        altered(3, id="another"),
        altered(0, paraphrases=SHOP[0].paraphrases[::-1]),
    ],
    ids=["one fewer", "one more", "another order", "question", "answer", "id", "order of phrasings"],
)
def test_an_index_over_other_entries_is_not_opened(entries: tuple[Entry, ...]) -> None:
    with pytest.raises(Unreadable, match="other phrasings"):
        unpack(packed(), entries)
    with pytest.raises(engine.IndexDamaged, match="other phrasings"):
        engine.open_index(packed(), entries)


def test_what_does_not_touch_matching_may_change_without_training_again() -> None:
    assert unpack(packed(), altered(3, category="别的")).weights == index().weights


@pytest.mark.parametrize("kept", [0.0, 0.0005, 0.005, 0.25, 0.5, 0.9, 0.9999])
def test_a_truncated_index_is_refused(kept: float) -> None:
    with pytest.raises(Unreadable):
        unpack(packed()[: int(kept * len(packed()))], SHOP)


def test_a_single_flipped_byte_anywhere_is_refused() -> None:
    whole = packed()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(Unreadable, match="damaged"):
            unpack(bytes(damaged), SHOP)


class Explodes:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return (pytest.fail, ("a pickle from an index was run",))


def sealed(archive: bytes) -> bytes:
    """With its checksum, as what somebody made on purpose would have."""
    return hashlib.sha256(archive).digest() + archive


def bundle(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return sealed(file.getvalue())


def parts() -> dict[str, object]:
    with np.load(io.BytesIO(packed()[32:]), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return sealed(file.getvalue())


def array_file(array: "np.typing.NDArray[np.float64]") -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return sealed(file.getvalue())


def head_with(**changes: object) -> "np.typing.NDArray[np.uint8]":
    head = json.loads(np.asarray(parts()["head"]).tobytes())
    return np.frombuffer(json.dumps({**head, **changes}).encode(), np.uint8)


def test_the_parts_of_an_index_put_together_again_are_an_index() -> None:
    assert unpack(bundle(**parts()), SHOP).weights == index().weights


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"not an index",
        lambda: sealed(b""),
        lambda: sealed(b"not an index"),
        lambda: sealed(b"\x93NUMPY\x01\x00"),
        lambda: pickle.dumps(Explodes()),
        lambda: sealed(pickle.dumps(Explodes())),
        lambda: zipped("head.npy", pickle.dumps(Explodes())),
        lambda: zipped("other.txt", b"nothing"),
        lambda: bundle(**{**parts(), "votes": np.array([Explodes()], dtype=object)}),
        lambda: bundle(**{**parts(), "head": np.array([Explodes()], dtype=object)}),
        lambda: bundle(**{**parts(), "head": np.frombuffer(b'{"phrasings": 1}', np.uint8)}),
        lambda: bundle(**{**parts(), "head": np.frombuffer(b"\xff\xfe", np.uint8)}),
        lambda: bundle(**{**parts(), "votes": np.zeros((3, 3), np.float16)}),
        lambda: bundle(**{**parts(), "votes": np.zeros(7, np.float16)}),
        lambda: bundle(**{**parts(), "votes": np.full_like(parts()["votes"], np.nan)}),
        lambda: bundle(**{**parts(), "votes": np.full_like(parts()["votes"], np.inf)}),
        lambda: bundle(**{**parts(), "votes": np.array("text")}),
        lambda: bundle(**{**parts(), "votes": np.array(1.0)}),
        lambda: bundle(**{**parts(), "head": head_with(order=[1.0])}),
        lambda: bundle(**{**parts(), "head": head_with(belief=[])}),
        lambda: bundle(**{**parts(), "head": head_with(more=1)}),
        lambda: array_file(np.zeros(3)),
        lambda: bundle(**{name: part for name, part in parts().items() if name != "votes"}),
        lambda: bundle(**{name: part for name, part in parts().items() if name != "head"}),
        lambda: bundle(**{**parts(), "voted": np.full_like(parts()["votes"], len(SHOP), dtype=np.int32)}),
        lambda: bundle(**{**parts(), "voted": np.full_like(parts()["votes"], -2, dtype=np.int32)}),
        lambda: bundle(**{**parts(), "voted": np.zeros((2, 2), np.int32)}),
    ],
    ids=[
        *("no checksum", "nothing", "no archive", "half a header", "a pickle", "a pickle with a checksum"),
        *("a pickle as a part", "other parts"),
        *("a pickle as votes", "a pickle as head", "a head without fields", "a head that is no text"),
        *("votes of other rows", "votes in a line", "votes that are no number", "endless votes", "votes of text"),
        *("one number as votes", "too few weights", "no weights", "a head with more fields", "an array alone"),
        *("no votes", "no head", "votes on an entry too far", "votes on an entry below none", "too few voted on"),
    ],
)
def test_what_is_no_index_is_refused_and_never_run(make: Callable[[], bytes]) -> None:
    with pytest.raises(Unreadable):
        unpack(make(), SHOP)
    with pytest.raises(engine.IndexDamaged):
        engine.open_index(make(), SHOP)


def test_an_index_from_signs_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(SHOP, index().votes, KNOWN_WEIGHTS)
    monkeypatch.setattr("yizhan.dialogue.knowledge.index.packing.SIGNS", ("share",))
    with pytest.raises(Unreadable, match="other signs"):
        unpack(data, SHOP)
