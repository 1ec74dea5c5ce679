"""What a system that is told by webhook can ask for: the JSON of its requests. Pure."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from yizhan.pb.v1 import message_pb2, routing_pb2 as pb

Id = Annotated[str, Field(min_length=1, max_length=64)]
MaybeId = Annotated[str, Field(max_length=64)]
Reason = Annotated[str, Field(max_length=200)]
Epoch = Annotated[int, Field(ge=0, lt=2**63)]


class Asked(BaseModel):
    """Members that are not known are refused: a misspelt one would be passed over in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agent_id: Id


class Presence(Asked):
    type: Literal["presence"]
    state: MaybeId
    reason: Reason = ""


class Accept(Asked):
    type: Literal["accept"]
    offer_id: Id


class Decline(Asked):
    type: Literal["decline"]
    offer_id: Id


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["text"]
    text: Annotated[str, Field(min_length=1)]


class Link(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["link"]
    url: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^https?://")]
    title: Reason = ""
    description: Annotated[str, Field(max_length=500)] = ""


class Say(Asked):
    type: Literal["say"]
    conversation_id: Id
    epoch: Epoch
    content: Annotated[Words | Link, Field(discriminator="type")]


class Note(Asked):
    type: Literal["note"]
    conversation_id: Id
    text: str
    whisper_to: MaybeId = ""


class Close(Asked):
    type: Literal["close"]
    conversation_id: Id
    epoch: Epoch
    reason: Reason = ""


class ReturnToBot(Asked):
    type: Literal["return_to_bot"]
    conversation_id: Id
    epoch: Epoch
    reason: Reason = ""


class Transfer(Asked):
    """To an agent or a group; neither: to whoever is free."""

    type: Literal["transfer"]
    conversation_id: Id
    epoch: Epoch
    to_agent_id: MaybeId = ""
    to_group_id: MaybeId = ""
    note: str = ""


class Typing(Asked):
    type: Literal["typing"]
    conversation_id: Id


class Heartbeat(BaseModel):
    """Of all agents who came by this system."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["heartbeat"]


Deed = Presence | Accept | Decline | Say | Note | Close | ReturnToBot | Transfer | Typing


class Request(RootModel[Annotated[Deed | Heartbeat, Field(discriminator="type")]]):
    """One of them, by its ``type``."""


def to_proto(asked: Deed, id: str) -> pb.AttendRequest:
    """As the same request would come by stream."""
    request = pb.AttendRequest(id=id)
    match asked:
        case Presence(agent_id=agent, state=state, reason=reason):
            request.presence.CopyFrom(pb.SetPresenceRequest(agent_id=agent, state=state, reason=reason))
        case Accept(agent_id=agent, offer_id=offer):
            request.accept.CopyFrom(pb.AcceptOfferRequest(agent_id=agent, offer_id=offer))
        case Decline(agent_id=agent, offer_id=offer):
            request.decline.CopyFrom(pb.DeclineOfferRequest(agent_id=agent, offer_id=offer))
        case Say(agent_id=agent, conversation_id=of, epoch=epoch, content=content):
            say = pb.SayRequest(agent_id=agent, conversation_id=of, epoch=epoch, content=_content(content))
            request.say.CopyFrom(say)
        case Note(agent_id=agent, conversation_id=of, text=text, whisper_to=to):
            request.note.CopyFrom(pb.AddNoteRequest(agent_id=agent, conversation_id=of, text=text, whisper_to=to))
        case Close():
            request.close.CopyFrom(pb.CloseConversationRequest(**asked.model_dump(exclude={"type"})))
        case ReturnToBot():
            request.return_to_bot.CopyFrom(pb.ReturnToBotRequest(**asked.model_dump(exclude={"type"})))
        case Transfer():
            request.transfer.CopyFrom(pb.TransferRequest(**asked.model_dump(exclude={"type"})))
        case Typing(agent_id=agent, conversation_id=of):
            request.typing.CopyFrom(pb.SendTypingRequest(agent_id=agent, conversation_id=of))
    return request


def _content(content: Words | Link) -> message_pb2.Content:
    match content:
        case Words(text=text):
            return message_pb2.Content(text=message_pb2.Text(text=text))
        case Link(url=url, title=title, description=description):
            return message_pb2.Content(link=message_pb2.Link(url=url, title=title, description=description))
