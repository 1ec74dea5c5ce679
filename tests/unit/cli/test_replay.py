"""``yizhan replay`` on a deployment of its own: what people read, what programs read, and the exit codes."""

import asyncio
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.replay_bench import ReplayShop
from yizhan.cli import app
from yizhan.cli.asking import Refusal, common_settings
from yizhan.core.runtime.database import database_of
from yizhan.core.store.migrate import upgrade_all
from yizhan.dialogue.service import setting_of
from yizhan.dialogue.store.tables import messages
from yizhan.pb.v1 import message_pb2


def deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YIZHAN_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("YIZHAN_WORKSPACE", "shop")
    monkeypatch.chdir(tmp_path)


def answered() -> tuple[str, str, str]:
    """A customer asks for a person: the ids of the greeting, the question and the answer."""

    async def work() -> tuple[str, str, str]:
        settings = common_settings()
        async with database_of(settings, "test") as database:
            await upgrade_all(database)
            shop = ReplayShop(database, RecordingBus(), SteppedClock(), setting_of(settings))
            await shop.desk.take(shop.visits("v:1"), shop.said("v:1", "转人工"))
            greeting, question, answer = await shop.transcript("v:1")
            return greeting.id, question.id, answer.id

    return asyncio.run(work())


def altered(message_id: str) -> None:
    async def work() -> None:
        async with database_of(common_settings(), "test") as database, database.begin() as tx:
            mine = messages.c.id == message_id
            body = (await tx.execute(sa.select(messages.c.body).where(mine))).scalar_one()
            message = message_pb2.Message.FromString(body)
            message.content.text.text = "不转"
            await tx.execute(messages.update().where(mine).values(body=message.SerializeToString()))

    asyncio.run(work())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["replay", *arguments])


@pytest.mark.timeout(240)
def test_a_past_answer_is_explained_and_its_alteration_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deployment(monkeypatch, tmp_path)
    greeting, question, answer = answered()

    told = run(answer)
    assert told.exit_code == 0, told.output
    assert "said: 转人工" in told.output
    assert "decision: handoff, by rule human" in told.output
    assert told.output.endswith("identical: 2 messages\n")

    shown = json.loads(run(question, "--json").output)
    assert (shown["identical"], shown["intent"], shown["decision_id"]) == (True, "handoff", question)

    for message_id, code, words in (("nobody", 2, "there is no message nobody"), (greeting, 1, "by itself")):
        refused = run(message_id).exception
        assert isinstance(refused, Refusal)
        assert refused.exit_code == code
        assert words in "\n".join(refused.lines)

    altered(answer)
    different = run(question)
    assert different.exit_code == 1
    assert '-    text: "不转"' in different.output
    assert "identical" not in different.output
