"""Tables of the staff console: users, sessions, audit, copies, notes, changes, corrections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PARTIAL = (
    ("ix_conversations_held", "conversations", "taken_over_until", "taken_over_until IS NOT NULL"),
    ("ix_inbox_handed_over", "inbox", "closed_at", "outcome = 'handed_over'"),
    ("ix_inbox_not_known", "inbox", "arrived_at", "outcome = 'not_known'"),
)


def upgrade() -> None:
    """Create them all."""
    op.create_table(
        "audit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_table(
        "login_attempts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name_key", sa.String(length=32), nullable=False),
        sa.Column("address_key", sa.String(length=32), nullable=False),
        sa.Column("passed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_attempts"),
    )
    op.create_index("ix_login_attempts_at", "login_attempts", ["at"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("local", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "changes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("author_id", ROW_ID, nullable=False),
        sa.Column("approver_id", ROW_ID, nullable=True),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("trial", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("published", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["approver_id"], ["users.id"], name="fk_changes_approver_id_users"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_changes_author_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    op.create_index("ix_changes_state", "changes", ["state", "changed_at"], unique=False)
    op.create_table(
        "copies",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("answer_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("snapshot", sa.String(), nullable=False),
        sa.Column("register", sa.String(), nullable=False),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.Column("applies_from", sa.String(length=10), nullable=False),
        sa.Column("applies_to", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("used", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_copies_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_copies"),
    )
    op.create_index("ix_copies_answer", "copies", ["answer_id"], unique=False)
    op.create_index("ix_copies_at", "copies", ["at"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_notes_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_notes_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_conversation", "notes", ["conversation_id"], unique=False)
    op.create_table(
        "reads",
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("seen_id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_reads_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_reads_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "conversation_id", name="pk_reads"),
    )
    op.create_index("ix_reads_conversation", "reads", ["conversation_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_expires", "sessions", ["expires_at"], unique=False)
    op.create_index("ix_sessions_user", "sessions", ["user_id"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("author_id", ROW_ID, nullable=False),
        sa.Column("approver_id", ROW_ID, nullable=True),
        sa.Column("change_id", ROW_ID, nullable=True),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["users.id"], name="fk_corrections_approver_id_users"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_corrections_author_id_users"),
        sa.ForeignKeyConstraint(
            ["change_id"], ["changes.id"], name="fk_corrections_change_id_changes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_table(
        "correction_targets",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("correction_id", ROW_ID, nullable=False),
        sa.Column("inbox_id", ROW_ID, nullable=True),
        sa.Column("copy_id", ROW_ID, nullable=True),
        sa.Column("conversation_id", ROW_ID, nullable=True),
        sa.Column("outbox_id", ROW_ID, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["copy_id"],
            ["copies.id"],
            name="fk_correction_targets_copy_id_copies",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["corrections.id"],
            name="fk_correction_targets_correction_id_corrections",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
            name="fk_correction_targets_inbox_id_inbox",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_correction_targets_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
            name="fk_correction_targets_outbox_id_outbox",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_correction_targets"),
        sa.UniqueConstraint(
            "correction_id",
            "conversation_id",
            name="uq_correction_targets_correction_id_conversation_id",
        ),
        sa.UniqueConstraint(
            "correction_id", "copy_id", name="uq_correction_targets_correction_id_copy_id"
        ),
        sa.UniqueConstraint(
            "correction_id", "inbox_id", name="uq_correction_targets_correction_id_inbox_id"
        ),
    )
    op.create_index("ix_correction_targets_conversation", "correction_targets", ["conversation_id"])
    op.create_index("ix_correction_targets_copy", "correction_targets", ["copy_id"], unique=False)
    op.create_index("ix_correction_targets_inbox", "correction_targets", ["inbox_id"], unique=False)
    op.create_index("ix_correction_targets_outbox", "correction_targets", ["outbox_id"])

    op.create_table(
        "alarm_notices",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.String(), server_default="", nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("send_after", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_alarm_notices"),
    )
    op.create_index("ix_alarm_notices_ended", "alarm_notices", ["ended_at"], unique=False)
    for name, table, column, where in PARTIAL:
        condition = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    """Drop them all."""
    for name, table, _, _ in PARTIAL:
        op.drop_index(name, table_name=table)
    op.drop_table("alarm_notices")
    op.drop_table("correction_targets")
    op.drop_table("corrections")
    op.drop_table("sessions")
    op.drop_table("reads")
    op.drop_table("notes")
    op.drop_table("copies")
    op.drop_table("changes")
    op.drop_table("users")
    op.drop_table("login_attempts")
    op.drop_table("audit")
