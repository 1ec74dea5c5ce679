"""Between commands and their protobuf form (``protos/yizhan/v1/command.proto``)."""

from yizhan.core.messages import command as k
from yizhan.core.messages.codec import (
    Undecodable,
    address_from_proto,
    address_to_proto,
    content_from_proto,
    content_to_proto,
    moment,
    timestamp,
    window_from_proto,
    window_to_proto,
)
from yizhan.pb.v1 import command_pb2


def command_to_proto(command: k.Command) -> command_pb2.Command:
    pb = command_pb2.Command(
        id=command.id,
        address=address_to_proto(command.address),
        conversation_id=command.conversation_id,
        epoch=command.epoch,
        at=timestamp(command.at),
    )
    match command.kind:
        case k.Say(agent_id, agent_name, content, client_id, suggestion):
            say = command_pb2.Say(
                agent_id=agent_id, agent_name=agent_name, content=content_to_proto(content), client_id=client_id
            )
            if suggestion is not None:
                say.suggestion.CopyFrom(suggestion_to_proto(suggestion))
            pb.say.CopyFrom(say)
        case k.MarkOffered(agent_id, offer_id):
            pb.mark_offered.CopyFrom(command_pb2.MarkOffered(agent_id=agent_id, offer_id=offer_id))
        case k.Assign(agent_id, agent_name, assignment_id):
            assign = command_pb2.Assign(agent_id=agent_id, agent_name=agent_name, assignment_id=assignment_id)
            pb.assign.CopyFrom(assign)
        case k.ReturnToBot(agent_id, reason):
            pb.return_to_bot.CopyFrom(command_pb2.ReturnToBot(agent_id=agent_id, reason=reason))
        case k.Close(by, reason, ask_rating):
            pb.close.CopyFrom(command_pb2.Close(by=by, reason=reason, ask_rating=ask_rating))
        case k.MarkTicketed():
            pb.mark_ticketed.CopyFrom(_ticketed_to_proto(command.kind))
        case k.TellProgress(position, low, high):
            kind = (
                command_pb2.TellProgress.PROGRESS_POSITION if position else command_pb2.TellProgress.PROGRESS_SEARCHING
            )
            progress = command_pb2.TellProgress(progress=kind, position=position, low_seconds=low, high_seconds=high)
            pb.tell_progress.CopyFrom(progress)
        case k.TimerFired(purpose, session):
            pb.timer_fired.CopyFrom(command_pb2.TimerFired(purpose=purpose, session=session))
        case k.Visit(locale, page_url, page_title, customer_name, verified):
            visit = command_pb2.Visit(
                locale=locale,
                page_url=page_url,
                page_title=page_title,
                customer_name=customer_name,
                verified=verified,
            )
            pb.visit.CopyFrom(visit)
        case k.NoteWindow(window):
            pb.note_window.CopyFrom(command_pb2.NoteWindow(reply_window=window_to_proto(window)))
        case k.JobFinished(job_id, kind_of_job, outcome, body, reason):
            finished = command_pb2.JobFinished(
                job_id=job_id,
                kind=kind_of_job,
                outcome=command_pb2.JobFinished.Outcome.ValueType(outcome),
                body=body,
                reason=reason,
            )
            pb.job_finished.CopyFrom(finished)
        case k.Note(author_id, author_name, content, client_id, whisper_to):
            note = command_pb2.Note(
                author_id=author_id,
                author_name=author_name,
                content=content_to_proto(content),
                client_id=client_id,
                whisper_to=whisper_to,
            )
            pb.note.CopyFrom(note)
        case k.Requeue():
            pb.requeue.CopyFrom(_requeue_to_proto(command.kind))
        case k.TellOffHours(reopens_at, can_leave_message):
            told = command_pb2.TellOffHours(reopens_at=timestamp(reopens_at), can_leave_message=can_leave_message)
            pb.tell_off_hours.CopyFrom(told)
        case k.Acknowledge(promised_by):
            pb.acknowledge.CopyFrom(command_pb2.Acknowledge(promised_by=timestamp(promised_by)))
        case k.Watch(since, end):
            pb.watch.CopyFrom(command_pb2.Watch(since=timestamp(since), end=end))
        case k.OfferInstead() | k.SuggestTimes() | k.TellCallback():
            _instead_to_proto(pb, command.kind)
        case k.AskTicketRating():
            pb.ask_ticket_rating.CopyFrom(_survey_to_proto(command.kind))
        case k.Reply():
            pb.reply.CopyFrom(_reply_to_proto(command.kind))
    return pb


