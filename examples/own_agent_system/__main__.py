"""``python -m examples.own_agent_system --agent ID``: a business's own agent system, as small as it can be."""

import argparse
import asyncio
import logging
import os
from pathlib import Path

import grpc
import grpc.aio

from examples.own_agent_system.line import Line, Who
from examples.own_agent_system.memory import Memory

OPTIONS = (("grpc.keepalive_time_ms", 20_000), ("grpc.enable_http_proxy", 0))


async def attend(routing: str, dialogue: str, who: Who, memory: Memory) -> None:
    async with (
        grpc.aio.insecure_channel(routing, options=OPTIONS) as to_routing,
        grpc.aio.insecure_channel(dialogue, options=OPTIONS) as to_dialogue,
    ):
        await Line(to_routing, to_dialogue, who, memory).run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routing", default="127.0.0.1:8081", help="host:port of routing's gRPC")
    parser.add_argument("--dialogue", help="host:port of dialogue's gRPC, where it is not the same")
    parser.add_argument("--workspace", default="default")
    parser.add_argument("--system", default="sample", help="the name under which events are kept for this system")
    parser.add_argument("--agent", action="append", required=True, help="an agent's id; several are allowed")
    parser.add_argument("--memory", type=Path, default=Path("own-agent-system.db"))
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    token = os.environ.get("YIZHAN_TOKEN", "")
    if not token:
        parser.error("YIZHAN_TOKEN is not set")
    who = Who(given.workspace, given.system, given.agent, token)
    memory = Memory(given.memory)
    try:
        asyncio.run(attend(given.routing, given.dialogue or given.routing, who, memory))
    except KeyboardInterrupt:
        pass
    except grpc.aio.AioRpcError as error:
        parser.exit(1, f"{error.code().name}: {error.details()}\n")
    finally:
        memory.close()


if __name__ == "__main__":
    main()
