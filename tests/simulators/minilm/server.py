"""``POST /v1/embeddings`` over a :class:`Bert`, as OpenAI's API and its many look-alikes speak it."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web

from tests.simulators.minilm.bert import Bert

NAME = "all-minilm-l6-v2"
VARIABLE = "YIZHAN_TEST_MINILM"
MAX_BATCH = 2048
"""Texts in one request, as with OpenAI."""


class ModelMissing(Exception):
    """The weights are not where they were looked for. The text is one line for a person."""


def find_model(given: Path | None = None) -> Path:
    """The folder with ``model.safetensors``: below ``given``, $YIZHAN_TEST_MINILM or ``build/minilm``."""
    base = given or Path(os.environ.get(VARIABLE) or Path(__file__).resolve().parents[3] / "build" / "minilm")
    found = min(base.rglob("model.safetensors"), default=None)
    if found is None:
        raise ModelMissing(
            f"No model.safetensors below {base}. "
            f"Install it with `make simulate-embeddings`, or set {VARIABLE} to the folder that has it."
        )
    return found.parent


def embeddings_app(model: Bert) -> web.Application:
    """One request is computed at a time, outside the event loop."""
    app = web.Application(client_max_size=32 << 20)
    pool = ThreadPoolExecutor(1, "minilm")

    async def close_pool(_: web.Application) -> AsyncIterator[None]:
        yield
        pool.shutdown()

    async def embeddings(request: web.Request) -> web.Response:
        asked: dict[str, Any] = await request.json()
        texts = _texts(asked.get("input"))
        if texts is None:
            return _refused("'input' must be a text or a list of 1 to 2048 texts, none of them empty")
        if asked.get("model") != NAME:
            return _refused(f"The model does not exist; this server has {NAME}")
        vectors = await asyncio.get_running_loop().run_in_executor(pool, model.embed, texts)
        coded = asked.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": _coded(vector) if coded else vector.tolist()}
            for index, vector in enumerate(vectors)
        ]
        tokens = sum(map(model.count, texts))
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return web.json_response({"object": "list", "data": data, "model": NAME, "usage": usage})

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": NAME, "object": "model", "owned_by": "tests"}]})

    app.router.add_post("/v1/embeddings", embeddings)
    app.router.add_get("/v1/models", models)
    app.cleanup_ctx.append(close_pool)
    return app


def _texts(given: Any) -> list[str] | None:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 1 <= len(texts) <= MAX_BATCH:
        return None
    return texts if all(isinstance(text, str) and text for text in texts) else None


def _coded(vector: np.ndarray[Any, np.dtype[np.float32]]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


def _refused(message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=400)
