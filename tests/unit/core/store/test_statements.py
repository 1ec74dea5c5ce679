"""What every idle process asks several times a second is compiled once, not each time."""

from collections.abc import Callable

import pytest
from sqlalchemy import ColumnElement, Integer, create_engine, literal, select

from yizhan.core.store.tables import among, database_now, seconds_ago


@pytest.mark.parametrize(
    "asked",
    [database_now, lambda: seconds_ago(5.0), lambda: among(literal(1, Integer), [1, 2])],
    ids=["the database's clock", "a time before it", "one of several"],
)
def test_a_statement_is_compiled_once(asked: Callable[[], ColumnElement[object]]) -> None:
    compiled: dict[object, object] = {}
    engine = create_engine("sqlite://")
    with engine.connect().execution_options(compiled_cache=compiled) as connection:
        for _ in range(3):
            connection.execute(select(asked()))
    engine.dispose()
    assert len(compiled) == 1
