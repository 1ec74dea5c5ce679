"""The platform as a whole: accounts, clock, faults, books, and its HTTP server on 127.0.0.1."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from tests.simulators.wechat import kf_api, media, official_api
from tests.simulators.wechat.account import Credentials, MessageAccount, SimAccount, SimMini, SimOfficial
from tests.simulators.wechat.clock import PlatformClock
from tests.simulators.wechat.codes import ApiRefusal
from tests.simulators.wechat.dispatch import BODY_LIMIT, Desk
from tests.simulators.wechat.faults import Faults
from tests.simulators.wechat.kf import SimKf
from tests.simulators.wechat.media import MediaShelf
from tests.simulators.wechat.passive import DataFormat, Mode
from tests.simulators.wechat.records import Call
from tests.simulators.wechat.stage import Stage

WECOM = "/qy"


class WechatPlatform:
    """Use ``open_platform``. ``api_url`` stands for api.weixin.qq.com, ``wecom_url`` for qyapi.weixin.qq.com."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.accounts: list[MessageAccount] = []
        self.corps: list[SimKf] = []

    @property
    def api_url(self) -> str:
        return self.stage.root

    @property
    def wecom_url(self) -> str:
        return self.stage.root + WECOM

    @property
    def faults(self) -> Faults:
        return self.stage.faults

    @property
    def calls(self) -> list[Call]:
        """Every call of the API, oldest first, refused ones included."""
        return self.stage.calls

    @property
    def violations(self) -> list[str]:
        """What no platform would accept from the other side: wrong answers to pushes, wrongly built calls."""
        return self.stage.violations

    def called(self, api: str) -> list[Call]:
        return [call for call in self.calls if call.api == api]

    def now(self) -> float:
        return self.stage.now()

    def advance(self, seconds: float, visible: bool = False) -> None:
        """Move the platform's clock on: windows, tokens and media grow old.

        Dates and signatures of pushes stay those of the clock given to ``open_platform``, which the gateway shares,
        unless the move is ``visible``.
        """
        self.stage.clock.advance(seconds, visible)

    def official(
        self,
        *,
        app_id: str,
        secret: str,
        token: str,
        aes_key: str = "",
        mode: Mode = "plain",
        original_id: str = "gh_97417a04a28d",
        customer_service: bool = True,
        msgmenu: bool = True,
        webhook: str = "",
    ) -> SimOfficial:
        """A 公众号. Without ``customer_service`` the API answers 48001, without ``msgmenu`` a menu is answered 40200."""
        self._is_new(app_id)
        account = SimOfficial(
            self.stage,
            Credentials(app_id, secret, token, aes_key, webhook),
            MediaShelf(self.stage.now, media.OFFICIAL),
            original_id=original_id,
            mode=mode,
            data_format="xml",
            customer_service=customer_service,
        )
        account.msgmenu = msgmenu
        self.accounts.append(account)
        return account

    def mini(
        self,
        *,
        app_id: str,
        secret: str,
        token: str,
        aes_key: str = "",
        mode: Mode = "plain",
        original_id: str = "gh_6a2b8c4d0e1f",
        data_format: DataFormat = "json",
        customer_service: bool = True,
        webhook: str = "",
    ) -> SimMini:
        """A 小程序, whose pushes are JSON or XML."""
        self._is_new(app_id)
        account = SimMini(
            self.stage,
            Credentials(app_id, secret, token, aes_key, webhook),
            MediaShelf(self.stage.now, media.MINI),
            original_id=original_id,
            mode=mode,
            data_format=data_format,
            customer_service=customer_service,
        )
        self.accounts.append(account)
        return account

    def kf(
        self,
        *,
        corp_id: str,
        secret: str,
        token: str,
        aes_key: str,
        webhook: str = "",
        open_kfids: tuple[str, ...] = ("wk1",),
    ) -> SimKf:
        """A corp with 微信客服 accounts."""
        self._is_new(corp_id)
        account = SimKf(self.stage, Credentials(corp_id, secret, token, aes_key, webhook), open_kfids)
        self.corps.append(account)
        return account

    def account(self, app_id: str) -> SimAccount:
        """Raises LookupError."""
        for account in (*self.accounts, *self.corps):
            if account.app_id == app_id:
                return account
        raise LookupError(app_id)

    def expire_tokens(self, app_id: str) -> None:
        """Tokens given out so far are answered 42001."""
        self.account(app_id).tokens.expire()

    def rotate_token(self, app_id: str) -> None:
        """Somebody else fetched a token: those given out so far are answered 40001."""
        self.account(app_id).tokens.replace()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT)
        app.add_routes(Desk(self.stage, "", self.accounts, official_api.ENDPOINTS).routes())
        app.add_routes(Desk(self.stage, WECOM, self.corps, kf_api.ENDPOINTS).routes())
        app.router.add_get("/pic/{media_id}", self._picture)
        return app

    async def _picture(self, request: web.Request) -> web.Response:
        """What a PicUrl or video_url shows: public, no token."""
        for account in (*self.accounts, *self.corps):
            try:
                medium = account.media.get(request.match_info["media_id"])
            except ApiRefusal:
                continue
            return web.Response(body=medium.data, content_type=medium.mime)
        return web.Response(status=404)

    def _is_new(self, app_id: str) -> None:
        if any(account.app_id == app_id for account in (*self.accounts, *self.corps)):
            raise ValueError(f"there is already an account {app_id}")


@asynccontextmanager
async def open_platform(
    *,
    clock: Callable[[], float] = time.time,
    push_deadline: float = 5.0,
    push_tries: int = 3,
    retry_pause: float = 0.0,
    port: int = 0,
    extend: Callable[[WechatPlatform, web.Application], None] | None = None,
) -> AsyncIterator[WechatPlatform]:
    """The platform, serving. ``clock`` gives unix seconds; ``extend`` may add routes before the server starts."""
    http = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    )
    stage = Stage(PlatformClock(clock), http, push_deadline, push_tries, retry_pause)
    platform = WechatPlatform(stage)
    app = platform.app()
    if extend:
        extend(platform, app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        stage.root = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield platform
    finally:
        await stage.close()
        await runner.cleanup()
