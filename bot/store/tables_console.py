"""Tables of the staff console: who may enter, what they copied, changed, noted and mended.

The same `metadata` and rules as `bot.store.tables`. Nothing here holds a citizen's words or
identifiers but `notes`, which go with their conversation, and `changes.questions`: redacted words
that an editor chose to teach.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.tables import Millis, RowId, conversations, inbox, metadata

users = Table(
    "users",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String, nullable=False),
    #: viewer, agent or editor (`bot.store.users.Role`).
    Column("role", String, nullable=False),
    #: argon2 hash with its own parameters and salt.
    Column("password", Text, nullable=False),
    #: Made by a local run; such a user may enter only while the run is local.
    Column("local", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Millis, nullable=False),
    Column("changed_at", Millis, nullable=False),
    Column("disabled_at", Millis),
    # A name is what people are known by in the audit: two of one name would be nobody.
    UniqueConstraint("name"),
)

sessions = Table(
    "sessions",
    metadata,
    #: SHA-256 of the cookie's token: who reads the store cannot enter with what it holds.
    Column("id", String(64), primary_key=True),
    Column("user_id", RowId, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Millis, nullable=False),
    Column("seen_at", Millis, nullable=False),
    Column("expires_at", Millis, nullable=False),
)
Index("ix_sessions_user", sessions.c.user_id)
Index("ix_sessions_expires", sessions.c.expires_at)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Millis, nullable=False),
    #: Pseudonyms: a password typed into the wrong field must not be stored, nor an address.
    Column("name_key", String(32), nullable=False),
    Column("address_key", String(32), nullable=False),
    #: True once the log-in succeeded; such attempts no longer count against anybody.
    Column("passed", Boolean, nullable=False, server_default=text("false")),
)
Index("ix_login_attempts_at", login_attempts.c.at)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Millis, nullable=False),
    #: The user's name, or "cli" for the command line.
    Column("actor", String, nullable=False),
    #: What was done: "user.add", "session.open", …
    Column("action", String, nullable=False),
    #: To what: a user's name, an answer id, a change's number.
    Column("subject", String, nullable=False),
    Column("detail", JSON, nullable=False),
)
Index("ix_audit_at", audit.c.at)

copies = Table(
    "copies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Millis, nullable=False),
    Column("user_id", RowId, ForeignKey("users.id"), nullable=False),
    #: The same for the answers that were copied as one text.
    Column("batch", String(32), nullable=False),
    Column("answer_id", String, nullable=False),
    Column("version", String, nullable=False),
    Column("snapshot", String, nullable=False),
    #: chat, short or phone.
    Column("register", String, nullable=False),
    #: ISO days: the day of asking, and the first and last day the text is about.
    Column("as_of", String(10), nullable=False),
    Column("applies_from", String(10), nullable=False),
    Column("applies_to", String(10), nullable=False),
    Column("place", String, nullable=False),
    #: Chosen slots that are no personal data: {"group", "months", "members"}.
    Column("slots", JSON, nullable=False),
    #: Ids of the value and place rows behind the text.
    Column("used", JSON, nullable=False),
)
Index("ix_copies_at", copies.c.at)
Index("ix_copies_answer", copies.c.answer_id)

notes = Table(
    "notes",
    metadata,
    Column("id", RowId, primary_key=True),
    # With the conversation its notes go: they may speak about the citizen.
    Column(
        "conversation_id",
        RowId,
        ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("user_id", RowId, ForeignKey("users.id"), nullable=False),
    Column("at", Millis, nullable=False),
    Column("text", Text, nullable=False),
)
Index("ix_notes_conversation", notes.c.conversation_id)

reads = Table(
    "reads",
    metadata,
    Column("user_id", RowId, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "conversation_id",
        RowId,
        ForeignKey("conversations.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    #: The newest inbox id this person has seen; newer ones make the badge.
    Column("seen_id", RowId, nullable=False),
    Column("at", Millis, nullable=False),
)
Index("ix_reads_conversation", reads.c.conversation_id)

changes = Table(
    "changes",
    metadata,
    Column("id", RowId, primary_key=True),
    #: draft, proposed, approved, rejected, published or withdrawn.
    Column("state", String, nullable=False),
    Column("title", String, nullable=False),
    Column("author_id", RowId, ForeignKey("users.id"), nullable=False),
    Column("approver_id", RowId, ForeignKey("users.id")),
    #: Hash of the snapshot the change was written against.
    Column("base", String, nullable=False),
    #: {path inside knowledge/: new text, or null when the file goes}.
    Column("files", JSON, nullable=False),
    #: What `bot check` said about it: [{path, line, level, text}].
    Column("problems", JSON, nullable=False),
    #: What people asked, in redacted words that the editor chose, and where each should lead:
    #: [{text, answer}].
    Column("questions", JSON, nullable=False),
    #: How the changed knowledge did (`bot.change_trial`), null until it was tried.
    Column("trial", JSON(none_as_null=True)),
    Column("note", Text, nullable=False, server_default=""),
    #: Hash of the snapshot it became part of, "" before.
    Column("published", String, nullable=False, server_default=""),
    Column("created_at", Millis, nullable=False),
    Column("changed_at", Millis, nullable=False),
    Column("decided_at", Millis),
)
Index("ix_changes_state", changes.c.state, changes.c.changed_at)

corrections = Table(
    "corrections",
    metadata,
    Column("id", RowId, primary_key=True),
    #: draft, approved, sending, done or withdrawn.
    Column("state", String, nullable=False),
    Column("author_id", RowId, ForeignKey("users.id"), nullable=False),
    Column("approver_id", RowId, ForeignKey("users.id")),
    Column("change_id", RowId, ForeignKey("changes.id")),
    #: Ids of the wrong rows and answers.
    Column("rows", JSON, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False),
    #: Replies and copies between these moments are looked through.
    Column("since", Millis, nullable=False),
    Column("until", Millis),
    Column("created_at", Millis, nullable=False),
    Column("decided_at", Millis),
    #: Conversations that had got it when the sending began: fewer targets than that were
    #: deleted since.
    Column("found", Integer, nullable=False, server_default="0"),
)

correction_targets = Table(
    "correction_targets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column(
        "correction_id",
        RowId,
        ForeignKey("corrections.id", ondelete="CASCADE"),
        nullable=False,
    ),
    #: Who got the wrong row: a citizen's event, or a staff copy.
    Column("inbox_id", RowId, ForeignKey("inbox.id", ondelete="CASCADE")),
    Column("copy_id", RowId, ForeignKey("copies.id", ondelete="CASCADE")),
    Column("conversation_id", RowId, ForeignKey("conversations.id", ondelete="CASCADE")),
    #: The part that tells it: how it arrived stands there.
    Column("outbox_id", RowId, ForeignKey("outbox.id", ondelete="SET NULL")),
    #: open, sent, told, outside_window or skipped.
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("at", Millis, nullable=False),
    # Nobody is corrected twice for one thing.
    UniqueConstraint("correction_id", "inbox_id"),
    UniqueConstraint("correction_id", "copy_id"),
    UniqueConstraint("correction_id", "conversation_id"),
)
Index("ix_correction_targets_inbox", correction_targets.c.inbox_id)
Index("ix_correction_targets_copy", correction_targets.c.copy_id)
Index("ix_correction_targets_conversation", correction_targets.c.conversation_id)
Index("ix_correction_targets_outbox", correction_targets.c.outbox_id)

alarm_notices = Table(
    "alarm_notices",
    metadata,
    #: What it is about: the same trouble keeps its key, and so is told once.
    Column("key", String(200), primary_key=True),
    Column("kind", String, nullable=False),
    #: Figures and ids for its sentence; never a citizen's words (`bot.alarms`).
    Column("detail", JSON, nullable=False),
    #: When this episode began, and when it was last seen to hold.
    Column("since", Millis, nullable=False),
    Column("last_at", Millis, nullable=False),
    #: None while it holds.
    Column("ended_at", Millis),
    #: Who in the console has seen it, "" nobody yet.
    Column("seen_by", String, nullable=False, server_default=""),
    Column("seen_at", Millis),
    #: When which way took it: {"webhook": …, "email": …}.
    Column("sent", JSON, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    #: Not to be sent before: another process has it in hand, or the last try failed.
    Column("send_after", Millis, nullable=False, server_default="0"),
)
Index("ix_alarm_notices_ended", alarm_notices.c.ended_at)

# Few rows each, and none of them is touched by an ordinary message. The conditions stand
# literally in the queries (see `bot.store.tables`).
for _name, _where, _columns in (
    ("ix_conversations_held", "taken_over_until IS NOT NULL", (conversations.c.taken_over_until,)),
    ("ix_inbox_handed_over", "outcome = 'handed_over'", (inbox.c.closed_at,)),
    ("ix_inbox_not_known", "outcome = 'not_known'", (inbox.c.arrived_at,)),
):
    Index(_name, *_columns, sqlite_where=text(_where), postgresql_where=text(_where))
