"""Starts what the settings ask for: nothing, or the recogniser's client and the handler of its jobs."""

from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.dialogue.recognition.client import open_recogniser, place_of
from yizhan.dialogue.recognition.handler import RecognitionJobs
from yizhan.dialogue.recognition.policy import IMAGE, VOICE, Recognising

_KINDS = {"voice": (VOICE,), "image": (IMAGE,), "both": (VOICE, IMAGE)}


async def start_recogniser(life: Lifespan, settings: DialogueSettings, core: Core) -> RecognitionJobs | None:
    """The handler of jobs of the kind ``recognise``, open until the Lifespan ends; None where no recogniser is set."""
    place = place_of(settings)
    if place is None:
        return None
    recogniser = await life.enter(open_recogniser(place), name="recogniser")
    return RecognitionJobs(recogniser, core.media, core.metrics)


def recognising_of(settings: DialogueSettings) -> Recognising | None:
    """What conversations keep to; None: nothing is given to a recogniser."""
    place = place_of(settings)
    if place is None:
        return None
    kinds = _KINDS[settings.recogniser_kinds]
    return Recognising(kinds, settings.recogniser_confidence, place.seconds, place.most_bytes)
