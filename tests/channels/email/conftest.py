"""A mailbox on its stand: a real Dovecot, an SMTP server, the channel's service, a dialogue that remembers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.conformance.email import EmailHarness
from tests.channels.conformance.stand import Place, Stand, open_stand
from tests.services.dovecot import DovecotServer
from tests.services.schemas import sqlite_file


@pytest.fixture
def harness(dovecot_server: DovecotServer) -> EmailHarness:
    made = EmailHarness()
    made.equip(lambda _name: dovecot_server)
    return made


@pytest.fixture
async def stand(harness: EmailHarness, home: Path) -> AsyncIterator[Stand]:
    sqlite_file(home)
    async with open_stand(harness, Place("embedded://"), home) as opened:
        yield opened
