"""A canned reply, and what one must be like to be kept."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from yizhan.routing.replies.refusals import ReplyInvalid
from yizhan.routing.replies.variables import malformed

SHARED = ""
"""The owner of what everybody in a workspace has."""

LONGEST_TITLE = 80
LONGEST_FOLDER = 60
LONGEST_SHORTCUT = 21
LONGEST_TEXT = 2000
LANGUAGES = ("", "zh", "en")

_SHORTCUT = re.compile(r"/[\w\-.]{1,20}")


@dataclass(frozen=True, slots=True)
class CannedReply:
    """``owner_id`` is ``SHARED`` or the agent whose own it is; ``language`` is empty where it does not matter."""

    id: str
    workspace: str
    owner_id: str
    title: str
    text: str
    shortcut: str = ""
    folder: str = ""
    language: str = ""
    revision: int = 0
    uses: int = 0
    updated_at: datetime | None = None
    updated_by: str = ""

    @property
    def shared(self) -> bool:
        return self.owner_id == SHARED


def checked(given: CannedReply) -> CannedReply:
    """As it is kept: trimmed, the shortcut with its slash. Raises ReplyInvalid for the first thing that is wrong."""
    reply = replace(
        given,
        title=_one_line(given.title),
        folder=_one_line(given.folder),
        shortcut=_shortcut(given.shortcut),
        text=given.text.replace("\r\n", "\n").strip(),
    )
    for field, value, most in (
        ("title", reply.title, LONGEST_TITLE),
        ("folder", reply.folder, LONGEST_FOLDER),
        ("text", reply.text, LONGEST_TEXT),
    ):
        if not value and field != "folder":
            raise ReplyInvalid("empty", field)
        if len(value) > most:
            raise ReplyInvalid("too_long", field, f"{most}")
    if reply.shortcut and _SHORTCUT.fullmatch(reply.shortcut) is None:
        raise ReplyInvalid("bad_shortcut", "shortcut", reply.shortcut[:LONGEST_SHORTCUT])
    if reply.language not in LANGUAGES:
        raise ReplyInvalid("unknown_language", "language", reply.language[:20])
    wrong = malformed(reply.text)
    if wrong is not None:
        code = "unknown_variable" if wrong.unknown else "stray_brace"
        raise ReplyInvalid(code, "text", wrong.piece, wrong.hint)
    return reply


def shortcut_key(shortcut: str) -> str | None:
    """Two shortcuts of one owner with the same key are one; None where there is none."""
    return unicodedata.normalize("NFKC", shortcut).casefold() if shortcut else None


def _shortcut(given: str) -> str:
    name = unicodedata.normalize("NFKC", given).strip()
    return name if not name or name.startswith("/") else f"/{name}"


def _one_line(given: str) -> str:
    return " ".join(given.split())
