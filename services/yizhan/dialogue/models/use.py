"""What models are asked for in conversations: a deployment's choice, kept with each decision."""

from dataclasses import dataclass

from yizhan.core.runtime.settings import DialogueSettings


@dataclass(frozen=True, slots=True)
class ModelUse:
    """``choose``: among entries that may be meant. ``reword``: an entry's answer. ``seconds``: how long an answer waits.

    ``embed``: the embedding model that is asked what the customer's words mean; empty for none.
    """

    choose: bool = False
    reword: bool = False
    seconds: float = 0.0
    embed: str = ""


NO_MODELS = ModelUse()


def use_of(settings: DialogueSettings) -> ModelUse:
    """Nothing where no model is set, which is the default."""
    if not (settings.models_base_url and (settings.models_chat or settings.models_embedding)):
        return NO_MODELS
    does = settings.models_chat_does if settings.models_chat else ""
    chooses, rewords = does in ("both", "choose"), does in ("both", "reword")
    return ModelUse(chooses, rewords, settings.models_timeout_seconds, settings.models_embedding)
