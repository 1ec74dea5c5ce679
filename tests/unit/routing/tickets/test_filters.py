"""Saved filters come back as they were, and lists go on where they stopped."""

import pytest
from hypothesis import given, strategies as st

from tests.unit.routing.tickets.examples import FRESH
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.routing.store.tickets_lists import place_of
from yizhan.routing.tickets.filters import Sort, TicketFilter, filter_json, filter_of
from yizhan.routing.tickets.page_token import place_in, token_of
from yizhan.routing.tickets.ticket import Kind, Priority, Source, Status

FILTERS = st.builds(
    TicketFilter,
    statuses=st.lists(st.sampled_from(Status), unique=True).map(tuple),
    assignees=st.lists(st.text(max_size=5)).map(tuple),
    groups=st.lists(st.text(max_size=5)).map(tuple),
    priorities=st.lists(st.sampled_from(Priority), unique=True).map(tuple),
    kinds=st.lists(st.sampled_from(Kind), unique=True).map(tuple),
    sources=st.lists(st.sampled_from(Source), unique=True).map(tuple),
    tags=st.lists(st.text(max_size=5)).map(tuple),
    overdue=st.booleans(),
    mine=st.booleans(),
    watching=st.booleans(),
    conversation_id=st.text(max_size=5),
    text=st.text(max_size=20),
)


@given(FILTERS)
def test_a_saved_filter_reads_back_the_same(wanted: TicketFilter) -> None:
    assert filter_of(filter_json(wanted)) == wanted


def test_a_word_of_a_later_version_leaves_the_view_readable() -> None:
    read = filter_of('{"statuses": ["open", "dreaming"], "priorities": ["low", "cosmic"], "colour": "red"}')
    assert read == TicketFilter(statuses=(Status.OPEN,), priorities=(Priority.LOW,))


@pytest.mark.parametrize("sort", list(Sort))
def test_a_place_in_a_list_reads_back_the_same(sort: Sort) -> None:
    place = place_of(FRESH, sort)
    assert place_in(token_of(place, sort), sort) == place


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("!!!", id="no token"),
        pytest.param("MjA=", id="too short"),
        pytest.param("Y3JlYXRlZCAyMDI2LTExLTIzVDEyOjAwOjAwIDAgdDE=", id="a time without a zone"),
        pytest.param("中", id="not even letters"),
        pytest.param(token_of(place_of(FRESH, Sort.DUE), Sort.DUE), id="of a list in another order"),
    ],
)
def test_a_made_up_place_is_refused(token: str) -> None:
    with pytest.raises(RpcProblem, match="bad_page_token"):
        place_in(token, Sort.CREATED)
