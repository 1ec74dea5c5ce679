"""SQL that was compiled for one test's database serves the next one's.

SQLAlchemy compiles a statement once per engine, and a process of the product has one database for its life. A run of tests
opens thousands, and would spend more on compiling the same statements anew than on anything else.
"""

from collections.abc import Hashable, MutableMapping
from typing import Any, cast

from sqlalchemy import util
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from yizhan.core.store import engines

MOST = 5000
_compiled: MutableMapping[Hashable, Any] = util.LRUCache(MOST)


class _Shared:
    """An engine's cache. Its keys begin with the engine's dialect, of which only the kind and the server's version matter."""

    def get(self, key: tuple[Dialect, *tuple[Hashable, ...]]) -> Any:
        return _compiled.get(_among_all(key))

    def __setitem__(self, key: tuple[Dialect, *tuple[Hashable, ...]], compiled: Any) -> None:
        _compiled[_among_all(key)] = compiled


def _among_all(key: tuple[Dialect, *tuple[Hashable, ...]]) -> Hashable:
    dialect = key[0]
    return (type(dialect), dialect.server_version_info, *key[1:])


def share() -> None:
    """From now on, in this process."""

    def create(*arguments: Any, **options: Any) -> AsyncEngine:
        engine = create_async_engine(*arguments, **options)
        engine.sync_engine._compiled_cache = cast(Any, _Shared())
        return engine

    engines.create_async_engine = create  # type: ignore[attr-defined]  # not a name that it gives away
