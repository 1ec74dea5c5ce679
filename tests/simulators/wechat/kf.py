"""微信客服: one corp with its customer-service accounts; callbacks only hint, content is pulled.

Source: reference channels.md part C.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from tests.simulators.wechat import codes, quota, xml_form
from tests.simulators.wechat.account import Credentials, SimAccount
from tests.simulators.wechat.codes import ApiRefusal
from tests.simulators.wechat.courier import Envelope, Push
from tests.simulators.wechat.customer import KfCustomer
from tests.simulators.wechat.kf_log import KfLog
from tests.simulators.wechat.kf_state import TRANSITIONS, State
from tests.simulators.wechat.media import KF as KF_MEDIA, MediaShelf
from tests.simulators.wechat.passive import Verdict, judge_hint
from tests.simulators.wechat.person import PushOptions
from tests.simulators.wechat.records import PushResult, VerifyResult
from tests.simulators.wechat.stage import Stage

Json = dict[str, Any]
FROM_CUSTOMER = 3
FROM_SYSTEM = 4


@dataclass(slots=True)
class EventCode:
    """A welcome_code or msg_code: one message within its time."""

    customer: KfCustomer
    expires_at: float
    msgtypes: frozenset[str]
    welcome: bool
    given_at: float


class SimKf(SimAccount):
    kind = "kf"

    def __init__(self, stage: Stage, credentials: Credentials, open_kfids: tuple[str, ...]) -> None:
        super().__init__(stage, credentials, MediaShelf(stage.now, KF_MEDIA))
        self.open_kfids = open_kfids
        self.log = KfLog(stage.now)
        self.customers: dict[tuple[str, str], KfCustomer] = {}
        self.codes: dict[str, EventCode] = {}
        self.sent_ids: dict[tuple[str, str], str] = {}
        """By kf account and msgid: the message that took the id."""
        self.refuse_duplicates = False
        """A msgid used again is answered with an error instead of the first answer. Either way nothing is shown."""

    def customer(self, external_userid: str, open_kfid: str = "") -> KfCustomer:
        """That customer in the chat with that customer-service account, made when there is none yet."""
        chosen = open_kfid or self.open_kfids[0]
        if chosen not in self.open_kfids:
            raise LookupError(chosen)
        if (chosen, external_userid) not in self.customers:
            rights = quota.Quota(quota.KF, codes.KF_WINDOW_CLOSED, codes.KF_COUNT_SPENT)
            self.customers[chosen, external_userid] = KfCustomer(self, external_userid, chosen, rights)
        return self.customers[chosen, external_userid]

    follower = customer

    async def verify_url(self) -> VerifyResult:
        """The GET with an encrypted echostr: the answer is its cleartext and nothing else."""
        echo = self.stage.new_nonce()
        sealed = self.encrypt(echo)
        query = self.sign(sealed)
        del query["signature"]
        return await self._get(query | {"echostr": sealed}, echo)

    def seal(self, clear: str, signed_at: int | None = None) -> Envelope:
        """A callback as WeCom posts it, signed now unless told."""
        sealed = self.encrypt(clear)
        query = self.sign(sealed, timestamp=signed_at)
        del query["signature"]
        outer = xml_form.build({"ToUserName": self.app_id, "AgentID": "", "Encrypt": sealed})
        return Envelope(outer.encode(), query, "text/xml", self.cipher)

    async def hint(self, open_kfid: str, options: PushOptions | None = None) -> PushResult:
        """A callback that says only that there is something to pull."""
        chosen = options or {}
        token = self.log.new_token()
        clear = chosen.get("raw") or xml_form.build(
            {
                "ToUserName": self.app_id,
                "CreateTime": chosen.get("create_time", self.stage.date()),
                "MsgType": "event",
                "Event": "kf_msg_or_event",
                "Token": token,
                "OpenKfId": open_kfid,
            }
        )
        result = PushResult(token)

        def judge(_envelope: Envelope, status: int, body: bytes) -> Verdict:
            return judge_hint(status, body)

        def seal() -> Envelope:
            return self.seal(clear, chosen.get("signed_at"))

        push = Push(self.webhook, open_kfid, seal, judge, chosen.get("copies", 1))
        if chosen.get("wait", True):
            await self._carry(push, result)
        else:
            self.stage.start(self._carry(push, result))
        return result

    async def push(self, *, copies: int = 1, wait: bool = True, **fields: Any) -> PushResult:
        """A callback of any fields; ToUserName and CreateTime are added, None leaves a field out."""
        whole: Json = {"ToUserName": self.app_id, "CreateTime": self.stage.date()} | fields
        clear = xml_form.build({name: value for name, value in whole.items() if value is not None})
        options: PushOptions = {"raw": clear, "copies": copies, "wait": wait}
        return await self.hint(str(fields.get("OpenKfId", self.open_kfids[0])), options)

    async def _carry(self, push: Push, result: PushResult) -> None:
        try:
            verdicts = await self.courier.carry(push, result)
            result.accepted = any(not verdict.problem for verdict in verdicts)
        finally:
            result.finish()

    def add_item(self, customer: KfCustomer, origin: int, msgtype: str, part: Json) -> str:
        """One item of the log; its msgid."""
        msgid = secrets.token_urlsafe(16).replace("-", "x")
        item: Json = {"msgid": msgid, "open_kfid": customer.open_kfid}
        if msgtype != "event":
            item["external_userid"] = customer.openid
        item |= {"send_time": self.stage.date(), "origin": origin, "msgtype": msgtype, msgtype: part}
        self.log.add(item)
        return msgid

    def add_event(self, customer: KfCustomer, event_type: str, **fields: Any) -> None:
        event = {"event_type": event_type, "open_kfid": customer.open_kfid, "external_userid": customer.openid}
        self.add_item(customer, FROM_SYSTEM, "event", event | fields)

    def new_code(self, customer: KfCustomer, seconds: float, *msgtypes: str, welcome: bool = False) -> str:
        code, now = secrets.token_urlsafe(16), self.stage.now()
        self.codes[code] = EventCode(customer, now + seconds, frozenset(msgtypes), welcome, now)
        return code

    def move(self, customer: KfCustomer, target: State) -> str:
        """Change the session's state as trans does; the msg_code, empty when there is none. Raises ApiRefusal."""
        if customer.state is State.ENDED:
            raise ApiRefusal(codes.KF_SESSION_ENDED, "session is ended")
        if target not in TRANSITIONS[customer.state]:
            raise ApiRefusal(codes.KF_BAD_TRANSITION, "state transition not allowed")
        customer.state = target
        if target is State.POOL:
            return self.new_code(customer, quota.DAYS_2, "text")
        return self.new_code(customer, 20.0, "text", "msgmenu") if target is State.ENDED else ""
