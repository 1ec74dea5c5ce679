"""Tickets are found by traditional and simplified characters alike: terms that are stored get their simplified form, too.

What is there stays, for the version before. Every character has one form, so a pair's form is the pair of its characters' forms
and nothing needs to be read again.
"""

import sqlalchemy as sa
from alembic import op

from yizhan.core.words.forms import form_of

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    tx = op.get_bind()
    terms = sa.table(
        "ticket_terms",
        *(sa.column(name, sa.String) for name in ("workspace", "term", "ticket_id")),
        schema=None if tx.dialect.name == "sqlite" else "routing",
    )
    same, c = terms.alias("same"), terms.c
    for (term,) in tx.execute(sa.select(c.term).distinct()).all():
        form = form_of(term)
        if form == term:
            continue
        there = sa.exists().where(same.c.workspace == c.workspace, same.c.term == form, same.c.ticket_id == c.ticket_id)
        known = sa.select(c.workspace, sa.literal(form), c.ticket_id).where(c.term == term, sa.not_(there))
        tx.execute(terms.insert().from_select(["workspace", "term", "ticket_id"], known))
