"""Feedback, who holds a conversation, what staff wrote, accounts without buttons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One table, and columns beside the old ones."""
    op.create_table(
        "feedback",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("inbox_id", ROW_ID, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("answer_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_feedback_conversation_id_conversations",
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_feedback_inbox_id_inbox"),
    )
    op.create_index("ix_feedback_conversation", "feedback", ["conversation_id"])
    op.create_index("uq_feedback_inbox", "feedback", ["inbox_id"], unique=True)
    op.create_index("ix_feedback_at", "feedback", ["at"])
    op.add_column("conversations", sa.Column("taken_over_at", sa.BigInteger(), nullable=True))
    op.add_column("conversations", _word("taken_over_by"))
    op.add_column("outbox", _word("staff"))
    op.add_column("accounts", sa.Column("buttons_off_until", sa.BigInteger(), nullable=True))


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default="", nullable=False)
