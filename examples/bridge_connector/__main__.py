"""A platform on the terminal: each line "buyer: text" is what a buyer writes; answers are printed.

SECRET=whsec_… EVENTS_URL=http://127.0.0.1:8080/ecommerce/bridge/taobao-shop python -m examples.bridge_connector
"""

import asyncio
import os
import sys
import uuid
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web

from examples.bridge_connector.connector import Connector, NotShown


async def show(message: Mapping[str, Any]) -> str:
    content = message["content"]
    if content["type"] != "text":
        raise NotShown("bad_content", "this terminal shows text only")
    sys.stdout.write(f"→ {message['buyer']['id']}: {content['text']}\n")
    sys.stdout.flush()
    return str(uuid.uuid4())


async def main() -> None:
    async with aiohttp.ClientSession() as http:
        connector = Connector(http, os.environ["EVENTS_URL"], os.environ["SECRET"], show)
        runner = web.AppRunner(connector.app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ.get("PORT", "8099"))).start()
        try:
            while line := await asyncio.to_thread(sys.stdin.readline):
                buyer, _, text = line.strip().partition(": ")
                if text:
                    await connector.said(str(uuid.uuid4()), buyer, text)
        finally:
            await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
