"""The sample clients do what they promise, against the channel as it runs."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import aiohttp

from examples.app_client import AppClient, Json
from tests.channels.app.conftest import App
from tests.channels.waiting import until

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "examples" / "app-client-ts"
TSC = ROOT / "services" / "yizhan" / "channels" / "website" / "widget" / "node_modules" / "typescript" / "bin" / "tsc"
NODE = shutil.which("node", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))

DRIVE = """
import { AppClient } from './client.js'
const [url, token] = process.argv.slice(2)
const wait = async (met) => { while (!met()) await new Promise((go) => setTimeout(go, 10)) }
const seen = [], answers = []
let sockets = [], tokens = 0
const client = new AppClient({
  url, account: 'demo', random: () => 0.05,
  token: async () => { tokens += 1; return token },
  webSocket: (address) => { const socket = new WebSocket(address); sockets.push(socket); return socket },
  onMessage: (message) => seen.push(message.content.text),
  onAnswer: (clientId, problem) => answers.push(problem),
})
client.say('before there is a connection')
client.start()
await wait(() => seen.length === 2 && client.unread === 1)
sockets[0].close(3000)
client.say('while it is away')
await wait(() => seen.length === 4)
const earlier = await client.before(3)
await client.registerDevice('d-1', { platform: 'fcm', token: 'x' })
await client.removeDevice('d-1')
const refused = await client.removeDevice('d-1').catch((error) => error.problem.code)
const { head } = await client.conversation()
client.stop()
console.log(JSON.stringify({ seen, answers, head, refused, earlier: earlier.length, sockets: sockets.length, after: client.after }))
process.exit(0)
"""


async def test_the_typescript_client_is_strictly_typed_and_talks(app: App, tmp_path: Path) -> None:
    assert NODE is not None
    checked = subprocess.run(
        [NODE, TSC, "--project", SAMPLE / "tsconfig.json", "--outDir", tmp_path],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    (tmp_path / "drive.js").write_text(DRIVE, "utf-8")
    process = await asyncio.create_subprocess_exec(
        NODE,
        "--experimental-websocket",
        "--no-warnings",
        str(tmp_path / "drive.js"),
        app.url,
        app.issuer.token(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    expected = (
        '{"seen":["before there is a connection","echo before there is a connection","while it is away",'
        '"echo while it is away"],"answers":[null,null],"head":4,"refused":"unknown_device","earlier":2,"sockets":2,"after":4}'
    )
    assert out.decode().strip() == expected


async def test_the_python_client_talks(app: App) -> None:
    seen: list[str] = []
    tokens = [app.issuer.token(), "worthless", app.issuer.token()]

    async def token() -> str:
        return tokens.pop(0) if len(tokens) > 1 else tokens[0]

    def shown(message: Json) -> None:
        seen.append(message["content"]["text"])

    async with aiohttp.ClientSession() as http:
        client = AppClient(http, app.url, "demo", token, shown)
        await client.say("before there is a connection")
        running = asyncio.create_task(client.run())
        await until(lambda: len(seen) == 2)
        assert (client.unread, client.waiting) == (1, 0)
        assert client._socket is not None
        await client._socket.close()
        await client.say("while it is away")
        await until(lambda: len(seen) == 4)
        assert (client.unread, client.waiting, client.cursor) == (2, 0, 4)
        assert len(await client.before(3)) == 2
        await client.register("d-1", "fcm", "x")
        running.cancel()
    assert seen == [
        word for text in ("before there is a connection", "while it is away") for word in (text, f"echo {text}")
    ]
