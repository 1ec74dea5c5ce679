"""What an attachment may be called. The media store names by kind; this is the name that people see before that."""

import mimetypes
import re
import unicodedata

from yizhan.channels.email.reading import limits

_UNWANTED = re.compile(
    '[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\uffff<>:"|?*]'
)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_KNOWN = mimetypes.MimeTypes()  # what Python knows, not what this machine has learnt
_USUAL = {
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "application/ms-tnef": ".dat",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/octet-stream": ".bin",
}


def safe_name(declared: str, mime_type: str, number: int) -> str:
    """A plain file name: no folder, no tricks, no name that a system keeps for itself; a made one where none is left.

    ``number``: which attachment of the mail it is, from 1.
    """
    name = unicodedata.normalize("NFC", declared).replace("\\", "/").rpartition("/")[2]
    name = " ".join(_UNWANTED.sub("", name).split()).strip(" .")
    if not name:
        return f"attachment-{number}{_USUAL.get(mime_type) or _KNOWN.guess_extension(mime_type) or '.bin'}"
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 10:
        return stem[: limits.NAME_CHARACTERS - len(extension) - 1].rstrip(" .") + dot + extension
    return name[: limits.NAME_CHARACTERS].rstrip(" .")
