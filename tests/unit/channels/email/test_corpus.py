"""Every mail of the corpus is read as what it is."""

from datetime import UTC, datetime

import pytest

from tests.simulators.mail_corpus import Mail, corpus
from yizhan.channels.email.reading import read_letter

RECEIVED = datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_the_corpus_is_large_named_and_always_the_same() -> None:
    names = [mail.name for mail in corpus()]
    assert len(names) >= 500
    assert len(set(names)) == len(names)
    assert corpus() == corpus.__wrapped__()


@pytest.mark.parametrize("mail", corpus(), ids=lambda mail: mail.name)
def test_a_mail_of_the_corpus(mail: Mail) -> None:
    letter = read_letter(mail.raw, RECEIVED)
    if mail.sender is not None:
        assert letter.sender.address == mail.sender
    assert letter.automatic is mail.automatic
    assert (letter.bounce and letter.bounce.kind) is mail.bounce
    assert letter.in_reply_to == mail.parents
    assert set(mail.clipped) <= set(letter.clipped)
    if mail.words is not None:
        assert letter.text == mail.words
    if mail.subject is not None:
        assert letter.subject == mail.subject
    if mail.message_id is not None:
        assert letter.message_id == mail.message_id
    if mail.references is not None:
        assert letter.references == mail.references
    if mail.files is not None:
        assert tuple(file.name for file in letter.attachments) == mail.files
    if mail.bounced:
        assert letter.bounce is not None
        assert letter.bounce.message_id == mail.bounced
    if mail.recipient:
        assert letter.bounce is not None
        assert letter.bounce.recipient == mail.recipient
