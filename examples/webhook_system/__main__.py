"""``python -m examples.webhook_system --agent ID``: a business's own agent system that is told by webhook."""

import argparse
import asyncio
import json
import logging
import os
from pathlib import Path

import aiohttp
from aiohttp import web

from examples.webhook_system import policy
from examples.webhook_system.memory import Json, Memory
from examples.webhook_system.signature import is_genuine

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = 0.2, 5.0


class System:
    """Takes posts, and asks the gateway for what they lead to: one request after the other, until it is answered."""

    def __init__(self, gateway: str, token: str, secret: str, agents: list[str], memory: Memory) -> None:
        self._gateway = gateway
        self._token = token
        self._secret = secret
        self._agents = agents
        self._memory = memory
        self._some = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Dealt with before it is answered: what is answered is not told again."""
        body = await request.read()
        if not is_genuine(self._secret, request.headers, body):
            return web.Response(status=401)
        post = request.headers["webhook-id"]
        if not self._memory.was_seen(post):
            held, requests = policy.deal(post, json.loads(body), self._memory.held(), self._agents)
            self._memory.deal(post, held, requests)
            self._some.set()
        return web.Response(status=204)

    async def ask(self) -> None:
        """Until cancelled. It begins with what was left of the life before, and a word that we are back."""
        pause = FIRST_PAUSE
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
            back = False
            while True:
                self._some.clear()
                waiting = self._memory.next_request() if back else ("", {"type": "heartbeat"})
                if waiting is None:
                    await self._some.wait()
                elif await self._sent(session, *waiting):
                    self._memory.answered(waiting[0])
                    back, pause = True, FIRST_PAUSE
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LAST_PAUSE)

    async def _sent(self, session: aiohttp.ClientSession, key: str, asked: Json) -> bool:
        """False: nothing was decided, the same is to be sent again."""
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Idempotency-Key": key} if key else {})
        try:
            async with session.post(self._gateway, json=asked, headers=headers) as answer:
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.info("not reached: %s", type(error).__name__)
            return False
        if answer.status >= 500 or told.get("code") == "under_way":
            return False
        if answer.status >= 400:
            log.info("%s: %s", key, told.get("code"))
        return True


async def attend(system: System, host: str, port: int) -> None:
    app = web.Application(client_max_size=4 << 20)
    app.router.add_post("/yizhan", system.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        log.info("listening on http://%s:%d/yizhan", host, port)
        await system.ask()
    finally:
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", default="http://127.0.0.1:8080", help="where routing answers over HTTP")
    parser.add_argument("--system", default="sample", help="the name under which it was registered")
    parser.add_argument("--agent", action="append", required=True, help="an agent's id; several are allowed")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--memory", type=Path, default=Path("webhook-system.db"))
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    token, secret = os.environ.get("SYSTEM_TOKEN", ""), os.environ.get("WEBHOOK_SECRET", "")
    if not token or not secret:
        parser.error("SYSTEM_TOKEN and WEBHOOK_SECRET are not set")
    memory = Memory(given.memory)
    system = System(f"{given.gateway}/attend/v1/{given.system}", token, secret, given.agent, memory)
    try:
        asyncio.run(attend(system, given.host, given.port))
    except KeyboardInterrupt:
        pass
    finally:
        memory.close()


if __name__ == "__main__":
    main()
