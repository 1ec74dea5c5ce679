"""Five hundred mails of every kind at once: none is lost, none becomes another person's, no program is answered.

Each mail of the corpus gets a sender of its own, and what must come of it is what the corpus says of it, not what the
product's own reading would say.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace

from tests.channels.conformance.email import EmailHarness
from tests.channels.conformance.stand import Stand
from tests.channels.waiting import until
from tests.simulators.dialogue import BOT
from tests.simulators.mail_corpus import Mail, corpus
from tests.simulators.mail_corpus.mail import ANNA
from tests.simulators.smtp_server import Posted
from yizhan.core.messages.content import Text
from yizhan.core.messages.message import AuthorKind, Message

MAILS = 500
PER_HOUR = 3
NAMELESS = "unknown-"
"""What senders begin with that cannot be read; there is one for each mail."""


def sent_by_everybody() -> list[Mail]:
    """Of the corpus, every kind among them; no two are Anna's."""
    every = [mail for mail in corpus() if mail.appendable and mail.raw.strip()]  # two without a byte are the same mail
    every = [mail for mail in every if not (mail.words or "").isdecimal()]  # any log has numbers
    chosen = [every[number * len(every) // MAILS] for number in range(MAILS)]
    return [_of_their_own(mail, number) for number, mail in enumerate(chosen)]


def _of_their_own(mail: Mail, number: int) -> Mail:
    if mail.sender is None:  # nobody can say, and some may be read after all
        return replace(mail, raw=mail.raw.replace(b"anna", f"{NAMELESS}{number}".encode()), sender="")
    if mail.sender != ANNA:
        local, at, domain = mail.sender.partition("@")
        return replace(mail, sender=f"{local}{at}{domain.encode('idna').decode()}")
    raw, changed = re.subn(rb"(?i)(anna)(@customer\.example)", rb"\g<1>%d\g<2>" % number, mail.raw)
    assert changed, mail.name
    return replace(mail, raw=raw, sender=f"anna{number}@customer.example")


@dataclass(frozen=True, slots=True)
class Heard:
    """What dialogue has of customers, by sender: the mails, each the list of its messages."""

    mails: dict[str, dict[str, list[Message]]]

    @classmethod
    def by(cls, stand: Stand) -> "Heard":
        mails: dict[str, dict[str, list[Message]]] = {}
        for address, transcript in stand.dialogue.transcripts.items():
            for message in transcript.messages:
                if message.author.kind is AuthorKind.CUSTOMER:
                    assert message.author.id == address.customer, "a mail stands in somebody else's case"
                    own = mails.setdefault(message.author.id, {})
                    own.setdefault(message.dedupe_key.rpartition(":")[0], []).append(message)
        return cls(mails)

    def counted(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for sender, mails in self.mails.items():
            counted[NAMELESS if sender.startswith(NAMELESS) else sender] += len(mails)
        return counted


def taken(stand: Stand) -> float:
    """Mails that were read, counted by the product; asked for by its name, since all the figures take long."""
    found = stand.core.metrics.registry.restricted_registry(["yizhan_email_mails_total"]).collect()
    return sum(one.value for metric in found for one in metric.samples if one.name.endswith("_total"))


async def test_five_hundred_mails_are_each_kept_once_and_nobody_becomes_somebody_else(
    stand: Stand, harness: EmailHarness
) -> None:
    """The assistant of this case answers everything: what programs wrote must get no mail, not even so."""
    harness.limits["email_answers_per_hour"] = PER_HOUR
    stand.dialogue.echo = True
    mails = sent_by_everybody()
    await stand._end()
    for mail in mails:
        harness.dovecot.deliver(harness.mailbox, mail.raw)
    await stand.begin()
    await until(lambda: taken(stand) >= MAILS, 80)
    wanted = Counter(mail.sender or NAMELESS for mail in mails)
    await until(lambda: Heard.by(stand).counted().total() >= MAILS)
    heard = Heard.by(stand)
    assert heard.counted() == wanted
    assert taken(stand) == MAILS == wanted.total()
    for mail in mails:
        if wanted[mail.sender or NAMELESS] == 1 and mail.sender:
            (messages,) = heard.mails[mail.sender].values()
            assert as_said(mail, messages), mail.name
    await until(lambda: not unanswered(stand))
    check_answers(mails, heard, harness.smtp.posted)


def as_said(mail: Mail, messages: list[Message]) -> bool:
    """Whether these are the words and the files that the corpus says are in the mail."""
    words = messages[0].content
    same = isinstance(words, Text) and (not mail.words or words.text == mail.words)
    return same and (mail.files is None or len(messages) == 1 + len(mail.files))


def unanswered(stand: Stand) -> set[str]:
    """Answers of the assistant whose fate nobody knows."""
    said = (one for transcript in stand.dialogue.transcripts.values() for one in transcript.messages)
    return {one.id for one in said if one.author == BOT} - {one.message_id for one in stand.dialogue.receipts}


def check_answers(mails: list[Mail], heard: Heard, posted: list[Posted]) -> None:
    """Programs get none, people some of their own, and nobody more than may be."""
    answered = Counter(recipient for one in posted for recipient in one.recipients)
    programs = {mail.sender for mail in mails if mail.automatic is not None}
    people = {mail.sender for mail in mails if mail.automatic is None and mail.sender}
    assert answered.keys() & (programs - people) == set()
    assert max(answered.values()) <= PER_HOUR
    wanted = {f"anna{number}@customer.example" for number, mail in enumerate(mails) if mail.automatic is None}
    assert len(answered.keys() & wanted) > MAILS / 2
    for one in posted:
        (recipient,) = one.recipients
        theirs = heard.mails.get(recipient, {}).values()
        ids = {message.external_id for messages in theirs for message in messages}
        assert one.header("In-Reply-To") in ids | {""} or not theirs, "somebody got what another one is told"
