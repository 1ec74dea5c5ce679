"""Models are off until they are set, and half a setting is told at the start."""

import pytest
from pydantic import SecretStr

from yizhan.core.runtime.settings import DialogueSettings, SettingsInvalid
from yizhan.dialogue.models.client import Endpoint, endpoint_of
from yizhan.dialogue.models.use import NO_MODELS, ModelUse, use_of

URL = "https://models.example.com/v1"


def test_no_model_is_used_unless_one_is_set() -> None:
    assert endpoint_of(DialogueSettings()) is None


def test_an_endpoint_is_used_as_set() -> None:
    settings = DialogueSettings(
        models_base_url=URL + "/", models_key=SecretStr("k"), models_chat="c", models_timeout_seconds=0.8
    )
    assert endpoint_of(settings) == Endpoint(URL, SecretStr("k"), "c", "", 0.8)


@pytest.mark.parametrize(
    ("given", "use"),
    [
        ({}, NO_MODELS),
        ({"models_base_url": URL, "models_embedding": "e"}, ModelUse(seconds=1.5, embed="e")),
        ({"models_base_url": URL, "models_chat": "c"}, ModelUse(choose=True, reword=True, seconds=1.5)),
        (
            {"models_base_url": URL, "models_chat": "c", "models_chat_does": "choose", "models_timeout_seconds": 0.9},
            ModelUse(choose=True, reword=False, seconds=0.9),
        ),
        (
            {"models_base_url": URL, "models_chat": "c", "models_chat_does": "reword"},
            ModelUse(choose=False, reword=True, seconds=1.5),
        ),
        (
            {"models_base_url": URL, "models_chat": "c", "models_embedding": "e"},
            ModelUse(choose=True, reword=True, seconds=1.5, embed="e"),
        ),
    ],
    ids=["nothing is set", "only embeddings", "a chat model", "only choosing", "only rewording", "both models"],
)
def test_conversations_wait_only_for_what_is_set(given: dict[str, object], use: ModelUse) -> None:
    assert use_of(DialogueSettings.model_validate(given)) == use


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        ({"models_chat": "c"}, "YIZHAN_MODELS_CHAT"),
        ({"models_embedding": "e"}, "YIZHAN_MODELS_EMBEDDING"),
        ({"models_base_url": URL}, "YIZHAN_MODELS_BASE_URL"),
        ({"models_summary": True}, "YIZHAN_MODELS_SUMMARY"),
        ({"models_summary": True, "models_base_url": URL, "models_embedding": "e"}, "YIZHAN_MODELS_SUMMARY"),
    ],
)
def test_half_a_setting_is_told(given: dict[str, object], variable: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        DialogueSettings.model_validate(given)
    assert [problem.name for problem in refused.value.problems] == [variable]


def test_sessions_are_summed_up_by_a_model_only_where_that_is_switched_on() -> None:
    given: dict[str, object] = {"models_base_url": URL, "models_chat": "c"}
    assert not DialogueSettings.model_validate(given).models_summary
    assert DialogueSettings.model_validate(given | {"models_summary": True}).models_summary


def test_the_key_is_never_shown() -> None:
    settings = DialogueSettings(models_base_url=URL, models_key=SecretStr("hunter2"), models_chat="c")
    assert "hunter2" not in repr(settings) + repr(endpoint_of(settings))
