"""What a customer of a 微信客服 account can do. Source: reference channels.md C.2 and C.3."""

from typing import TYPE_CHECKING, Any, Unpack

from tests.simulators.wechat.kf_state import State
from tests.simulators.wechat.person import Person, PushOptions
from tests.simulators.wechat.quota import DAYS_2, Quota
from tests.simulators.wechat.records import PushResult

if TYPE_CHECKING:
    from tests.simulators.wechat.kf import SimKf

Json = dict[str, Any]
FROM_CUSTOMER = 3
WELCOME_SECONDS = 20.0


class KfOptions(PushOptions, total=False):
    """``hint=False``: the item is in the log, but the callback about it is lost."""

    hint: bool


class KfCustomer(Person):
    """Every deed adds to the log and makes one callback; its PushResult is how the callback went."""

    def __init__(self, account: "SimKf", openid: str, open_kfid: str, rights: Quota) -> None:
        super().__init__(account.stage, openid, rights)
        self.account = account
        self.open_kfid = open_kfid
        self.state = State.NEW
        self.servicer = ""
        self.last_msgid = ""
        """Of the last item that the customer sent."""
        self.wrote_at = float("-inf")
        self.welcomed_at = float("-inf")

    async def says(self, text: str, **options: Unpack[KfOptions]) -> PushResult:
        return await self._item("text", {"content": text}, options, {"text": text})

    async def press(self, wanted: str, **options: Unpack[KfOptions]) -> PushResult:
        """Press the item of that id or label in the latest menu that has it. Raises LookupError."""
        item = self.menu_item(wanted)
        return await self._item("text", {"content": item.label, "menu_id": item.id}, options, {"text": item.label})

    async def image(self, data: bytes, mime: str = "image/png", **options: Unpack[KfOptions]) -> PushResult:
        return await self._medium("image", data, mime, f"image.{mime.rpartition('/')[2]}", options)

    async def voice(self, data: bytes, format: str = "amr", **options: Unpack[KfOptions]) -> PushResult:
        return await self._medium("voice", data, "audio/amr", f"voice.{format}", options)

    async def video(self, data: bytes, **options: Unpack[KfOptions]) -> PushResult:
        return await self._medium("video", data, "video/mp4", "video.mp4", options)

    async def file(
        self, data: bytes, name: str, mime: str = "application/octet-stream", **options: Unpack[KfOptions]
    ) -> PushResult:
        return await self._medium("file", data, mime, name, options)

    async def location(
        self, latitude: float, longitude: float, name: str = "", address: str = "", **options: Unpack[KfOptions]
    ) -> PushResult:
        part = {"latitude": latitude, "longitude": longitude, "name": name, "address": address}
        return await self._item("location", part, options, {"text": name})

    async def link(self, title: str, url: str, description: str = "", **options: Unpack[KfOptions]) -> PushResult:
        part = {"title": title, "desc": description, "url": url, "pic_url": ""}
        return await self._item("link", part, options, {"text": title})

    async def mini_program_page(
        self, title: str, page: str = "pages/index", app_id: str = "wxminiprogram00001", **options: Unpack[KfOptions]
    ) -> PushResult:
        thumb = self.account.media.put("image", b"\xff\xd8\xff\xd9", "image/jpeg", "thumb.jpg")
        part = {"title": title, "appid": app_id, "pagepath": page, "thumb_media_id": thumb.id}
        return await self._item("miniprogram", part, options, {"text": title})

    async def sends(self, msgtype: str, part: Json, **options: Unpack[KfOptions]) -> PushResult:
        """An item of any msgtype, known or not."""
        return await self._item(msgtype, part, options, {"text": ""})

    async def enter_session(self, scene: str = "", scene_param: str = "", **options: Unpack[KfOptions]) -> PushResult:
        """Open the chat. There is a welcome_code unless one was used in 48 h or the customer has written."""
        now = self.stage.now()
        if self.state is State.ENDED:
            self.state = State.NEW
        fields: Json = {"scene": scene, "scene_param": scene_param}
        if now - max(self.welcomed_at, self.wrote_at) >= DAYS_2:
            fields["welcome_code"] = self.account.new_code(self, WELCOME_SECONDS, "text", "msgmenu", welcome=True)
        self.speak({"kind": "event", "event": "enter_session", "text": scene})
        self.account.add_event(self, "enter_session", **fields)
        return await self._hint(options)

    async def recall(self, msgid: str = "", **options: Unpack[KfOptions]) -> PushResult:
        """Take back what the customer sent, the last of it unless ``msgid`` names another."""
        self.speak({"kind": "event", "event": "user_recall_msg", "text": ""})
        self.account.add_event(self, "user_recall_msg", recall_msgid=msgid or self.last_msgid)
        return await self._hint(options)

    async def servicer_takes(self, userid: str, **options: Unpack[KfOptions]) -> PushResult:
        """An agent in the WeCom app takes the session."""
        old, self.servicer, self.state = self.servicer, userid, State.HUMAN
        code = self.account.new_code(self, DAYS_2, "text")
        return await self._changes(1, old, userid, code, options)

    async def servicer_ends(self, **options: Unpack[KfOptions]) -> PushResult:
        """That agent ends it; the msg_code is good for one text or menu within 20 s."""
        old, self.servicer, self.state = self.servicer, "", State.ENDED
        code = self.account.new_code(self, WELCOME_SECONDS, "text", "msgmenu")
        return await self._changes(3, old, "", code, options)

    async def _changes(self, change_type: int, old: str, new: str, code: str, options: KfOptions) -> PushResult:
        self.account.add_event(
            self,
            "session_status_change",
            change_type=change_type,
            old_servicer_userid=old,
            new_servicer_userid=new,
            msg_code=code,
        )
        return await self._hint(options)

    async def _medium(self, kind: str, data: bytes, mime: str, name: str, options: KfOptions) -> PushResult:
        medium = self.account.media.put(kind, data, mime, name)
        return await self._item(kind, {"media_id": medium.id}, options, {"media": medium.id})

    async def _item(self, msgtype: str, part: Json, options: KfOptions, said: Json) -> PushResult:
        self.wrote_at = self.stage.now()
        self.quota.open("message", self.wrote_at)
        if self.state is State.ENDED:
            self.state = State.NEW
        self.speak({"kind": msgtype} | said)
        self.last_msgid = self.account.add_item(self, FROM_CUSTOMER, msgtype, part)
        return await self._hint(options)

    async def _hint(self, options: KfOptions) -> PushResult:
        if not options.get("hint", True):
            silent = PushResult("")
            silent.finish()
            return silent
        return await self.account.hint(self.open_kfid, options)
