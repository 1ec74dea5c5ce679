"""公众号 and 小程序: credentials, sealing of pushes, and what becomes of the answers."""

import itertools
import json
import secrets
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import aiohttp

from tests.simulators.wechat import passive, shown, xml_form
from tests.simulators.wechat.courier import Courier, Envelope, Push, addressed
from tests.simulators.wechat.crypto import PushCipher, sign
from tests.simulators.wechat.follower import Follower, MiniFollower, OfficialFollower
from tests.simulators.wechat.media import MediaShelf
from tests.simulators.wechat.passive import Asked, DataFormat, Mode, Verdict
from tests.simulators.wechat.person import PushOptions
from tests.simulators.wechat.records import Attempt, PushResult, VerifyResult
from tests.simulators.wechat.stage import Stage
from tests.simulators.wechat.tokens import TokenDesk

Json = dict[str, Any]
NOTICE = "该公众号暂时无法提供服务，请稍后再试"
MINI_NOTICE = "该小程序客服暂时无法提供服务，请稍后再试"
VERIFY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """``app_id`` is the CorpID for 微信客服. ``aes_key`` may be empty in plain mode."""

    app_id: str
    secret: str
    token: str
    aes_key: str
    webhook: str


class SimAccount:
    """What 公众号, 小程序 and 微信客服 have in common."""

    def __init__(self, stage: Stage, credentials: Credentials, shelf: MediaShelf) -> None:
        self.stage = stage
        self.app_id = credentials.app_id
        self.secret = credentials.secret
        self.token = credentials.token
        self.aes_key = credentials.aes_key
        self.webhook = credentials.webhook
        self.media = shelf
        self.tokens = TokenDesk(stage.now, credentials.app_id)
        self.trusted_ip = True
        """False: the caller is not on the account's white list, and token calls are refused."""
        self.courier = Courier(stage)
        self._cipher = PushCipher(self.aes_key, self.app_id) if self.aes_key else None
        self._old_cipher: PushCipher | None = None
        self._old_until = 0.0

    @property
    def cipher(self) -> PushCipher:
        """What the next push is encrypted with."""
        chosen = self._old_cipher if self._old_cipher and self.stage.now() < self._old_until else self._cipher
        if chosen is None:
            raise ValueError("this account has no EncodingAESKey")
        return chosen

    def rotate_key(self, new_aes_key: str, overlap: float = 0.0) -> None:
        """A new EncodingAESKey; for ``overlap`` seconds of the platform's clock pushes still come with the old one."""
        self._old_cipher, self._old_until = self._cipher, self.stage.now() + overlap
        self._cipher = PushCipher(new_aes_key, self.app_id)
        self.aes_key = new_aes_key

    def sign(self, *sealed: str, timestamp: int | None = None, nonce: str | None = None) -> dict[str, str]:
        """The query of a push: ``signature``, and ``msg_signature`` over the ciphertext if there is one."""
        at = str(self.stage.date() if timestamp is None else timestamp)
        once = nonce or self.stage.new_nonce()
        query = {"signature": sign(self.token, at, once), "timestamp": at, "nonce": once}
        if sealed:
            query |= {"msg_signature": sign(self.token, at, once, *sealed)}
        return query

    def encrypt(self, clear: str) -> str:
        return self.cipher.encrypt(clear, secrets.token_hex(8).encode())

    async def post(
        self, raw_body: bytes | str, query: dict[str, str] | None = None, content_type: str = "text/xml"
    ) -> Attempt:
        """Exactly these bytes, once, and judged by nobody: for forged and garbled pushes."""
        body = raw_body.encode() if isinstance(raw_body, str) else raw_body
        envelope = Envelope(body, self.sign() if query is None else query, content_type)
        attempt, _ = await self.courier.post(self.webhook, envelope, self.stage.push_deadline)
        return attempt

    async def _get(self, query: dict[str, str], expected: str) -> VerifyResult:
        limit = aiohttp.ClientTimeout(total=VERIFY_SECONDS)
        try:
            async with self.stage.http.get(
                addressed(self.webhook, query), timeout=limit, allow_redirects=False
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return VerifyResult(0, type(error).__name__, False)
        return VerifyResult(
            answer.status, body.decode("utf-8", "replace"), answer.status == 200 and body == expected.encode()
        )


class MessageAccount(SimAccount):
    """公众号 and 小程序: pushes carry the messages themselves."""

    kind: Literal["official", "mini"]
    notice: ClassVar[str]
    msgtypes: ClassVar[frozenset[str]]

    def __init__(
        self,
        stage: Stage,
        credentials: Credentials,
        shelf: MediaShelf,
        *,
        original_id: str,
        mode: Mode,
        data_format: DataFormat,
        customer_service: bool,
    ) -> None:
        super().__init__(stage, credentials, shelf)
        if mode != "plain" and not credentials.aes_key:
            raise ValueError(f"{mode} mode needs an EncodingAESKey")
        self.original_id = original_id
        self.mode: Mode = mode
        self.data_format: DataFormat = data_format
        self.customer_service = customer_service
        self.msgmenu = False
        self.people: dict[str, Follower] = {}
        self._answered: dict[str, Json] = {}
        self._event_serial = itertools.count(1)

    async def verify_url(self) -> VerifyResult:
        """The GET that the platform makes when the URL is saved: the answer is the echostr and nothing else."""
        echo = self.stage.new_nonce() + self.stage.new_nonce()
        return await self._get(self.sign() | {"echostr": echo}, echo)

    def clear_body(self, fields: Json) -> str:
        """A push as text, before it is sealed."""
        if self.data_format == "json":
            return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        return xml_form.build(fields)

    def seal(self, clear: str, openid: str, signed_at: int | None = None) -> Envelope:
        """``clear`` as this account's mode posts it, signed now unless told."""
        content_type = "application/json" if self.data_format == "json" else "text/xml"
        if self.mode == "plain":
            return Envelope(clear.encode(), self.sign(timestamp=signed_at) | {"openid": openid}, content_type)
        cipher = self.cipher
        sealed = self.encrypt(clear)
        query = self.sign(sealed, timestamp=signed_at) | {"openid": openid, "encrypt_type": "aes"}
        outer: Json = {"ToUserName": self.original_id, "Encrypt": sealed}
        if self.mode == "compatible":
            outer = self._open_fields(clear) | outer
        return Envelope(self.clear_body(outer).encode(), query, content_type, cipher)

    def _open_fields(self, clear: str) -> Json:
        try:
            return json.loads(clear) if self.data_format == "json" else xml_form.parse(clear)
        except (ValueError, xml_form.BadXml):
            return {}

    async def push(self, *, copies: int = 1, wait: bool = True, unseen: bool = False, **fields: Any) -> PushResult:
        """A push of any fields, as if from ``FromUserName``. A field that is None is left out.

        ToUserName and CreateTime are added. No window opens by it.
        """
        whole: Json = {"ToUserName": self.original_id, "CreateTime": self.stage.date()} | fields
        whole = {name: value for name, value in whole.items() if value is not None}
        person = self._person(str(whole.get("FromUserName", "")))
        return await self.deliver(person, whole, {"copies": copies, "wait": wait, "unseen": unseen})

    async def deliver(self, person: Follower, fields: Json, options: PushOptions) -> PushResult:
        """All tries of one push; then the customer sees the reply or the notice."""
        clear = options.get("raw") or self.clear_body(fields)
        result = PushResult(key_of(fields))
        known = "MsgId" in fields or "create_time" in options
        identity = result.key if known else f"{result.key}#{next(self._event_serial)}"

        def seal() -> Envelope:
            return self.seal(clear, person.openid, options.get("signed_at"))

        def judge(envelope: Envelope, status: int, body: bytes) -> Verdict:
            asked = Asked(
                openid=person.openid,
                original_id=self.original_id,
                token=self.token,
                nonce=envelope.query["nonce"],
                mode=self.mode,
                data_format=self.data_format,
                cipher=envelope.cipher,
                only_transfer=self.kind == "mini",
            )
            return passive.judge(asked, self.media, status, body)

        push = Push(self.webhook, person.openid, seal, judge, options.get("copies", 1))
        if options.get("wait", True):
            await self._settle(push, person, identity, result, options.get("unseen", False))
        else:
            self.stage.start(self._settle(push, person, identity, result, options.get("unseen", False)))
        return result

    async def _settle(self, push: Push, person: Follower, identity: str, result: PushResult, unseen: bool) -> None:
        try:
            verdicts = await self.courier.carry(push, result)
            result.accepted = any(not verdict.problem for verdict in verdicts)
            if not result.accepted and not unseen:
                result.notice = True
                person.note(self.notice)
            for reply in (verdict.reply for verdict in verdicts if verdict.reply):
                self._answer(person, identity, reply, result)
        finally:
            result.finish()

    def _answer(self, person: Follower, identity: str, reply: Json, result: PushResult) -> None:
        """A push has one effect: its first reply is shown, and another one to the same push is a violation."""
        before = self._answered.get(identity)
        if before is not None:
            if _said(before) != _said(reply):
                self.stage.violations.append(f"two different replies to push {result.key}")
            return
        self._answered[identity] = reply
        message = shown.of_passive(reply, self.media, self.stage.now(), self.stage.new_index())
        result.reply = message
        if message.kind == passive.TRANSFER:
            person.transferred = True
        else:
            person.show(message)

    def _person(self, openid: str) -> Follower:
        raise LookupError(openid)


class SimOfficial(MessageAccount):
    kind = "official"
    notice = NOTICE
    msgtypes = frozenset(
        {
            *("text", "image", "voice", "video", "music", "news", "mpnews", "mpnewsarticle", "msgmenu", "wxcard"),
            "miniprogrampage",
        }
    )

    def follower(self, openid: str, subscribed: bool = True) -> OfficialFollower:
        """The follower of that openid, made when there is none yet; it has followed before, without a push."""
        if openid not in self.people:
            self.people[openid] = OfficialFollower(self, openid, subscribed)
        person = self.people[openid]
        assert isinstance(person, OfficialFollower)
        return person

    def _person(self, openid: str) -> Follower:
        return self.follower(openid)


class SimMini(MessageAccount):
    kind = "mini"
    notice = MINI_NOTICE
    msgtypes = frozenset({"text", "image", "link", "miniprogrampage"})

    def follower(self, openid: str) -> MiniFollower:
        """The user of that openid, made when there is none yet."""
        if openid not in self.people:
            self.people[openid] = MiniFollower(self, openid)
        person = self.people[openid]
        assert isinstance(person, MiniFollower)
        return person

    def _person(self, openid: str) -> Follower:
        return self.follower(openid)


def key_of(fields: Json) -> str:
    """MsgId, or for events what stands for it."""
    if "MsgId" in fields:
        return str(fields["MsgId"])
    parts = (fields.get(name, "") for name in ("FromUserName", "CreateTime", "Event", "EventKey"))
    return ":".join(str(part) for part in parts)


def _said(reply: Json) -> Json:
    """A retried push may be answered at another second."""
    return {name: value for name, value in reply.items() if name != "CreateTime"}
