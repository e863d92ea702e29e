"""Off switches, conversations to be erased, and accounts that only a simulator had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one table and two columns."""
    op.create_table(
        "switches",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("switched_at", sa.BigInteger(), nullable=False),
        sa.Column("switched_by", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("target", name="pk_switches"),
    )
    op.add_column("conversations", sa.Column("erase_upto", sa.BigInteger(), nullable=True))
    due = sa.text("erase_upto IS NOT NULL")
    op.create_index(
        "ix_conversations_erase",
        "conversations",
        ["erase_upto"],
        sqlite_where=due,
        postgresql_where=due,
    )
    op.add_column(
        "accounts",
        sa.Column("simulated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
