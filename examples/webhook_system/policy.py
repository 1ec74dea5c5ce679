"""What this sample does with customers: replace it with what your agents do. Pure.

Each key follows from what is answered, so that a post that is seen twice leads to the same request.
"""

from collections.abc import Sequence
from typing import Any

from examples.webhook_system.memory import Json, Request

GOODBYES = frozenset({"再见", "谢谢，再见", "bye", "goodbye"})

Held = dict[str, tuple[str, int]]


def deal(id: str, told: Json, held: Held, agents: Sequence[str]) -> tuple[Held, list[Request]]:
    """What our agents have after a post, and what it leads to."""
    data = told["data"]
    match told["type"]:
        case "snapshot":
            now = {one["assignment"]["conversation_id"]: _given(one["assignment"]) for one in data["assigned"]}
            return now, [*_come(id, agents), *(_accept(offer) for offer in data["offers"])]
        case "heartbeat":
            return held, _come(id, [agent for agent in agents if agent not in data["present"]])
        case "offer" if data["change"] == "made":
            return held, [_accept(data["offer"])]
        case "assigned":
            given = data["assignment"]
            return held | {given["conversation_id"]: _given(given)}, _greet(given, data["reason"])
        case "ended":
            return {of: given for of, given in held.items() if of != data["conversation_id"]}, []
        case "messages" if data["conversation_id"] in held:
            of = data["conversation_id"]
            return held, [request for message in data["messages"] for request in _answer(of, *held[of], message)]
    return held, []


def _come(id: str, agents: Sequence[str]) -> list[Request]:
    return [(f"on:{agent}:{id}"[-64:], {"type": "presence", "agent_id": agent, "state": "online"}) for agent in agents]


def _accept(offer: Json) -> Request:
    """One that has lapsed meanwhile is refused, which does no harm."""
    asked = {"type": "accept", "agent_id": offer["agent_id"], "offer_id": offer["id"]}
    return f"accept:{offer['id']}", asked


def _greet(given: Json, reason: str) -> list[Request]:
    if not given["epoch"]:
        return []
    of, agent = given["conversation_id"], given["agent_id"]
    note = {"type": "note", "agent_id": agent, "conversation_id": of, "text": f"taken, asked for because: {reason}"}
    hello = _say(f"hello:{given['id']}", of, agent, given["epoch"], "您好，我是人工客服。")
    return [hello, (f"note:{given['id']}", note)]


def _answer(of: str, agent: str, epoch: int, message: Json) -> list[Request]:
    """What the customer says while the conversation is ours; goodbye closes it."""
    if message["author"]["kind"] != "customer" or message["epoch"] != epoch:
        return []
    words = str(message["content"].get("text", "")).strip()
    if words.casefold() in GOODBYES:
        close = {"type": "close", "agent_id": agent, "conversation_id": of, "epoch": epoch, "reason": "goodbye"}
        return [(f"close:{message['id']}", close)]
    return [_say(f"answer:{message['id']}", of, agent, epoch, f"收到：{words}")]


def _say(key: str, of: str, agent: str, epoch: int, text: str) -> Request:
    content = {"type": "text", "text": text}
    return key, {"type": "say", "agent_id": agent, "conversation_id": of, "epoch": epoch, "content": content}


def _given(given: dict[str, Any]) -> tuple[str, int]:
    return given["agent_id"], given["epoch"]
