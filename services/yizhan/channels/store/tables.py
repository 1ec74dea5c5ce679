"""The tables of the channels (schema ``channels``): one set for all channels, each row belonging to one of them."""

import sqlalchemy as sa

from yizhan.core.store.membership import members_table
from yizhan.core.store.tables import UtcDateTime, metadata_for

SERVICE = "channels"
metadata = metadata_for(SERVICE)

members = members_table(metadata, SERVICE)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(63), primary_key=True),
    sa.Column("workspace", sa.String(63), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)
"""An account's id is part of web addresses, so it is unique within its channel, whichever workspace it belongs to."""

sends = sa.Table(
    "sends",
    metadata,
    sa.Column("message_id", sa.String(36), primary_key=True),
    sa.Column("part", sa.SmallInteger, primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("slot_key", sa.String(300)),
    sa.Column("body", sa.LargeBinary),
    sa.Column("external_id", sa.String(200), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("detail", sa.String(500), nullable=False),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("address_key", sa.String(600)),
    sa.Index("sends_by_slot", "slot_key"),
    sa.Index("sends_by_time", "began_at"),
    sa.Index(
        "sends_by_address",
        "address_key",
        "began_at",
        postgresql_where=sa.text("address_key IS NOT NULL"),
        sqlite_where=sa.text("address_key IS NOT NULL"),
    ),
)
"""The ledger: a row is committed before a provider is called, and says afterwards what became of the call.

``slot_key``: the push in whose answer the part goes; ``body`` is then the part, so that a repetition of the push gets it again.
``address_key``: to whom, in channels whose platforms push our own messages back to us.
"""

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(63), primary_key=True),
    sa.Column("consent", sa.LargeBinary, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("consented_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime),
    sa.Column("refused_at", UtcDateTime),
)
"""What sellers consented to, sealed. ``version`` grows with each renewal, ``ends_at``: no renewal after it, where known.

``refused_at``: the platform renews it no more, so that the seller must consent again.
"""

windows = sa.Table(
    "windows",
    metadata,
    sa.Column("address_key", sa.String(600), primary_key=True),
    sa.Column("trigger", sa.String(16), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("spent", sa.Integer, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("by", sa.String(300), nullable=False),
    sa.Index("windows_by_time", "at"),
)
"""What customers did that lets the business write, and how many messages have been sent on the strength of it."""

waiting = sa.Table(
    "waiting",
    metadata,
    sa.Column("message_id", sa.String(36), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("address_key", sa.String(600), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("held_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Index("waiting_by_address", "address_key", "seq"),
    sa.Index("waiting_by_time", "channel", "due_at"),
    sa.Index("waiting_by_end", "channel", "expires_at"),
)
"""Messages to customers that the platform does not take now; ``due_at`` empty: until the customer does something."""

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(63), primary_key=True),
    sa.Column("token", sa.LargeBinary),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("lease_holder", sa.String(100), nullable=False),
    sa.Column("lease_until", UtcDateTime),
)
"""Access tokens, encrypted; the lease lets one replica at a time fetch a new one."""

menus = sa.Table(
    "menus",
    metadata,
    sa.Column("address_key", sa.String(600), primary_key=True),
    sa.Column("code", sa.String(16), primary_key=True),
    sa.Column("menu_id", sa.String(200), nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("shown_at", UtcDateTime, nullable=False),
    sa.Index("menus_by_time", "shown_at"),
)
"""Menus that customers were shown, so that a number or a platform's own id of an option is known again."""

erasure_requests = sa.Table(
    "erasure_requests",
    metadata,
    sa.Column("workspace", sa.String(63), primary_key=True),
    sa.Column("identity_id", sa.String(36), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("account", sa.String(63), nullable=False),
    sa.Column("reference", sa.String(200), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Index("erasure_requests_by_time", "asked_at"),
)
"""People whom a platform wants to be erased, most of whom nobody here knows; by their identities' ids."""

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(63), primary_key=True),
    sa.Column("source", sa.String(128), primary_key=True),
    sa.Column("position", sa.String(200), nullable=False),
    sa.Column("hint", sa.String(200), nullable=False),
    sa.Column("hinted_at", UtcDateTime),
    sa.Column("pulled_at", UtcDateTime),
    sa.Column("lease_holder", sa.String(100), nullable=False),
    sa.Column("lease_until", UtcDateTime),
)
"""How far each source that must be asked has been read; the lease lets one replica at a time read it."""

customer_state = sa.Table(
    "customer_state",
    metadata,
    sa.Column("address_key", sa.String(600), primary_key=True),
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.String(300), nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Index("customer_state_by_time", "until"),
)
"""Short-lived facts of a channel's own about one customer: a welcome code, who serves them at the platform."""

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("address_key", sa.String(600), primary_key=True),
    sa.Column("device", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(63), nullable=False),
    sa.Column("platform", sa.String(8), nullable=False),
    sa.Column("token", sa.String(1000), nullable=False),
    sa.Column("environment", sa.String(16), nullable=False),
    sa.Column("app_version", sa.String(64), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("put_at", UtcDateTime, nullable=False),
    sa.Index("devices_by_token", "account", "platform", "token"),
)
"""Where customers of apps are told of messages while no screen of theirs is connected. ``device`` is the app's own id of it."""

pushes = sa.Table(
    "pushes",
    metadata,
    sa.Column("message_id", sa.String(36), primary_key=True),
    sa.Column("device", sa.String(64), primary_key=True),
    sa.Column("address_key", sa.String(600), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("platform", sa.String(8), nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("tries", sa.SmallInteger, nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Index("pushes_by_time", "state", "due_at"),
    sa.Index("pushes_by_address", "address_key"),
    sa.Index("pushes_by_age", "planned_at"),
)
"""One row per message and device: planned, being called, and what came of it. Committed before a provider is called."""

mail_threads = sa.Table(
    "mail_threads",
    metadata,
    sa.Column("account", sa.String(63), primary_key=True),
    sa.Column("thread", sa.String(32), primary_key=True),
    sa.Column("address_key", sa.String(600), nullable=False),
    sa.Column("customer", sa.String(254), nullable=False),
    sa.Column("answer_to", sa.String(254), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("subject", sa.String(500), nullable=False),
    sa.Column("subject_key", sa.String(64), nullable=False),
    sa.Column("linked_thread", sa.String(32), nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Index("mail_threads_by_address", "address_key"),
    sa.Index("mail_threads_by_customer", "account", "customer", "subject_key", "last_at"),
    sa.Index("mail_threads_by_time", "last_at"),
)
"""Cases of mailboxes: whose each is, and where its answers go. ``automatic``: its last mail was written by no person."""

mail_ids = sa.Table(
    "mail_ids",
    metadata,
    sa.Column("account", sa.String(63), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("thread", sa.String(32), primary_key=True),
    sa.Column("address_key", sa.String(600), nullable=False),
    sa.Column("mail_id", sa.String(500), nullable=False),
    sa.Column("message_id", sa.String(36), nullable=False),
    sa.Column("recipient", sa.String(254), nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("mail_ids_by_thread", "account", "thread", "at"),
    sa.Index("mail_ids_by_recipient", "account", "recipient", "at"),
    sa.Index("mail_ids_by_address", "address_key"),
    sa.Index("mail_ids_by_time", "at"),
)
"""The Message-IDs of a case's mails: what answers refer to. ``message_id``: of ours, the message that went out in it."""

mail_people = sa.Table(
    "mail_people",
    metadata,
    sa.Column("account", sa.String(63), primary_key=True),
    sa.Column("thread", sa.String(32), primary_key=True),
    sa.Column("person", sa.String(254), primary_key=True),
    sa.Column("address_key", sa.String(600), nullable=False),
    sa.Index("mail_people_by_address", "address_key"),
    sa.Index("mail_people_by_person", "person"),
)
"""Whom the business's own people brought into a case besides its customer."""

mail_correspondents = sa.Table(
    "mail_correspondents",
    metadata,
    sa.Column("account", sa.String(63), primary_key=True),
    sa.Column("customer", sa.String(254), primary_key=True),
    sa.Column("address_key", sa.String(600), nullable=False),
    sa.Column("bad_at", UtcDateTime),
    sa.Column("bad_status", sa.String(16), nullable=False),
    sa.Column("told_at", UtcDateTime),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("mail_correspondents_by_address", "address_key"),
    sa.Index("mail_correspondents_by_time", "at"),
)
"""What is known of an address itself: that mail to it comes back, and when its owner was told that a mail was too large.

``address_key`` is that of the address without a thread.
"""
