"""Tables of publishing: knowledge snapshots as they were checked, and which was active when.

Both only grow: a reply names the snapshot behind it, so none may ever be rewritten or deleted.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from bot.store.tables import Millis, metadata

knowledge_snapshots = Table(
    "knowledge_snapshots",
    metadata,
    Column("hash", String(64), primary_key=True),
    # The files themselves, compressed: any node rebuilds the same snapshot from them.
    Column("content", LargeBinary, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("stored_at", Millis, nullable=False),
)

knowledge_activations = Table(
    "knowledge_activations",
    metadata,
    # Given by the publisher, one more than the last it has seen: of two publishers who looked
    # at the same state, the second meets a taken number instead of overriding unseen.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), ForeignKey("knowledge_snapshots.hash"), nullable=False),
    Column("kind", String, nullable=False),
    # Hash of the publisher's folder at that moment; differs from `hash` after a rollback.
    Column("folder", String(64), nullable=False),
    Column("author", String, nullable=False, server_default=""),
    Column("approver", String, nullable=False, server_default=""),
    Column("active_from", Millis, nullable=False),
)
