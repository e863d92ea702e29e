"""The table of what citizens said about answers. See `bot.feedback` for when they are asked."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from bot.store.tables import Millis, RowId, metadata

feedback = Table(
    "feedback",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("conversation_id", RowId, ForeignKey("conversations.id"), nullable=False),
    # The event that gave the verdict: it leads to the talk, and its end is the row's end.
    Column("inbox_id", RowId, ForeignKey("inbox.id"), nullable=False),
    Column("channel", String, nullable=False),
    Column("answer_id", String, nullable=False),
    Column("version", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason", String, nullable=False, server_default=""),
    Column("at", Millis, nullable=False),
)
Index("ix_feedback_conversation", feedback.c.conversation_id)
# One event, one verdict, as it has one outcome.
Index("uq_feedback_inbox", feedback.c.inbox_id, unique=True)
Index("ix_feedback_at", feedback.c.at)
