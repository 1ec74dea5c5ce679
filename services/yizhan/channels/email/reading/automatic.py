"""Whether a machine wrote a mail (reference F.2). It is kept and shown; answering it could go on for ever."""

import re

from yizhan.channels.email.letter import Automatic, Mailbox
from yizhan.channels.email.reading.headers import Head
from yizhan.channels.email.reading.parts import Part

_NO_REPLY = re.compile(r"(?:.*[-_.+])?(?:no|do[-_.]?not|don.?t)[-_.]?repl(?:y|ies)(?:[-_+.].*)?")
_MACHINES = frozenset(
    {"mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon", "bounce", "bounces", "double-bounce"}
)
_SUBJECT = re.compile(
    r"\s*[\[【(（]?(?:自动回复|自動回覆|自动答复|自動答覆|自动应答|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|autoreply|"
    r"out of (?:the )?office(?: auto[- ]?reply)?|abwesenheitsnotiz|réponse automatique)[\]】)）]?\s*[:：]",
    re.IGNORECASE,
)
_RESPONDERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply")
_LISTS = ("list-id", "list-unsubscribe", "list-post", "list-help", "list-unsubscribe-post")


def automatic_kind(root: Part, sender: Mailbox, subject: str) -> Automatic | None:
    """By headers and form alone; whether it is a bounce or of our own sending is told elsewhere."""
    head = root.head
    if root.kind == "multipart/report":
        return Automatic.RECEIPT if "disposition" in root.type_.get("report-type") else Automatic.GENERATED
    submitted = _word(head, "auto-submitted")
    if submitted == "auto-replied" or _responds(head) or _SUBJECT.match(subject):
        return Automatic.REPLY
    if _word(head, "precedence") == "list" or any(head.has(name) for name in _LISTS):
        return Automatic.LIST
    generated = submitted not in {"", "no"} or _word(head, "precedence") in {"bulk", "junk"}
    return Automatic.GENERATED if generated or _nobody(head, sender) else None


def suppresses_replies(head: Head) -> bool:
    """Whether the sender asks machines not to answer; people may."""
    wanted = {word.strip().lower() for value in head.every("x-auto-response-suppress") for word in value.split(",")}
    return not wanted.isdisjoint({"all", "autoreply", "oof"})


def from_machine(head: Head, sender: Mailbox) -> bool:
    """Whether a mail server writes for itself."""
    return sender.address.partition("@")[0] in _MACHINES or _empty_envelope(head)


def _responds(head: Head) -> bool:
    if _word(head, "precedence") in {"auto_reply", "auto-reply"}:
        return True
    return any(head.has(name) and _word(head, name) not in {"no", "false"} for name in _RESPONDERS)


def _nobody(head: Head, sender: Mailbox) -> bool:
    local = sender.address.partition("@")[0]
    return from_machine(head, sender) or (bool(local) and _NO_REPLY.fullmatch(local) is not None)


def _empty_envelope(head: Head) -> bool:
    return head.has("return-path") and head.first("return-path").replace(" ", "") in {"<>", ""}


def _word(head: Head, name: str) -> str:
    return head.first(name).partition(";")[0].partition(" ")[0].strip().lower()
