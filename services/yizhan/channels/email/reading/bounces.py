"""What mail servers say of mails of ours (reference F.3): by RFC 3464, and as some large Chinese ones write it."""

import re
from collections.abc import Iterable

from yizhan.channels.email.letter import Bounce, BounceKind
from yizhan.channels.email.reading import headers, limits
from yizhan.channels.email.reading.characters import one_line
from yizhan.channels.email.reading.headers import Head
from yizhan.channels.email.reading.limits import Clipped
from yizhan.channels.email.reading.message_ids import ids_in
from yizhan.channels.email.reading.parts import Part

_ACTIONS = {
    "failed": BounceKind.FAILED,
    "delayed": BounceKind.LATER,
    "delivered": BounceKind.DELIVERED,
    "relayed": BounceKind.DELIVERED,
    "expanded": BounceKind.DELIVERED,
}
_SUBJECT = re.compile(
    r"退信|無法投遞|无法投递|投递失败|无法送达|邮件发送失败|未送达|undeliver|delivery (?:status notification|failure|has failed)|returned mail|"
    r"failure notice|mail delivery (?:failed|failure|system)|message (?:not delivered|could not be delivered)|delivery delayed|延迟",
    re.IGNORECASE,
)
_LATER = re.compile(r"delay|延迟|延遲|will retry|still trying|稍后重试|继续尝试", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])[45]\d\d[ -]")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,24}")
_QUOTED_ID = re.compile(r"message-id\s*[：:]\s*(<[^<>\s]{3,500}>)", re.IGNORECASE)
_MACHINE = re.compile(r"postmaster|mailer-?daemon", re.IGNORECASE)


def bounces_of(
    root: Part, leaves: tuple[Part, ...], text: str, subject: str, *, from_machine: bool
) -> tuple[Bounce, ...]:
    """What a report says of each recipient, failures first; empty for a mail that is no such report."""
    report = next(
        (part for part in leaves if part.kind in {"message/delivery-status", "message/global-delivery-status"}), None
    )
    original = _original_id(leaves) or _named_id(root.head, text)
    if report is not None and (root.kind == "multipart/report" or from_machine):
        found = [bounce for block in _blocks(report) if (bounce := _of_block(block, original)) is not None]
        if found:
            order = (BounceKind.FAILED, BounceKind.LATER, BounceKind.DELIVERED)
            return tuple(sorted(found[: limits.BOUNCES], key=lambda bounce: order.index(bounce.kind)))
    failed = root.head.first("x-failed-recipients")
    if failed or (from_machine and _SUBJECT.search(subject)):
        return _in_words(text, subject, original, failed)
    return ()


def _blocks(report: Part) -> Iterable[Head]:
    """The report's groups of fields; the first is about the message, the others about one recipient each."""
    raw, at = report.data(limits.TEXT_BYTES), 0
    quiet = Clipped()
    for _ in range(limits.BOUNCES * 2):
        if at >= len(raw):
            return
        head, at = headers.split(raw, at, len(raw), quiet)
        if head.fields:
            yield head
        elif at < len(raw) and raw[at : at + 1].strip():
            at = (raw.find(b"\n", at) + 1) or len(raw)  # a line that is no field ends the group and says nothing


def _of_block(block: Head, original: str) -> Bounce | None:
    action = block.first("action").strip().lower().partition(" ")[0]
    status = _STATUS.search(block.first("status"))
    if not action and status is None:
        return None
    code = status[1] if status else ""
    kind = _ACTIONS.get(action) or {"5": BounceKind.FAILED, "4": BounceKind.LATER}.get(code[:1], BounceKind.DELIVERED)
    return Bounce(
        kind,
        _recipient(block),
        original,
        code,
        _words(block.first("diagnostic-code").partition(";")[2] or block.first("diagnostic-code")),
    )


def _recipient(block: Head) -> str:
    for name in ("final-recipient", "original-recipient"):
        if value := block.first(name).rpartition(";")[2].strip(" <>"):
            return one_line(value, 320).lower()
    return ""


def _in_words(text: str, subject: str, original: str, failed: str) -> tuple[Bounce, ...]:
    """A bounce for people to read: the address, the code and the sentence that has it."""
    line = next(
        (line for line in text.split("\n") if _STATUS.search(line[:2000]) or _REPLY_CODE.search(line[:2000])), ""
    )
    status = _STATUS.search(line[:2000])
    code = status[1] if status else ""
    later = code.startswith("4") or (not code and _LATER.search(subject) is not None)
    named = _ADDRESS.findall(failed[:2000]) or [
        one for one in _ADDRESS.findall(text[:20_000]) if not _MACHINE.match(one)
    ]
    recipients = dict.fromkeys(one.lower() for one in (named if failed else named[:1]))
    kind = BounceKind.LATER if later else BounceKind.FAILED
    return tuple(Bounce(kind, one, original, code, _words(line)) for one in list(recipients)[: limits.BOUNCES] or [""])


def _original_id(leaves: tuple[Part, ...]) -> str:
    """The id in the copy of our mail, or of its head, that the report brings back."""
    for part in leaves:
        if part.kind in {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}:
            raw = part.data(limits.HEAD_BYTES)
            head, _ = headers.split(raw, 0, len(raw), Clipped())
            if found := ids_in(head.first("message-id")):
                return found[0]
    return ""


def _named_id(head: Head, text: str) -> str:
    """Where no copy came back: what the report answers, or the id it quotes among its words."""
    quoted = _QUOTED_ID.search(text[:100_000])
    named = (
        *ids_in(quoted[1] if quoted else ""),
        *ids_in(head.first("in-reply-to")),
        *ids_in(head.first("references"))[-1:],
    )
    return next(iter(named), "")


def _words(text: str) -> str:
    return one_line(text, limits.DIAGNOSTIC_CHARACTERS)
