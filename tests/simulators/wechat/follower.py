"""What a follower of a 公众号 and a user of a 小程序 can do. Source: reference channels.md A.4, A.5, A.8 and B."""

from typing import TYPE_CHECKING, Any, Unpack

from tests.simulators.wechat import quota
from tests.simulators.wechat.media import Medium
from tests.simulators.wechat.person import Person, PushOptions
from tests.simulators.wechat.quota import Quota
from tests.simulators.wechat.records import PushResult

if TYPE_CHECKING:
    from tests.simulators.wechat.account import MessageAccount

Json = dict[str, Any]
MENU_EVENTS = frozenset({"CLICK", "scancode_push", "scancode_waitmsg"})
"""The only menu events after which the account may send."""


class Follower(Person):
    """Every deed makes one push and returns how it went.

    Options of each: ``msg_id`` and ``create_time`` instead of the platform's own, ``signed_at`` as the timestamp of the
    signature, ``raw`` instead of the whole clear body, ``copies`` of it at the same time, ``wait=False`` to return at once.
    """

    def __init__(self, account: "MessageAccount", openid: str, rights: Quota) -> None:
        super().__init__(account.stage, openid, rights)
        self.account = account
        self.subscribed = True
        self.blocks_templates = False
        """Template messages are accepted and then reported as failed."""
        self.transferred = False
        """Some reply handed the customer to WeChat's own customer-service desk."""
        self.agreed: dict[str, int] = {}
        """By template id: how many subscription messages the customer has agreed to."""
        self.acted_at = float("-inf")
        self.typing_until = float("-inf")

    async def says(self, text: str, **options: Unpack[PushOptions]) -> PushResult:
        return await self._message("text", {"Content": text}, options, {"text": text})

    async def image(self, data: bytes, mime: str = "image/png", **options: Unpack[PushOptions]) -> PushResult:
        medium = self.account.media.put("image", data, mime, f"image.{mime.rpartition('/')[2]}")
        fields = {"PicUrl": f"{self.stage.root}/pic/{medium.id}", "MediaId": medium.id}
        return await self._message("image", fields, options, {"media": medium.id})

    async def mini_program_page(
        self,
        title: str,
        page: str = "pages/index",
        app_id: str = "wxminiprogram00001",
        thumb: bytes = b"\xff\xd8\xff\xd9",
        **options: Unpack[PushOptions],
    ) -> PushResult:
        medium = self.account.media.put("thumb", thumb, "image/jpeg", "thumb.jpg")
        fields = {
            "Title": title,
            "AppId": app_id,
            "PagePath": page,
            "ThumbUrl": f"{self.stage.root}/pic/{medium.id}",
            "ThumbMediaId": medium.id,
        }
        return await self._message("miniprogrampage", fields, options, {"text": title})

    async def event(
        self, name: str, *, trigger: str = "", options: PushOptions | None = None, **fields: Any
    ) -> PushResult:
        """Any event with these fields; ``trigger`` is the right that it gives to the account."""
        self._acts(trigger)
        self.speak({"kind": "event", "event": name, "text": str(fields.get("EventKey", ""))})
        chosen = options or {}
        body = self._head("event", chosen) | {"Event": name} | fields
        return await self.account.deliver(self, body, chosen)

    async def _message(
        self, kind: str, fields: Json, options: PushOptions, said: Json, trigger: str = "message"
    ) -> PushResult:
        self._acts(trigger)
        self.speak({"kind": kind} | said)
        message_id = options.get("msg_id") or self.stage.new_message_id()
        body = self._head(kind, options) | fields | {"MsgId": message_id}
        return await self.account.deliver(self, body, options)

    def _head(self, kind: str, options: PushOptions) -> Json:
        return {
            "ToUserName": self.account.original_id,
            "FromUserName": self.openid,
            "CreateTime": options.get("create_time", self.stage.date()),
            "MsgType": kind,
        }

    def _acts(self, trigger: str) -> None:
        self.acted_at = self.stage.now()
        if trigger:
            self.quota.open(trigger, self.acted_at)


