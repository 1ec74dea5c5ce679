"""Setting up a mailbox: signing in to both servers as the channel does, and what is wrong in words."""

import asyncio
import ssl
from collections.abc import Hashable
from datetime import UTC, datetime

import aiosmtplib
from pydantic import BaseModel

from yizhan.channels.account_setup import Checked, Entry, Steps
from yizhan.channels.accounts import Account
from yizhan.channels.contract import Refused, SendError, TokenExpired
from yizhan.channels.email.box import Box
from yizhan.channels.email.desk import EmailAccount
from yizhan.channels.email.oauth import access_token
from yizhan.channels.email.presets import Server
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.email.smtp import Posting
from yizhan.channels.email.trouble import MailboxTrouble, Reason, login_trouble
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.settings import CommonSettings

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class EmailSetup:
    """Mailboxes of every provider."""

    def credentials(self, settings: BaseModel) -> Hashable:
        return _own(settings).fingerprint

    async def check(self, settings: BaseModel, process: CommonSettings) -> Checked:  # noqa: ARG002 - nothing of it matters
        """Sign in to both; nothing is read, sent or marked."""
        own = _own(settings)
        try:
            token = await _token(own)
        except SendError as error:
            refused = isinstance(error, Refused)
            words = error.text if isinstance(error, Refused) else ""
            reason = Reason.TOKEN if refused else Reason.UNREACHABLE
            line = _line("OAuth", own.token_url, MailboxTrouble(reason, words), own)
            return Checked(problems=(line,), answered=refused)
        imap, smtp = await asyncio.gather(_read(own, token), _send(own, token))
        problems = (*imap.problems, *smtp.problems)
        return Checked(problems, (*imap.found, *smtp.found), imap.answered and smtp.answered)

    def steps(self, account: str, settings: BaseModel, public_url: str) -> Steps:  # noqa: ARG002 - nobody calls us
        own = _own(settings)
        entries = [
            Entry("收信 (IMAP)", _shown(own.imap)),
            Entry("发信 (SMTP)", _shown(own.smtp)),
            Entry("密码 (password)", "OAuth" if own.oauth else own.preset.password),
        ]
        then = [
            "Start `yizhan up` (or `yizhan serve email`) and write to the mailbox from another address.",
            "启动网关后，用另一个邮箱写一封信试试。",
        ]
        if own.tokens_in_replies:
            local, _, domain = own.address.partition("@")
            then.append(f"Mail to {local}+anything@{domain} must arrive in this mailbox; else set reply_token=false.")
        return Steps(
            "In the mailbox's own settings, IMAP and SMTP must be switched on / 请在邮箱设置中开启 IMAP/SMTP 服务:",
            tuple(entries),
            tuple(then),
        )


async def _token(own: EmailAccountSettings) -> str:
    if own.oauth is None:
        return ""
    async with open_client() as session:
        return (await access_token(session, own)).token


async def _read(own: EmailAccountSettings, token: str) -> Checked:
    found: list[str] = []
    for folder in own.folders:
        box = Box(own, folder)
        try:
            await box.open(token)
            idles = "tells of new mail at once / 支持 IDLE" if await box.idles() else "is asked now and then / 定时查询"
            found.append(f"IMAP {folder}: signed in, {idles}")
            await box.leave()
        except MailboxTrouble as trouble:
            box.cut()
            line = _line("IMAP", _shown(own.imap), trouble, own, folder)
            return Checked((line,), tuple(found), trouble.lasting)
    return Checked(found=tuple(found))


async def _send(own: EmailAccountSettings, token: str) -> Checked:
    async def known(_: EmailAccount) -> str:
        return token

    posting = Posting(known)
    account = Account("setup", "email", "setup", "", own, True, _NEVER)
    try:
        client = await posting.open(account)
    except (Refused, TokenExpired) as error:
        words = error.text if isinstance(error, Refused) else "the access token is refused"
        return Checked(problems=(_line("SMTP", _shown(own.smtp), _smtp_trouble(error, words), own),))
    except SendError:
        trouble = MailboxTrouble(Reason.UNREACHABLE)
        return Checked(problems=(_line("SMTP", _shown(own.smtp), trouble, own),), answered=False)
    try:
        await client.quit(timeout=2.0)
    except (aiosmtplib.SMTPException, OSError, ssl.SSLError):
        client.close()
    return Checked(found=("SMTP: signed in / 登录成功",))


def _smtp_trouble(error: Refused | TokenExpired, words: str) -> MailboxTrouble:
    if isinstance(error, Refused) and error.code == "tls":
        return MailboxTrouble(Reason.TLS, words)
    if isinstance(error, Refused) and error.code == "smtp" and "STARTTLS" in words:
        return MailboxTrouble(Reason.NO_STARTTLS, words)
    return login_trouble(words)


def _line(what: str, where: str, trouble: MailboxTrouble, own: EmailAccountSettings, folder: str = "") -> str:
    told = f" ({trouble.words})" if trouble.words else ""
    advice = _ADVICE[trouble.reason].format(folder=folder, password=own.preset.password)
    return f"{what} {where}: {advice}{told}"


def _shown(server: Server) -> str:
    return f"{server.host}:{server.port} {server.tls}"


def _own(settings: BaseModel) -> EmailAccountSettings:
    if not isinstance(settings, EmailAccountSettings):
        raise TypeError("not the settings of a mailbox")
    return settings


_ADVICE: dict[Reason, str] = {
    Reason.UNREACHABLE: "cannot be reached: look at host, port, network / 无法连接，请检查服务器地址、端口和网络",
    Reason.SILENT: "does not answer: look at port and tls / 没有响应，请检查端口与加密方式",
    Reason.TLS: "its certificate is not trusted: look at the host, or set ca_certificates / 证书不受信任",
    Reason.NO_STARTTLS: "offers no STARTTLS, and nothing is sent in clear: look at port and tls / 不支持 STARTTLS",
    Reason.LOGIN: "the login is refused; the password must be {password} / 登录被拒绝",
    Reason.APP_PASSWORD: "the login is refused, since another kind of password is wanted: {password} / 需要专用密码",
    Reason.UNSAFE_LOGIN: "NetEase calls the login unsafe: switch IMAP on in its settings, use the authorisation code, and "
    "sign in to its web page once from this network / 网易提示不安全登录：请开启 IMAP、使用授权码，并在网页登录一次",
    Reason.TOKEN: "gives no token: look at client_id, client_secret and refresh_token / 无法取得令牌",
    Reason.FOLDER: "there is no folder {folder} / 没有这个文件夹",
    Reason.PROTOCOL: "gives answers that cannot be understood / 服务器应答异常",
}
