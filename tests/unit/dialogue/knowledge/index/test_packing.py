"""An index is kept as bytes: the same candidates come out, and nothing else is ever opened."""

import hashlib
import io
import json
import pickle
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.archive import Unreadable
from yizhan.dialogue.knowledge.index.evidence import Considered, consider
from yizhan.dialogue.knowledge.index.features import features
from yizhan.dialogue.knowledge.index.learn_few_votes import learn_few
from yizhan.dialogue.knowledge.index.neighbours import neighbours
from yizhan.dialogue.knowledge.index.packed_votes import halved
from yizhan.dialogue.knowledge.index.packing import pack, unpack
from yizhan.dialogue.knowledge.index.question import read, reread
from yizhan.dialogue.knowledge.index.space import build
from yizhan.dialogue.knowledge.index.trained import Index, TrainedMatcher, index_of, read_entries
from yizhan.dialogue.knowledge.index.training import train
from yizhan.dialogue.knowledge.tokens import segmented, tokenize

SHOP = faq.entries()[:25]
QUESTIONS = [
    *(case.question for name in ("in_scope.csv", "held_out.csv", "out_of_scope.csv") for case in faq.cases(name)),
    *(text for entry in SHOP for text in entry.phrasings),
    *("", "？？？", "zenme tuihuo", "how do i get a refund", "我要退貨" * 100),
]


@cache
def index() -> Index:
    return train(SHOP, 0.95).index


@cache
def few() -> Index:
    texts = read_entries(SHOP)
    rows = [question.features for own in texts.asked for question in own]
    labels = np.repeat(np.arange(len(SHOP), dtype=np.int32), [len(entry.phrasings) for entry in SHOP])
    votes = learn_few(neighbours(build(rows), 64), labels, len(SHOP), 8)
    return index_of(texts, halved(votes), index().weights)


@cache
def packed() -> bytes:
    return pack(SHOP, index())


@cache
def small() -> bytes:
    """Of so few entries that every byte of it can be tried."""
    return pack(SHOP[:2], train(SHOP[:2], 0.95).index)


@pytest.mark.parametrize("made", [index, few], ids=["all votes", "few votes"])
def test_customers_get_to_the_last_bit_what_the_index_that_was_just_trained_would_give(
    made: Callable[[], Index],
) -> None:
    opened = unpack(pack(SHOP, made()), SHOP)
    assert opened.weights == made().weights
    for question in map(read, QUESTIONS):
        meant = reread(question, made().respelling.read(question.text))
        assert opened.respelling.read(question.text) == meant.text
        one, other = consider(made().sources, meant), consider(opened.sources, meant)
        for field in fields(Considered):
            if field.name != "signs":
                assert getattr(one, field.name) == getattr(other, field.name), (question.written, field.name)
        assert one.signs.tobytes() == other.signs.tobytes(), question.written
    before, after = TrainedMatcher(SHOP, made()), TrainedMatcher(SHOP, opened)
    for text in QUESTIONS:
        assert before.match(text, 10) == after.match(text, 10)


def test_opening_twice_gives_exactly_the_same_candidates() -> None:
    one, other = engine.open_index(packed(), SHOP), engine.open_index(packed(), SHOP)
    for case in faq.cases("in_scope.csv"):
        assert one.match(case.question) == other.match(case.question)


@pytest.mark.parametrize("made", [index, few], ids=["all votes", "few votes"])
def test_the_same_index_is_packed_into_the_same_bytes(made: Callable[[], Index]) -> None:
    data = pack(SHOP, made())
    assert pack(SHOP, made()) == data
    assert pack(SHOP, unpack(data, SHOP)) == data


def test_the_bytes_are_less_than_half_of_what_they_hold() -> None:
    assert len(packed()) < sum(np.asarray(part).nbytes for part in parts().values()) / 2


def test_opening_reads_no_text_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a hundred thousand phrasings takes minutes, in which nobody is answered from the new release."""
    counted = Counter[str]()

    def counting(place: str, known: Callable[[str], object]) -> Callable[[str], object]:
        def one_more(text: str) -> object:
            counted[place] += 1
            return known(text)

        return one_more

    data = packed()
    for place, known in (
        ("question.features", features),
        ("question.tokenize", tokenize),
        ("respelling.segmented", segmented),
    ):
        monkeypatch.setattr(f"yizhan.dialogue.knowledge.index.{place}", counting(place, known))
    engine.open_index(data, SHOP)
    assert 0 < counted.total() < 10, "more is read than the one question asked of every index"


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
    whole = small()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(Unreadable, match="damaged"):
            unpack(bytes(damaged), SHOP[:2])


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


@cache
def parts() -> Mapping[str, object]:
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


def refused(**changed: object) -> bool:
    try:
        unpack(bundle(**{**parts(), **changed}), SHOP)
    except Unreadable:
        return True
    return False


def test_an_index_without_one_of_its_parts_is_refused() -> None:
    for name in parts():
        with pytest.raises(Unreadable, match=name):
            unpack(bundle(**{own: part for own, part in parts().items() if own != name}), SHOP)


def test_an_index_with_less_or_more_of_one_of_its_parts_is_refused() -> None:
    for name, part in parts().items():
        if name != "voted":
            whole = np.asarray(part)
            for other in (whole[:-1], np.concatenate([whole, whole[-1:]]), whole.astype(np.complex64), whole[None]):
                assert refused(**{name: other}), (name, other.shape, other.dtype)


def test_an_index_that_points_to_what_is_not_there_is_refused() -> None:
    pointers = [name for name in parts() if name.endswith((".counts", ".steps", ".lengths"))]
    assert len(pointers) > 20
    for name in pointers:
        for wrong in (-1, 1 << 30, -(1 << 31)):
            pointing = np.asarray(parts()[name]).copy()
            pointing[0] = wrong
            assert refused(**{name: pointing}), (name, wrong)


def test_an_index_with_a_feature_that_has_two_numbers_is_refused() -> None:
    twice = np.asarray(parts()["view3.text"]).copy()
    lengths = np.asarray(parts()["view3.lengths"])
    characters = twice.tobytes().decode()
    first, second = characters[: lengths[0]], characters[lengths[0] : lengths[0] + lengths[1]]
    assert first != second
    text = (first * 2 + characters[lengths[0] + lengths[1] :]).encode()
    changed = lengths.copy()
    changed[1] = changed[0]
    with pytest.raises(Unreadable, match="twice"):
        unpack(bundle(**{**parts(), "view3.text": np.frombuffer(text, np.uint8), "view3.lengths": changed}), SHOP)


def test_an_index_from_signs_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed()
    monkeypatch.setattr("yizhan.dialogue.knowledge.index.packing.SIGNS", ("share",))
    with pytest.raises(Unreadable, match="other signs"):
        unpack(data, SHOP)
