"""Why a mailbox cannot be worked with: a closed set, with words for people who have to do something about it."""

import re
import socket
import ssl
from enum import StrEnum
from imaplib import IMAP4

from imapclient.exceptions import CapabilityError, LoginError


class Reason(StrEnum):
    """Also the label of figures and logs."""

    UNREACHABLE = "unreachable"
    TLS = "tls"
    NO_STARTTLS = "no_starttls"
    LOGIN = "login_refused"
    UNSAFE_LOGIN = "unsafe_login"
    APP_PASSWORD = "app_password_needed"  # noqa: S105 - a reason
    TOKEN = "token_refused"  # noqa: S105 - a reason
    FOLDER = "folder_missing"
    SILENT = "silent"
    PROTOCOL = "protocol"


class MailboxTrouble(Exception):
    """Nothing can be done in a mailbox now. ``words`` are the server's own, never for a log."""

    def __init__(self, reason: Reason, words: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.words = " ".join(words.split())[:300]

    @property
    def lasting(self) -> bool:
        """Whether a person has to change something before it goes away."""
        return self.reason not in (Reason.UNREACHABLE, Reason.SILENT, Reason.PROTOCOL)


_UNSAFE = re.compile(r"unsafe login|kefu@188|不安全", re.IGNORECASE)
_APP_PASSWORD = re.compile(
    r"application-specific|app password|授权码|authoriz(?:ation)? code|BasicAuthBlocked|basic authentication is d|"
    r"less secure|5\.7\.139|please using authorized code",
    re.IGNORECASE,
)
"""What servers say when the password is right and of the wrong kind (memory; Gmail, Microsoft, NetEase, QQ)."""


def login_trouble(words: str) -> MailboxTrouble:
    """What a refused login means."""
    if _UNSAFE.search(words):
        return MailboxTrouble(Reason.UNSAFE_LOGIN, words)
    if _APP_PASSWORD.search(words):
        return MailboxTrouble(Reason.APP_PASSWORD, words)
    return MailboxTrouble(Reason.LOGIN, words)


def trouble_of(error: Exception) -> MailboxTrouble:
    """What anything that the IMAP libraries raise means."""
    match error:
        case MailboxTrouble():
            return error
        case LoginError():
            return login_trouble(str(error))
        case CapabilityError():
            return MailboxTrouble(Reason.NO_STARTTLS, str(error))
        case ssl.SSLError():
            return MailboxTrouble(Reason.TLS, getattr(error, "verify_message", "") or error.reason or "")
        case socket.timeout():
            return MailboxTrouble(Reason.SILENT)
        case OSError():
            return MailboxTrouble(Reason.UNREACHABLE, error.strerror or type(error).__name__)
        case IMAP4.abort():
            return MailboxTrouble(Reason.UNREACHABLE, str(error))
        case _:
            words = str(error)
            return login_trouble(words) if _UNSAFE.search(words) else MailboxTrouble(Reason.PROTOCOL, words)
