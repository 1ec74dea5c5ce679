"""An embedding model that knows what the bench's shop is asked, whatever the words."""

from zlib import crc32

import numpy as np

from tests.simulators.openai import ScriptedModels
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.models.budget import Unlimited
from yizhan.dialogue.models.client import Endpoint
from yizhan.dialogue.release_vectors import ReleaseVectors

MODEL = "embed-1"
DIMENSION = 32
MEANT = {
    "发货": "ship",
    "上路": "ship",
    "退货": "back",
    "不想要": "back",
    "运费": "fee",
    "邮费": "fee",
    "快递费": "fee",
}
"""What a text with one of these words is about; any other is about nothing that the shop knows."""


def meaning(text: str, dimension: int = DIMENSION) -> list[float]:
    """What means the same lies near; everything has something in common."""
    about = next((topic for word, topic in MEANT.items() if word in text), text)
    vector = _drawn(about, dimension) + 0.5 * _drawn(text, dimension) + 2.0
    return [float(number) for number in vector / np.linalg.norm(vector)]


def vectors_of(server: ScriptedModels, model: str = MODEL) -> ReleaseVectors:
    """As builds use the scripted endpoint."""
    return ReleaseVectors(Endpoint(server.base_url, embedding_model=model), Unlimited(), Metrics("build"))


def _drawn(text: str, dimension: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(crc32(text.encode())).normal(size=dimension)