def command_from_proto(pb: command_pb2.Command) -> k.Command:
    """Raises Undecodable for a command without id, address or kind, or of an unknown kind."""
    if not pb.id or not pb.HasField("at"):
        raise Undecodable("incomplete command")
    return k.Command(
        id=pb.id,
        address=address_from_proto(pb.address),
        at=moment(pb.at),
        kind=_kind(pb),
        conversation_id=pb.conversation_id,
        epoch=pb.epoch,
    )


def suggestion_to_proto(use: k.SuggestionUse) -> command_pb2.SuggestionUse:
    return command_pb2.SuggestionUse(entry_id=use.entry_id, edited=use.edited, shown=use.shown, searched=use.searched)


def suggestion_from_proto(pb: command_pb2.SuggestionUse) -> k.SuggestionUse:
    return k.SuggestionUse(pb.entry_id, pb.edited, tuple(pb.shown), pb.searched)


def _kind(pb: command_pb2.Command) -> k.CommandKind:
    match pb.WhichOneof("kind"):
        case "say":
            content = content_from_proto(pb.say.content)
            suggestion = suggestion_from_proto(pb.say.suggestion) if pb.say.HasField("suggestion") else None
            return k.Say(pb.say.agent_id, pb.say.agent_name, content, pb.say.client_id, suggestion)
        case "mark_offered":
            return k.MarkOffered(pb.mark_offered.agent_id, pb.mark_offered.offer_id)
        case "assign":
            return k.Assign(pb.assign.agent_id, pb.assign.agent_name, pb.assign.assignment_id)
        case "return_to_bot":
            return k.ReturnToBot(pb.return_to_bot.agent_id, pb.return_to_bot.reason)
        case "close":
            return k.Close(pb.close.by, pb.close.reason, pb.close.ask_rating)
        case "mark_ticketed":
            return _ticketed(pb.mark_ticketed)
        case "tell_progress":
            progress = pb.tell_progress
            return k.TellProgress(progress.position, progress.low_seconds, progress.high_seconds)
        case "timer_fired":
            return k.TimerFired(pb.timer_fired.purpose, pb.timer_fired.session)
        case "visit":
            visit = pb.visit
            return k.Visit(visit.locale, visit.page_url, visit.page_title, visit.customer_name, visit.verified)
        case "note_window":
            return k.NoteWindow(window_from_proto(pb.note_window.reply_window))
        case "job_finished":
            return _job_finished(pb.job_finished)
        case "note":
            note = pb.note
            content = content_from_proto(note.content)
            return k.Note(note.author_id, note.author_name, content, note.client_id, note.whisper_to)
        case "requeue":
            back = pb.requeue
            return k.Requeue(back.by, back.reason, back.group_id, back.group_name, back.note, back.by_name)
        case "acknowledge":
            return k.Acknowledge(moment(pb.acknowledge.promised_by))
        case "tell_off_hours":
            return k.TellOffHours(moment(pb.tell_off_hours.reopens_at), pb.tell_off_hours.can_leave_message)
        case "watch":
            return k.Watch(moment(pb.watch.since) if pb.watch.HasField("since") else None, pb.watch.end)
        case "offer_instead":
            offered = pb.offer_instead
            next_open = moment(offered.next_open) if offered.HasField("next_open") else None
            return k.OfferInstead(offered.leave_message, offered.callback, next_open, offered.wished)
        case "suggest_times":
            return k.SuggestTimes(pb.suggest_times.reason, tuple(map(moment, pb.suggest_times.times)))
        case "tell_callback":
            about = pb.tell_callback
            callback_at = moment(about.callback_at) if about.HasField("callback_at") else None
            return k.TellCallback(about.change, about.ticket_number, callback_at)
        case "ask_ticket_rating":
            return _survey(pb.ask_ticket_rating)
        case "reply":
            said = pb.reply
            content = content_from_proto(said.content)
            return k.Reply(said.agent_id, said.agent_name, content, said.ticket_id, said.client_id)
        case _:
            raise Undecodable("unknown command kind")


