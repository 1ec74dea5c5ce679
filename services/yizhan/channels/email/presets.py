"""Where the large providers' servers are and what is special about them, as literal tables.

Sources: reference F.6, and the vendors' help pages; hosts with ``memory`` beside them were not checked. An account can set
each of these itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Tls = Literal["tls", "starttls", "none"]
"""``tls`` from the first byte, ``starttls`` asked for and required, ``none`` in clear (own networks only)."""

Provider = Literal["generic", "gmail", "microsoft365", "163", "126", "yeah", "qq", "exmail"]


@dataclass(frozen=True, slots=True)
class Server:
    """``host`` empty: not known, the account has to say."""

    host: str = ""
    port: int = 0
    tls: Tls = "tls"


@dataclass(frozen=True, slots=True)
class Preset:
    """``plus``: mail to ``name+anything`` arrives in the mailbox of ``name``.

    ``null_sender``: mail without an envelope sender is taken from a mailbox. ``keeps_sent``: what is sent by SMTP appears
    in the folder of sent mails by itself. ``identify``: the ID command must be sent, or no folder can be opened. ``password``
    is what the provider calls what is to be given as the password.
    """

    imap: Server
    smtp: Server
    plus: bool = False
    null_sender: bool = False
    keeps_sent: bool = False
    identify: bool = False
    password: str = "the mailbox's password / 邮箱密码"  # noqa: S105 - what people are told, no password
    token_url: str = ""
    scope: str = ""


_NETEASE = "the authorisation code (授权码) from 设置 > POP3/SMTP/IMAP, not the password you sign in with"
_QQ = "the authorisation code (授权码) from 设置 > 账号 > IMAP/SMTP 服务, not the QQ password"
_EXMAIL = "the client password (客户端专用密码) from 设置 > 账户 > 帐户安全, where 安全登录 is on"
_GOOGLE = "an app password (Google Account > Security > 2-Step Verification > App passwords), or OAuth"
_MICROSOFT = "OAuth: Microsoft takes no passwords any more (memory)"


def _netease(domain: str) -> Preset:
    return Preset(
        Server(f"imap.{domain}", 993), Server(f"smtp.{domain}", 465), keeps_sent=True, identify=True, password=_NETEASE
    )


PRESETS: Mapping[Provider, Preset] = {
    "generic": Preset(Server(port=993), Server(port=587, tls="starttls"), plus=False, null_sender=True),
    "gmail": Preset(
        Server("imap.gmail.com", 993),
        Server("smtp.gmail.com", 465),
        plus=True,
        keeps_sent=True,
        password=_GOOGLE,
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        scope="https://mail.google.com/",
    ),
    "microsoft365": Preset(
        Server("outlook.office365.com", 993),
        Server("smtp.office365.com", 587, "starttls"),
        plus=True,
        keeps_sent=True,
        password=_MICROSOFT,
        token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",  # noqa: S106 - an address
        scope="https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
    ),
    "163": _netease("163.com"),
    "126": _netease("126.com"),
    "yeah": _netease("yeah.net"),
    "qq": Preset(Server("imap.qq.com", 993), Server("smtp.qq.com", 465), keeps_sent=True, password=_QQ),
    # memory: the hosts of 腾讯企业邮
    "exmail": Preset(
        Server("imap.exmail.qq.com", 993), Server("smtp.exmail.qq.com", 465), keeps_sent=True, password=_EXMAIL
    ),
}

NETEASE_DOMAINS = (".163.com", ".126.com", ".yeah.net", ".188.com", ".qiye.163.com")


def is_netease(host: str) -> bool:
    """Whether this server wants to be told who we are before it opens a folder."""
    return f".{host.lower()}".endswith(NETEASE_DOMAINS)
