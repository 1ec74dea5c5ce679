"""Opening hours, promises and special days as the console's clients see them."""

from yizhan.console.month import CalendarMonth, DayOfMonth
from yizhan.console.views import time
from yizhan.contract.calendar import Spans
from yizhan.contract.contract import Contract
from yizhan.contract.hours import shown
from yizhan.core.messages.json_form import Json
from yizhan.pb.v1 import routing_pb2 as pb


def contract_json(found: pb.GetContractResponse, contract: Contract) -> Json:
    """``contract`` is what the text says; ``standard``: nobody has published one."""
    return {
        "version": found.version,
        "text": found.text,
        "standard": found.standard,
        "published_at": time(found, "published_at"),
        "published_by": found.published_by,
        "title": contract.title or contract.id,
        "zone": contract.zone,
        "calendars": [
            {"name": plan.name, "zone": plan.zone, "country": plan.country or None} for plan in contract.calendars
        ],
        "unconfirmed": [{"calendar": one.calendar, "days": list(one.days)} for one in found.unconfirmed],
    }


def days_json(month: CalendarMonth) -> Json:
    return {"calendar": month.plan.name, "zone": month.plan.zone, "days": [_day_json(day) for day in month.days]}


def override_json(one: pb.Override) -> Json:
    return {
        "calendar": one.calendar,
        "day": one.day,
        "hours": list(one.hours),
        "reason": one.reason,
        "by": one.by,
        "at": time(one, "at"),
    }


def _day_json(day: DayOfMonth) -> Json:
    return {
        "day": day.day.isoformat(),
        "hours": _hours(day.spans),
        "usual": _hours(day.usual),
        "decided": day.decided,
        "reason": day.reason,
        "unconfirmed": day.unconfirmed,
    }


def _hours(spans: Spans) -> list[str]:
    return [shown(span) for span in spans]
