"""The database that the settings name."""

from yizhan.core.runtime.settings import CommonSettings
from yizhan.core.store.database import Database, DatabaseOptions


def database_of(settings: CommonSettings, service: str) -> Database:
    """The process's database, not open yet; its server shows ``service`` as the name of who connects."""
    return Database(settings.database_url, home=settings.home, options=DatabaseOptions(name=f"yizhan-{service}"))
