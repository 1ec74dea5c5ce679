"""Who has set a model finds out before the customers do whether it answers."""

from dataclasses import replace

import pytest

from tests.simulators.openai import Turn, embeds, fails, gives, says
from tests.unit.dialogue.models.stage import stage
from yizhan.dialogue.models.examine import examine


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ((embeds([[1, 0]]), says('{"ok": true}')), [("embed-1", ""), ("chat-1", "")]),
        ((fails(401), fails(401)), [("embed-1", "key_refused"), ("chat-1", "key_refused")]),
        ((embeds([[1, 0]]), gives("<html>")), [("embed-1", ""), ("chat-1", "not_a_completion")]),
        ((fails(404), says("yes")), [("embed-1", "not_there"), ("chat-1", "")]),
    ],
    ids=["both answer", "the key is wrong", "the chat is no chat", "no such embedding model"],
)
async def test_each_model_is_tried_once(turns: tuple[Turn, ...], found: list[tuple[str, str]]) -> None:
    async with stage() as here:
        here.server.play(*turns)
        trials = await examine(here.client.endpoint)
    assert [(trial.model, trial.reason) for trial in trials] == found


async def test_a_model_that_is_not_set_is_not_tried() -> None:
    async with stage() as here:
        here.server.play(embeds([[1, 0]]))
        trials = await examine(replace(here.client.endpoint, chat_model=""))
        assert [trial.model for trial in trials] == ["embed-1"]
        assert len(here.server.asked) == 1
