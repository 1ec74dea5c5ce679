"""Between domain objects and their protobuf form (``protos/yizhan/v1``).

Decoding is strict: a message without address, author or content, or with an unknown content kind, is
``Undecodable``, and the bus parks it where people see it.
"""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from yizhan.core.messages import content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Author, AuthorKind, Grounding, Message, ReplyWindow
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.pb.v1 import message_pb2, receipt_pb2


class Undecodable(ValueError):
    """The bytes or fields are not a message of ours."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(at: datetime | None) -> Timestamp | None:
    """A protobuf timestamp; None stays None (an unset field)."""
    if at is None:
        return None
    since = at - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)


def moment(stamp: Timestamp) -> datetime:
    """The aware UTC datetime of a timestamp. Raises Undecodable for one that no calendar has."""
    try:
        return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)
    except OverflowError as error:
        raise Undecodable("a time outside the calendar") from error


def address_to_proto(address: Address) -> message_pb2.Address:
    return message_pb2.Address(
        workspace=address.workspace,
        channel=address.channel,
        account=address.account,
        customer=address.customer,
        thread=address.thread,
    )


def address_from_proto(pb: message_pb2.Address) -> Address:
    """Raises Undecodable when workspace, channel, account or customer is empty."""
    if not (pb.workspace and pb.channel and pb.account and pb.customer):
        raise Undecodable("incomplete address")
    return Address(pb.workspace, pb.channel, pb.account, pb.customer, pb.thread)


def _media_to_proto(media: c.Media) -> message_pb2.Media:
    return message_pb2.Media(
        media_id=media.media_id,
        mime_type=media.mime_type,
        name=media.name,
        size_bytes=media.size_bytes,
        width_px=media.width_px,
        height_px=media.height_px,
        duration_ms=media.duration_ms,
        recognised=media.recognised,
    )


def _media_from_proto(pb: message_pb2.Media) -> c.Media:
    sizes = (pb.size_bytes, pb.width_px, pb.height_px, pb.duration_ms)
    return c.Media(pb.media_id, pb.mime_type, pb.name, *sizes, recognised=pb.recognised)


def _goods_to_proto(card: c.GoodsCard) -> message_pb2.GoodsCard:
    return message_pb2.GoodsCard(
        goods_id=card.goods_id,
        title=card.title,
        price_minor=card.price_minor,
        currency=card.currency,
        image_url=card.image_url,
        url=card.url,
    )


def _goods_from_proto(pb: message_pb2.GoodsCard) -> c.GoodsCard:
    return c.GoodsCard(pb.goods_id, pb.title, pb.price_minor, pb.currency, pb.image_url, pb.url)


def _mail_to_proto(mail: c.Mail | None) -> message_pb2.Mail | None:
    if mail is None:
        return None
    return message_pb2.Mail(
        subject=mail.subject,
        sender=mail.sender,
        to=mail.to,
        cc=mail.cc,
        full_text=mail.full_text,
        html=mail.html,
        remote_images=mail.remote_images,
        automatic=mail.automatic,
        no_automatic_answer=mail.no_automatic_answer,
        clipped=mail.clipped,
        files=mail.files,
        answers_to=mail.answers_to,
        attachments=map(_media_to_proto, mail.attachments),
    )


def _mail_from_proto(pb: message_pb2.Mail) -> c.Mail:
    return c.Mail(
        subject=pb.subject,
        sender=pb.sender,
        to=tuple(pb.to),
        cc=tuple(pb.cc),
        full_text=pb.full_text,
        html=pb.html,
        remote_images=pb.remote_images,
        automatic=pb.automatic,
        no_automatic_answer=pb.no_automatic_answer,
        clipped=pb.clipped,
        files=pb.files,
        answers_to=pb.answers_to,
        attachments=tuple(map(_media_from_proto, pb.attachments)),
    )


def content_to_proto(content: c.Content) -> message_pb2.Content:
    pb = message_pb2
    match content:
        case c.Text(text, heard, mail):
            return pb.Content(text=pb.Text(text=text, heard=heard, mail=_mail_to_proto(mail)))
        case c.Image(media):
            return pb.Content(image=_media_to_proto(media))
        case c.Voice(media):
            return pb.Content(voice=_media_to_proto(media))
        case c.Video(media):
            return pb.Content(video=_media_to_proto(media))
        case c.File(media):
            return pb.Content(file=_media_to_proto(media))
        case c.Location(latitude, longitude, label):
            return pb.Content(location=pb.Location(latitude=latitude, longitude=longitude, label=label))
        case c.Link(url, title, description):
            return pb.Content(link=pb.Link(url=url, title=title, description=description))
        case c.Menu(menu_id, prompt, options):
            buttons = [pb.MenuOption(id=option.id, label=option.label) for option in options]
            return pb.Content(menu=pb.Menu(menu_id=menu_id, prompt=prompt, options=buttons))
        case c.Choice(menu_id, option_id, label, comment):
            return pb.Content(choice=pb.Choice(menu_id=menu_id, option_id=option_id, label=label, comment=comment))
        case c.GoodsCard():
            return pb.Content(goods=_goods_to_proto(content))
        case c.OrderCard(order_id, status, goods, total_minor, currency, url):
            card = pb.OrderCard(order_id=order_id, status=status, total_minor=total_minor, currency=currency, url=url)
            card.goods.extend(_goods_to_proto(item) for item in goods)
            return pb.Content(order=card)
        case c.LogisticsCard(order_id, carrier, number, steps, url):
            parcel = pb.LogisticsCard(order_id=order_id, carrier=carrier, tracking_number=number, url=url)
            parcel.steps.extend(pb.LogisticsStep(at=timestamp(step.at), text=step.text) for step in steps)
            return pb.Content(logistics=parcel)
        case c.RefundCard(refund_id, order_id, status, amount_minor, currency, url):
            refund = pb.RefundCard(
                refund_id=refund_id,
                order_id=order_id,
                status=status,
                amount_minor=amount_minor,
                currency=currency,
                url=url,
            )
            return pb.Content(refund=refund)
        case c.TimelineEvent(code, text):
            return pb.Content(event=pb.TimelineEvent(code=code, text=text))


def content_from_proto(pb: message_pb2.Content) -> c.Content:
    """Raises Undecodable for a content kind that this version does not know."""
    match pb.WhichOneof("kind"):
        case "text":
            mail = _mail_from_proto(pb.text.mail) if pb.text.HasField("mail") else None
            return c.Text(pb.text.text, pb.text.heard, mail)
        case "image":
            return c.Image(_media_from_proto(pb.image))
        case "voice":
            return c.Voice(_media_from_proto(pb.voice))
        case "video":
            return c.Video(_media_from_proto(pb.video))
        case "file":
            return c.File(_media_from_proto(pb.file))
        case "location":
            return c.Location(pb.location.latitude, pb.location.longitude, pb.location.label)
        case "link":
            return c.Link(pb.link.url, pb.link.title, pb.link.description)
        case "menu":
            options = tuple(c.MenuOption(option.id, option.label) for option in pb.menu.options)
            return c.Menu(pb.menu.menu_id, pb.menu.prompt, options)
        case "choice":
            return c.Choice(pb.choice.menu_id, pb.choice.option_id, pb.choice.label, pb.choice.comment)
        case "goods":
            return _goods_from_proto(pb.goods)
        case "order":
            order = pb.order
            goods = tuple(_goods_from_proto(item) for item in order.goods)
            return c.OrderCard(order.order_id, order.status, goods, order.total_minor, order.currency, order.url)
        case "logistics":
            parcel = pb.logistics
            steps = tuple(c.LogisticsStep(moment(step.at), step.text) for step in parcel.steps)
            return c.LogisticsCard(parcel.order_id, parcel.carrier, parcel.tracking_number, steps, parcel.url)
        case "refund":
            refund = pb.refund
            return c.RefundCard(
                refund.refund_id, refund.order_id, refund.status, refund.amount_minor, refund.currency, refund.url
            )
        case "event":
            return c.TimelineEvent(pb.event.code, pb.event.text)
        case _:
            raise Undecodable("no content")


def window_to_proto(window: ReplyWindow | None) -> message_pb2.ReplyWindow | None:
    if window is None:
        return None
    return message_pb2.ReplyWindow(until=timestamp(window.until), left=-1 if window.left is None else window.left)


def window_from_proto(pb: message_pb2.ReplyWindow) -> ReplyWindow:
    return ReplyWindow(moment(pb.until), None if pb.left < 0 else pb.left)


def message_to_proto(message: Message) -> message_pb2.Message:
    grounding = message.grounding
    return message_pb2.Message(
        id=message.id,
        address=address_to_proto(message.address),
        author=message_pb2.Author(
            kind=message_pb2.AuthorKind.ValueType(message.author.kind),
            id=message.author.id,
            name=message.author.name,
        ),
        content=content_to_proto(message.content),
        external_id=message.external_id,
        dedupe_key=message.dedupe_key,
        in_reply_to=message.in_reply_to,
        conversation_id=message.conversation_id,
        seq=message.seq,
        epoch=message.epoch,
        session=message.session,
        sent_at=timestamp(message.sent_at),
        received_at=timestamp(message.received_at),
        decided_at=timestamp(message.decided_at),
        grounding=None
        if grounding is None
        else message_pb2.Grounding(release_id=grounding.release_id, entry_id=grounding.entry_id, score=grounding.score),
        channel_data=message.channel_data,
        locale=message.locale,
        customer_name=message.customer_name,
        reply_window=window_to_proto(message.reply_window),
        automatic=message.automatic,
    )


def message_from_proto(pb: message_pb2.Message) -> Message:
    """Raises Undecodable when a required field is missing or unknown."""
    if not pb.id or not pb.HasField("received_at"):
        raise Undecodable("no id or no time of receipt")
    try:
        kind = AuthorKind(pb.author.kind)
    except ValueError as error:
        raise Undecodable("no author") from error
    grounding = None
    if pb.HasField("grounding"):
        grounding = Grounding(pb.grounding.release_id, pb.grounding.entry_id, pb.grounding.score)
    return Message(
        id=pb.id,
        address=address_from_proto(pb.address),
        author=Author(kind, pb.author.id, pb.author.name),
        content=content_from_proto(pb.content),
        received_at=moment(pb.received_at),
        external_id=pb.external_id,
        dedupe_key=pb.dedupe_key,
        in_reply_to=pb.in_reply_to,
        conversation_id=pb.conversation_id,
        seq=pb.seq,
        epoch=pb.epoch,
        session=pb.session,
        sent_at=moment(pb.sent_at) if pb.HasField("sent_at") else None,
        decided_at=moment(pb.decided_at) if pb.HasField("decided_at") else None,
        grounding=grounding,
        channel_data=pb.channel_data,
        locale=pb.locale,
        customer_name=pb.customer_name,
        reply_window=window_from_proto(pb.reply_window) if pb.HasField("reply_window") else None,
        automatic=pb.automatic,
    )


def receipt_to_proto(receipt: Receipt) -> receipt_pb2.Receipt:
    return receipt_pb2.Receipt(
        id=receipt.id,
        message_id=receipt.message_id,
        address=address_to_proto(receipt.address),
        state=receipt_pb2.ReceiptState.ValueType(receipt.state),
        external_id=receipt.external_id,
        reason=receipt.reason,
        detail=receipt.detail,
        at=timestamp(receipt.at),
        up_to_seq=receipt.up_to_seq,
        reply_window=window_to_proto(receipt.reply_window),
        fallback=receipt.fallback,
    )


def receipt_from_proto(pb: receipt_pb2.Receipt) -> Receipt:
    """Raises Undecodable when it names no message or no state."""
    if not pb.id or not pb.HasField("at") or not (pb.message_id or pb.up_to_seq):
        raise Undecodable("incomplete receipt")
    try:
        state = ReceiptState(pb.state)
    except ValueError as error:
        raise Undecodable("unknown receipt state") from error
    return Receipt(
        id=pb.id,
        address=address_from_proto(pb.address),
        state=state,
        at=moment(pb.at),
        message_id=pb.message_id,
        up_to_seq=pb.up_to_seq,
        external_id=pb.external_id,
        reason=pb.reason,
        detail=pb.detail,
        reply_window=window_from_proto(pb.reply_window) if pb.HasField("reply_window") else None,
        fallback=pb.fallback,
    )
