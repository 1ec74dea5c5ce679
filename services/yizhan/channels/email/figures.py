"""The figures of mailboxes. Labels come from closed sets, and from the accounts that an operator made."""

from yizhan.channels.email.trouble import Reason
from yizhan.core.runtime.metrics import Metrics

STATES = ("reading", "elsewhere", "refused", "away")
"""``reading``: by this process; ``elsewhere``: by another one; ``refused``: a person has to do something; ``away``: for now."""


class EmailFigures:
    """What was read, what was done with it, and which mailboxes are read."""

    def __init__(self, metrics: Metrics) -> None:
        self._read = metrics.counter(
            "yizhan_email_mails_total", "Mails taken from mailboxes, by what they are.", ("kind",)
        )
        self._troubles = metrics.counter(
            "yizhan_email_mailbox_troubles_total",
            "Connections to mailboxes that failed or broke, by reason.",
            ("reason",),
        )
        self._state = metrics.gauge(
            "yizhan_email_mailbox_state", "1 for the state that this process knows a mailbox in.", ("account", "state")
        )
        self._guarded = metrics.counter(
            "yizhan_email_not_answered_total", "Answers of machines that were not sent, by reason.", ("reason",)
        )
        self._ratings = metrics.counter(
            "yizhan_email_rating_pages_total",
            "Uses of the links of mails that ask for a rating, by outcome.",
            ("outcome",),
        )
        self._marks = metrics.counter(
            "yizhan_email_marks_failed_total", "Mails that could not be marked as read, or moved."
        )

    def read(self, kind: str) -> None:
        """person, automatic, own, bounce, too_large, unreadable, repeated or ours."""
        self._read.labels(kind).inc()

    def trouble(self, reason: Reason) -> None:
        self._troubles.labels(str(reason)).inc()

    def state(self, account: str, state: str) -> None:
        for one in STATES:
            self._state.labels(account, one).set(1.0 if one == state else 0.0)

    def gone(self, account: str) -> None:
        """The account is there no more."""
        for one in STATES:
            self._state.labels(account, one).set(0.0)

    def not_answered(self, reason: str) -> None:
        self._guarded.labels(reason).inc()

    def rating(self, outcome: str) -> None:
        """shown, recorded, incomplete, unreadable, too_large, forged, expired, gone, limited, store_away or not_accepted."""
        self._ratings.labels(outcome).inc()

    def not_marked(self, count: int) -> None:
        self._marks.inc(count)
