"""Which bytes a ``Range`` header asks for."""

import pytest

from yizhan.core.runtime.byte_range import Part, Unsatisfiable, part_of


@pytest.mark.parametrize(
    ("asked", "bounds"),
    [
        pytest.param("bytes=0-", (0, 10), id="from the beginning, as players ask first"),
        pytest.param("bytes=4-", (4, 10), id="from somewhere to the end"),
        pytest.param("bytes=4-6", (4, 7), id="both ends included"),
        pytest.param("bytes=9-9", (9, 10), id="the last byte"),
        pytest.param("bytes=4-999999", (4, 10), id="beyond the end is cut off"),
        pytest.param("bytes=-3", (7, 10), id="the last three"),
        pytest.param("bytes=-99", (0, 10), id="more of the last than there are"),
        pytest.param("Bytes = 4 - 6", (4, 7), id="generous with spaces and capitals"),
    ],
)
def test_one_range_is_a_part(asked: str, bounds: tuple[int, int]) -> None:
    assert part_of(asked, 10) == Part(*bounds, 10)


@pytest.mark.parametrize(
    "asked",
    ["", "bytes=", "bytes=-", "bytes=6-4", "bytes=0-1,3-4", "bytes=a-b", "bytes=٣-", "items=0-1", f"bytes={'9' * 30}-"],
)
def test_anything_else_is_the_whole_file(asked: str) -> None:
    assert part_of(asked, 10) is None


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_outside_the_file_cannot_be_satisfied(asked: str) -> None:
    with pytest.raises(Unsatisfiable):
        part_of(asked, 10)


def test_the_answer_names_the_part() -> None:
    assert Part(4, 7, 10).content_range == "bytes 4-6/10"
