"""Mails as they really come, by the hundred, each with what must be true of it. Built, not recorded; the same every time."""

from tests.simulators.mail_corpus.mail import Mail
from tests.simulators.mail_corpus.whole import corpus

__all__ = ["Mail", "corpus"]