def _ticketed_to_proto(ticketed: k.MarkTicketed) -> command_pb2.MarkTicketed:
    return command_pb2.MarkTicketed(
        ticket_id=ticketed.ticket_id,
        ticket_number=ticketed.ticket_number,
        promised_by=timestamp(ticketed.promised_by),
        how=ticketed.how,
        callback_at=timestamp(ticketed.callback_at),
    )


def _ticketed(pb: command_pb2.MarkTicketed) -> k.MarkTicketed:
    callback_at = moment(pb.callback_at) if pb.HasField("callback_at") else None
    return k.MarkTicketed(pb.ticket_id, pb.ticket_number, moment(pb.promised_by), pb.how, callback_at)


def _survey_to_proto(asked: k.AskTicketRating) -> command_pb2.AskTicketRating:
    return command_pb2.AskTicketRating(
        ticket_id=asked.ticket_id,
        ticket_number=asked.ticket_number,
        solving=asked.solving,
        until=timestamp(asked.until),
        at_end=asked.at_end,
        withdraw=asked.withdraw,
    )


def _survey(asked: command_pb2.AskTicketRating) -> k.AskTicketRating:
    return k.AskTicketRating(
        ticket_id=asked.ticket_id,
        ticket_number=asked.ticket_number,
        solving=asked.solving,
        until=moment(asked.until),
        at_end=asked.at_end,
        withdraw=asked.withdraw,
    )


def _reply_to_proto(reply: k.Reply) -> command_pb2.Reply:
    return command_pb2.Reply(
        agent_id=reply.agent_id,
        agent_name=reply.agent_name,
        content=content_to_proto(reply.content),
        client_id=reply.client_id,
        ticket_id=reply.ticket_id,
    )


def _requeue_to_proto(back: k.Requeue) -> command_pb2.Requeue:
    return command_pb2.Requeue(
        by=back.by,
        by_name=back.by_name,
        reason=back.reason,
        group_id=back.group_id,
        group_name=back.group_name,
        note=back.note,
    )


def _job_finished(pb: command_pb2.JobFinished) -> k.JobFinished:
    try:
        outcome = k.JobOutcome(pb.outcome)
    except ValueError as error:
        raise Undecodable(f"unknown outcome {pb.outcome} of a job") from error
    return k.JobFinished(pb.job_id, pb.kind, outcome, pb.body, pb.reason)


def _instead_to_proto(pb: command_pb2.Command, kind: k.OfferInstead | k.SuggestTimes | k.TellCallback) -> None:
    """What is said to customers who leave a message, or want to be called."""
    match kind:
        case k.OfferInstead(leave_message, callback, next_open, wished):
            offered = command_pb2.OfferInstead(
                leave_message=leave_message, callback=callback, next_open=timestamp(next_open), wished=wished
            )
            pb.offer_instead.CopyFrom(offered)
        case k.SuggestTimes(reason, times):
            suggested = (stamp for stamp in map(timestamp, times) if stamp is not None)
            pb.suggest_times.CopyFrom(command_pb2.SuggestTimes(reason=reason, times=suggested))
        case k.TellCallback(change, ticket_number, callback_at):
            told = command_pb2.TellCallback(
                change=change, ticket_number=ticket_number, callback_at=timestamp(callback_at)
            )
            pb.tell_callback.CopyFrom(told)