class OfficialFollower(Follower):
    def __init__(self, account: "MessageAccount", openid: str, subscribed: bool) -> None:
        super().__init__(account, openid, Quota(quota.OFFICIAL))
        self.subscribed = subscribed

    async def voice(
        self, data: bytes, recognition: str = "", format: str = "amr", **options: Unpack[PushOptions]
    ) -> PushResult:
        medium = self.account.media.put("voice", data, "audio/amr", f"voice.{format}")
        fields: Json = {"MediaId": medium.id, "Format": format}
        if recognition:
            fields["Recognition"] = recognition
        return await self._message("voice", fields, options, {"media": medium.id, "text": recognition})

    async def video(self, data: bytes, **options: Unpack[PushOptions]) -> PushResult:
        return await self._video("video", data, options)

    async def shortvideo(self, data: bytes, **options: Unpack[PushOptions]) -> PushResult:
        return await self._video("shortvideo", data, options)

    async def location(
        self, latitude: float, longitude: float, label: str = "", scale: int = 16, **options: Unpack[PushOptions]
    ) -> PushResult:
        fields = {"Location_X": latitude, "Location_Y": longitude, "Scale": scale, "Label": label}
        return await self._message("location", fields, options, {"text": label})

    async def link(self, title: str, url: str, description: str = "", **options: Unpack[PushOptions]) -> PushResult:
        fields = {"Title": title, "Description": description, "Url": url}
        return await self._message("link", fields, options, {"text": title})

    async def subscribe(self, scene: str = "", **options: Unpack[PushOptions]) -> PushResult:
        """Follow, through a QR code of ``scene`` if given."""
        self.subscribed = True
        fields = {"EventKey": f"qrscene_{scene}", "Ticket": f"ticket-{scene}"} if scene else {"EventKey": ""}
        return await self.event("subscribe", trigger="subscribe", options=options, **fields)

    async def unsubscribe(self, **options: Unpack[PushOptions]) -> PushResult:
        self.subscribed = False
        self.quota.close()
        return await self.event("unsubscribe", options=options, EventKey="")

    async def scan(self, scene: str, **options: Unpack[PushOptions]) -> PushResult:
        return await self.event("SCAN", trigger="scan", options=options, EventKey=scene, Ticket=f"ticket-{scene}")

    async def click(self, key: str, **options: Unpack[PushOptions]) -> PushResult:
        """A click on the account's own menu."""
        return await self.event("CLICK", trigger="menu", options=options, EventKey=key)

    async def view(self, url: str, **options: Unpack[PushOptions]) -> PushResult:
        """Opening a web page from the account's menu gives no right to send."""
        return await self.event("VIEW", options=options, EventKey=url, MenuId=412_000_001)

    async def press(self, wanted: str, **options: Unpack[PushOptions]) -> PushResult:
        """Press the item of that id or label in the latest msgmenu that has it. Raises LookupError."""
        item = self.menu_item(wanted)
        fields = {"Content": item.label, "bizmsgmenuid": item.id}
        return await self._message("text", fields, options, {"text": item.label}, trigger="menu")

    async def _video(self, kind: str, data: bytes, options: PushOptions) -> PushResult:
        medium: Medium = self.account.media.put(kind, data, "video/mp4", "video.mp4")
        thumb = self.account.media.put("thumb", b"\xff\xd8\xff\xd9", "image/jpeg", "thumb.jpg")
        return await self._message(
            kind, {"MediaId": medium.id, "ThumbMediaId": thumb.id}, options, {"media": medium.id}
        )


class MiniFollower(Follower):
    def __init__(self, account: "MessageAccount", openid: str) -> None:
        super().__init__(account, openid, Quota(quota.MINI))

    async def enter_tempsession(self, session_from: str = "", **options: Unpack[PushOptions]) -> PushResult:
        """Open the mini-program's customer-service chat."""
        return await self.event(
            "user_enter_tempsession", trigger="tempsession", options=options, SessionFrom=session_from
        )
