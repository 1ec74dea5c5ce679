"""Which folders are read, and by which name. A folder of an account that is set otherwise is another source."""

from dataclasses import dataclass

from yizhan.channels.accounts import AccountBook
from yizhan.channels.email.desk import CHANNEL, EmailAccount
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.store.cursors import Source


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder to be read. ``source`` is what its cursor is kept by."""

    account: EmailAccount
    folder: str

    @property
    def source(self) -> Source:
        return Source(CHANNEL, self.account.id, self.folder)


class Mailboxes:
    """Those of all accounts."""

    def __init__(self, accounts: AccountBook[EmailAccountSettings]) -> None:
        self._accounts = accounts

    def names(self) -> frozenset[str]:
        return frozenset(self._all())

    def find(self, name: str) -> Mailbox | None:
        """None: the account is gone, or set otherwise."""
        return self._all().get(name)

    def _all(self) -> dict[str, Mailbox]:
        return {
            f"{account.id}/{account.settings.fingerprint}/{folder}": Mailbox(account, folder)
            for account in self._accounts.all()
            for folder in account.settings.folders
        }
