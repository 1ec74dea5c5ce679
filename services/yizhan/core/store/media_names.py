"""What a stored file may be called: a plain file name that says what the file is, on every system."""

import re
import unicodedata

from yizhan.core.store.media_kinds import EXTENSIONS

MOST_CHARACTERS = 120
# Separators of any system, control characters, and the marks that make "gpj.exe" read as "exe.jpg".
_UNWANTED = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff<>:"|?*]')


def plain_name(declared: str, mime_type: str) -> str:
    """The sender's name without folders and tricks, ending as the file's kind should."""
    name = unicodedata.normalize("NFC", declared.encode(errors="replace").decode()).replace("\\", "/")
    name = _UNWANTED.sub("", name.rpartition("/")[2]).strip().rstrip(" .")
    allowed = EXTENSIONS[mime_type]
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    ending = f".{extension.lower()}" if f".{extension.lower()}" in allowed else allowed[0]
    return (stem.strip(" .")[: MOST_CHARACTERS - len(ending)] or mime_type.partition("/")[0]) + ending
