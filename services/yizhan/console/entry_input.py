"""An entry of the draft, as it comes in from the console's client. What its words must be, dialogue checks."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from yizhan.console.api.models import Body, Day
from yizhan.console.contents import MediaRef
from yizhan.core.messages import content as c
from yizhan.core.messages.codec import content_to_proto
from yizhan.core.runtime.http import Problem
from yizhan.core.store.media import MediaStore
from yizhan.pb.v1 import knowledge_pb2

MOST_TEXT = 10_000
Text = Annotated[str, Field(max_length=MOST_TEXT)]


class LinkIn(Body):
    type: Literal["link"]
    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    title: Text = ""
    description: Text = ""


class StoredIn(Body):
    """A file that was uploaded before."""

    type: Literal["image", "file"]
    media: MediaRef


class GoodsIn(Body):
    type: Literal["goods"]
    goods_id: Annotated[str, Field(min_length=1, max_length=200)]
    title: Text
    price_minor: Annotated[int, Field(ge=0)] = 0
    currency: Annotated[str, Field(max_length=3)] = "CNY"
    image_url: Annotated[str, Field(max_length=2_000)] = ""
    url: Annotated[str, Field(max_length=2_000)] = ""


AttachmentIn = Annotated[LinkIn | StoredIn | GoodsIn, Field(discriminator="type")]


class EntryIn(Body):
    id: Annotated[str, Field(max_length=200)] = ""
    question: Text
    paraphrases: Annotated[list[Text], Field(default_factory=list, max_length=500)]
    answer: Text
    category: Text = ""
    variants: Annotated[dict[str, Text], Field(default_factory=dict, max_length=10)]
    valid_from: Day | None = None
    valid_until: Day | None = None
    attachments: Annotated[list[AttachmentIn], Field(default_factory=list, max_length=20)]


class EntryChange(Body):
    entry: EntryIn
    seen_revision: Annotated[int, Field(ge=0)]


class DocumentChange(Body):
    """Without a text the document is deleted. Its blanks stay: problems are told by line."""

    name: Annotated[str, Field(max_length=100)]
    text: Annotated[str, StringConstraints(strip_whitespace=False, max_length=2_000_000)]
    seen_revision: Annotated[int, Field(ge=0)]


async def entry_of(given: EntryIn, media: MediaStore) -> knowledge_pb2.Entry:
    """What a file is, the media store says, not the client. Raises Problem 422."""
    return knowledge_pb2.Entry(
        id=given.id,
        question=given.question,
        paraphrases=given.paraphrases,
        answer=given.answer,
        category=given.category,
        variants=[knowledge_pb2.Variant(channel=channel, text=text) for channel, text in given.variants.items()],
        valid_from=given.valid_from or "",
        valid_until=given.valid_until or "",
        attachments=[content_to_proto(await _attachment(one, media)) for one in given.attachments],
    )


async def _attachment(given: LinkIn | StoredIn | GoodsIn, media: MediaStore) -> c.Content:
    match given:
        case LinkIn():
            return c.Link(given.url, given.title, given.description)
        case GoodsIn():
            return c.GoodsCard(
                given.goods_id, given.title, given.price_minor, given.currency, given.image_url, given.url
            )
        case StoredIn():
            stored = await media.find(given.media.id)
            if stored is None:
                raise Problem(422, "media_unknown", "Upload the file first")
            return c.Image(stored) if given.type == "image" else c.File(stored)
