"""The one definition of the tables, for SQLite and PostgreSQL alike.

Guarantees live here, in unique constraints, not in code that checks and then inserts: two
processes can pass a check at the same moment, but not a constraint.

Every time is an integer: milliseconds since 1970 in UTC. Both engines compare integers the
same way, and no time zone can be forgotten. A change here needs a migration; a test compares
the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite numbers rows by itself only in a column of the plain INTEGER type.
RowId = BigInteger().with_variant(Integer(), "sqlite")
Millis = BigInteger


def _partial(name: str, where: str, *columns: ColumnElement[Any], unique: bool = False) -> None:
    """An index over the rows that satisfy `where`, on both engines.

    SQLite uses such an index only for a query that repeats the condition literally, so the
    queries write these words out instead of binding them (see PENDING and its neighbours).
    """
    condition = text(where)
    Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


#: Literal, not bound: see `_partial`.
PENDING: ColumnElement[str] = literal_column("'pending'")
UNKNOWN: ColumnElement[str] = literal_column("'unknown'")
DEAD: ColumnElement[str] = literal_column("'dead'")

conversations = Table(
    "conversations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("channel", String, nullable=False),
    Column("account", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("state", JSON(none_as_null=True)),
    Column("claim_token", String),
    Column("claimed_by", String),
    Column("lease_until", Millis),
    Column("taken_over_until", Millis),
    # Since when and by whom of our own staff; "" = somebody in the platform's own tool.
    Column("taken_over_at", Millis),
    Column("taken_over_by", String, nullable=False, server_default=""),
    Column("last_user_at", Millis),
    Column("rate_tokens", Float),
    Column("rate_at", Millis),
    # The citizen asked for erasure: events up to this id go once nothing of them must leave.
    Column("erase_upto", BigInteger),
    # One row is one citizen on one account: the row that a claim takes must be the only one.
    UniqueConstraint("channel", "account", "user_id"),
)
_partial("ix_conversations_erase", "erase_upto IS NOT NULL", conversations.c.erase_upto)

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("conversation_id", RowId, ForeignKey("conversations.id"), nullable=False),
    Column("channel", String, nullable=False),
    Column("account", String, nullable=False),
    Column("event_key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("attachment", Text, nullable=False),
    Column("sent_at", Millis),
    Column("arrived_at", Millis, nullable=False),
    Column("order_at", Millis, nullable=False),
    Column("redacted", String, nullable=False),
    Column("outcome", String),
    Column("reason", String, nullable=False, server_default=""),
    Column("parts", Integer, nullable=False, server_default="0"),
    Column("answer_id", String),
    Column("topic", String),
    Column("score", Float),
    Column("provenance", JSON(none_as_null=True)),
    Column("closed_at", Millis),
    # Platforms deliver an event again when our 200 came late, even twice at the same moment.
    # The account belongs to the key: ids are unique per account only.
    UniqueConstraint("channel", "account", "event_key"),
)
# Claims walk the open events, oldest first; closed ones leave this index.
_partial("ix_inbox_open", "outcome IS NULL", inbox.c.order_at, inbox.c.id)
Index("ix_inbox_conversation", inbox.c.conversation_id, inbox.c.order_at, inbox.c.id)
Index("ix_inbox_arrived", inbox.c.arrived_at)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("inbox_id", RowId, ForeignKey("inbox.id"), nullable=False),
    Column("conversation_id", RowId, ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False, server_default=""),
    Column("retry_at", Millis),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("attempt_id", RowId),
    Column("in_flight_until", Millis),
    Column("after_crash", Boolean, nullable=False, server_default=text("false")),
    Column("resends", Integer, nullable=False, server_default="0"),
    Column("window_from", Millis, nullable=False),
    Column("created_at", Millis, nullable=False),
    Column("settled_at", Millis),
    Column("message_id", String, nullable=False, server_default=""),
    # Who of our staff wrote this part, "" for the bot.
    Column("staff", String, nullable=False, server_default=""),
    # At most one reply per event: a second closing of the same event cannot add parts.
    UniqueConstraint("inbox_id", "seq"),
    # An id is what the platform echoes back to us: it must never be given twice.
    sqlite_autoincrement=True,
)
Index("ix_outbox_conversation", outbox.c.conversation_id)
_partial("ix_outbox_pending", "state = 'pending'", outbox.c.id)
# The first unsettled part of a conversation: nothing behind it may leave.
_partial("ix_outbox_head", "state = 'pending'", outbox.c.conversation_id, outbox.c.id)
_partial("ix_outbox_trouble", "state IN ('unknown', 'dead')", outbox.c.state)
_partial("ix_outbox_in_flight", "in_flight_until IS NOT NULL", outbox.c.in_flight_until)
_partial("ix_outbox_message_id", "message_id != ''", outbox.c.message_id)

attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("outbox_id", RowId, ForeignKey("outbox.id"), nullable=False),
    Column("boot", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("started_at", Millis, nullable=False),
    Column("ended_at", Millis),
    Column("result", String),
    Column("code", String, nullable=False, server_default=""),
    # A late answer to a deleted attempt must not end somebody else's.
    sqlite_autoincrement=True,
)
Index("ix_attempts_outbox", attempts.c.outbox_id)
# Never two calls in flight for one part: two senders would deliver it twice.
_partial("uq_attempts_in_flight", "ended_at IS NULL", attempts.c.outbox_id, unique=True)

ignored_counts = Table(
    "ignored_counts",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("channel", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("reason", String, primary_key=True),
    # Each process counts in a row of its own, so that web processes never wait for each other.
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("channel", String, primary_key=True),
    Column("account", String, primary_key=True),
    Column("paused_until", Millis),
    Column("pause_reason", String, nullable=False, server_default=""),
    Column("pauses", Integer, nullable=False, server_default="0"),
    # The platform refused buttons: until then choices are plain text only.
    Column("buttons_off_until", Millis),
    Column("access_token", Text, nullable=False, server_default=""),
    Column("refresh_token", Text, nullable=False, server_default=""),
    Column("expires_at", Millis),
    Column("obtained_at", Millis),
    Column("lock_holder", String),
    Column("lock_until", Millis),
    # Made up by a simulator at its start: after that process nobody can answer for it.
    Column("simulated", Boolean, nullable=False, server_default=text("false")),
)

alarms = Table(
    "alarms",
    metadata,
    # One row a day and kind: an alarm that repeats is counted, not piled up.
    Column("day", String(10), primary_key=True),
    Column("channel", String, primary_key=True),
    Column("account", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("first_at", Millis, nullable=False),
    Column("last_at", Millis, nullable=False),
)

deletion_requests = Table(
    "deletion_requests",
    metadata,
    Column("code", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("app_user", String, nullable=False),
    Column("state", String, nullable=False),
    Column("requested_at", Millis, nullable=False),
)

#: One row that `ping` rewrites: proof that the store takes a write right now.
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Millis, nullable=False),
)

# Sibling modules define more tables on the same metadata; importing this one knows them all.
from bot.store import tables_feedback as _feedback  # noqa: E402, F401 - after `metadata`
from bot.store import tables_publishing as _publishing  # noqa: E402, F401 - after `metadata`
from bot.store import tables_switches as _switches  # noqa: E402, F401 - after `metadata`
