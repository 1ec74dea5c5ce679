"""What the e-mail channel keeps: cases, the ids of their mails, whom they concern, and what is known of an address."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "mail_threads",
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
        schema="channels",
    )
    op.create_table(
        "mail_ids",
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
        schema="channels",
    )
    op.create_table(
        "mail_people",
        sa.Column("account", sa.String(63), primary_key=True),
        sa.Column("thread", sa.String(32), primary_key=True),
        sa.Column("person", sa.String(254), primary_key=True),
        sa.Column("address_key", sa.String(600), nullable=False),
        sa.Index("mail_people_by_address", "address_key"),
        sa.Index("mail_people_by_person", "person"),
        schema="channels",
    )
    op.create_table(
        "mail_correspondents",
        sa.Column("account", sa.String(63), primary_key=True),
        sa.Column("customer", sa.String(254), primary_key=True),
        sa.Column("address_key", sa.String(600), nullable=False),
        sa.Column("bad_at", UtcDateTime),
        sa.Column("bad_status", sa.String(16), nullable=False),
        sa.Column("told_at", UtcDateTime),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Index("mail_correspondents_by_address", "address_key"),
        sa.Index("mail_correspondents_by_time", "at"),
        schema="channels",
    )
