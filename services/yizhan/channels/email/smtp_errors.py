"""What an SMTP server's answers mean. One table; sources: RFC 5321 section 4.2, RFC 3463, RFC 6647 (greylisting)."""

import re
import ssl

import aiosmtplib

from yizhan.channels.contract import Refusal, Refused, RetryLater, SendError

GREYLISTED_SECONDS = 300.0
"""A server that says "later" means minutes: one that greylists wants them to have passed."""

BUSY_SECONDS = 2.0
"""421: the server ends this connection; another one may be had at once."""

AWAY_SECONDS = 15.0

_ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")

_BY_STATUS: dict[str, Refusal] = {
    "5.1.1": Refusal.UNKNOWN_CUSTOMER,
    "5.1.2": Refusal.UNKNOWN_CUSTOMER,
    "5.1.3": Refusal.UNKNOWN_CUSTOMER,
    "5.1.6": Refusal.UNKNOWN_CUSTOMER,
    "5.1.10": Refusal.UNKNOWN_CUSTOMER,
    "5.2.1": Refusal.UNKNOWN_CUSTOMER,
    "5.2.3": Refusal.TOO_LONG,
    "5.3.4": Refusal.TOO_LONG,
    "5.6.0": Refusal.BAD_CONTENT,
    "5.7.0": Refusal.NOT_PERMITTED,
    "5.7.1": Refusal.NOT_PERMITTED,
    "5.7.8": Refusal.ACCOUNT,
    "5.7.9": Refusal.ACCOUNT,
    "5.7.139": Refusal.ACCOUNT,
}

_BY_CODE: dict[int, Refusal] = {
    530: Refusal.ACCOUNT,
    534: Refusal.ACCOUNT,
    535: Refusal.ACCOUNT,
    550: Refusal.UNKNOWN_CUSTOMER,
    551: Refusal.UNKNOWN_CUSTOMER,
    552: Refusal.TOO_LONG,
    553: Refusal.UNKNOWN_CUSTOMER,
    554: Refusal.RISKY_CONTENT,
}
"""Where the server gives no code of RFC 3463."""


def refusal(code: int, words: str) -> SendError:
    """What an answer that is no yes means. Certainly not sent."""
    if code == 421:
        return RetryLater(BUSY_SECONDS)
    if 400 <= code < 500:
        return RetryLater(GREYLISTED_SECONDS)
    found = _ENHANCED.match(words)
    reason = _BY_STATUS.get(found[1]) if found else _BY_CODE.get(code)
    return Refused(str(code), " ".join(words.split())[:300], reason or Refusal.OTHER)


def before_the_end(error: Exception) -> SendError:
    """What went wrong before the mail was handed over. Certainly not sent."""
    match error:
        case aiosmtplib.SMTPAuthenticationError(code=code, message=message) if code >= 500:
            return Refused(str(code), " ".join(str(message).split())[:300], Refusal.ACCOUNT)
        case aiosmtplib.SMTPResponseException(code=code, message=message):
            return refusal(code, str(message))
        case ssl.SSLCertVerificationError():
            return Refused("tls", "the server's certificate is not trusted", Refusal.ACCOUNT)
        case OSError() | TimeoutError():
            return RetryLater(AWAY_SECONDS)
        case aiosmtplib.SMTPException(message=message):
            # No STARTTLS, no login over this connection: it stays so until somebody changes the settings.
            return Refused("smtp", " ".join(str(message).split())[:300], Refusal.ACCOUNT)
        case ValueError():
            return Refused("address", "the address cannot be written to", Refusal.UNKNOWN_CUSTOMER)
        case _:
            raise error
