"""``python -m tests.simulators.minilm``: the embedding server on this machine, until it is told to stop."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from aiohttp import web

from tests.simulators.minilm.bert import Bert
from tests.simulators.minilm.server import NAME, ModelMissing, embeddings_app, find_model


async def _serve(folder: Path, port: int) -> None:
    runner = web.AppRunner(embeddings_app(Bert(folder)), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        host, bound = runner.addresses[0][:2]
        print(f"YIZHAN_MODELS_BASE_URL=http://{host}:{bound}/v1 YIZHAN_MODELS_EMBEDDING={NAME}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulators.minilm", description=__doc__)
    parser.add_argument("--model", type=Path, help="folder below which model.safetensors lies")
    parser.add_argument("--port", type=int, default=8091, help="port on 127.0.0.1; 0 takes a free one")
    given = parser.parse_args()
    try:
        folder = find_model(given.model)
    except ModelMissing as error:
        print(error, file=sys.stderr)
        return 2
    asyncio.run(_serve(folder, given.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
