"""Publishing a contract: what is wrong is told at its lines, and nobody's contract is overwritten unseen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from yizhan.console.access import SignedIn
from yizhan.console.api.hours import HoursApi
from yizhan.console.store import Session, User
from yizhan.contract.standard import standard_text
from yizhan.core.runtime.http import Problem, conflict
from yizhan.pb.v1 import routing_pb2 as pb

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SUE = User("s-1", "shop", "sue", "王主管", "", ("supervisor",), "zh-CN", 0, True, 0, None, NOON)
OFFICE = """\
contract: office
calendars:
  desk: {hours: {mon-fri: "09:00-18:00"}}
handoff: {calendar: desk}
"""


class Routing:
    """Has the standard contract in force as version ``v1``, and takes whatever it is given."""

    def __init__(self) -> None:
        self.published: list[pb.PublishContractRequest] = []
        self.decided: list[pb.Override] = []

    @property
    def routing(self) -> "Routing":
        return self

    async def GetContract(self, asked: pb.GetContractRequest) -> pb.GetContractResponse:
        return pb.GetContractResponse(version="v1", text=standard_text(), standard=True)

    async def PublishContract(self, asked: pb.PublishContractRequest) -> pb.PublishContractResponse:
        if asked.expected_version != "v1":
            raise conflict("contract_changed", "Another contract was published meanwhile")
        self.published.append(asked)
        return pb.PublishContractResponse(version="v2")

    async def PutOverride(self, asked: pb.PutOverrideRequest) -> pb.PutOverrideResponse:
        self.decided.append(asked.override)
        return pb.PutOverrideResponse()


class Door:
    """Sue is signed in; a Problem is answered as one."""

    def signed_in(self, handler: Any, *roles: str) -> Any:
        async def let_in(request: web.Request) -> Any:
            session = Session("key", SUE.id, "csrf", NOON, NOON + timedelta(hours=1))
            try:
                return await handler(request, SignedIn(SUE, session))
            except Problem as problem:
                return problem.response()

        return let_in


async def sent(routing: Routing, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    door: Any = Door()
    peers: Any = routing
    app = web.Application()
    app.add_routes(HoursApi(door, peers).routes())
    async with TestClient(TestServer(app)) as client:
        answer = await client.request(method, f"/api/v1/hours/{path}", json=body)
        return answer.status, await answer.json()


async def test_a_contract_is_published_as_it_was_written_by_whoever_did_it() -> None:
    routing = Routing()
    text = "\n\n" + OFFICE
    assert await sent(routing, "PUT", "contract", {"text": text, "version": "v1"}) == (200, {"version": "v2"})
    [asked] = routing.published
    assert (asked.workspace, asked.text, asked.by) == ("shop", text, "王主管")


async def test_a_contract_that_somebody_replaced_meanwhile_is_not_overwritten() -> None:
    routing = Routing()
    status, problem = await sent(routing, "PUT", "contract", {"text": OFFICE, "version": "v0"})
    assert (status, problem["code"], routing.published) == (409, "contract_changed", [])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(OFFICE.replace("{calendar: desk}", "{calendar: des}"), 4, id="a calendar that is not there"),
        pytest.param("\n" + OFFICE.replace("18:00", "08:00"), 4, id="blank lines before it count"),
        pytest.param("handoff: [", 1, id="no YAML"),
    ],
)
async def test_a_problem_is_told_at_its_line_in_both_languages(text: str, line: int) -> None:
    routing = Routing()
    status, problem = await sent(routing, "PUT", "contract", {"text": text, "version": "v1"})
    assert (status, problem["code"], routing.published) == (422, "contract_invalid", [])
    assert line in [one["line"] for one in problem["problems"]]
    assert all(one["reason_zh"] and one["reason_en"] for one in problem["problems"])
    assert problem["count"] == len(problem["problems"])


async def test_every_problem_is_told_not_only_the_first_few() -> None:
    text = OFFICE + "".join(f"nonsense{number}: 1\n" for number in range(20))
    _, problem = await sent(Routing(), "PUT", "contract", {"text": text, "version": "v1"})
    assert len(problem["problems"]) == 20


async def test_a_file_of_special_days_decides_each_of_them() -> None:
    routing = Routing()
    text = """\
overrides:
  - {day: 2027-02-06, until: 2027-02-08, closed: true, reason: 春节}
  - {day: 2027-02-20, hours: ["09:00-18:00"], reason: 调休}
"""
    assert await sent(routing, "POST", "special-days/import", {"calendar": "desk", "text": text}) == (200, {"days": 4})
    assert [(one.day, list(one.hours), one.reason) for one in routing.decided] == [
        ("2027-02-06", [], "春节"),
        ("2027-02-07", [], "春节"),
        ("2027-02-08", [], "春节"),
        ("2027-02-20", ["09:00-18:00"], "调休"),
    ]


async def test_of_a_file_with_a_mistake_nothing_is_taken() -> None:
    routing = Routing()
    text = "overrides:\n  - {day: 2027-02-06, closed: true, reason: 春节}\n  - {day: 2027-02-07, reason: 春节}\n"
    status, problem = await sent(routing, "POST", "special-days/import", {"calendar": "desk", "text": text})
    assert (status, problem["code"], routing.decided) == (422, "overrides_invalid", [])
    assert [one["line"] for one in problem["problems"]] == [3]
