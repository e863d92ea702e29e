"""Tables of publishing: stored snapshots and their activations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "knowledge_snapshots",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_knowledge_snapshots"),
    )
    op.create_table(
        "knowledge_activations",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("folder", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(), server_default="", nullable=False),
        sa.Column("approver", sa.String(), server_default="", nullable=False),
        sa.Column("active_from", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hash"],
            ["knowledge_snapshots.hash"],
            name="fk_knowledge_activations_hash_knowledge_snapshots",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_knowledge_activations"),
    )
