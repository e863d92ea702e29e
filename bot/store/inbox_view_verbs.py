"""What staff do with conversations: look, take over, answer, give back, note. One commit each.

Changes are audited in their own transaction, by the conversation's number and never by its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from bot import texts
from bot.split import split
from bot.store import audit, inbox_view, inbox_view_one, takeovers
from bot.store.api import Takeover
from bot.store.inbox_view import Line, Wanted
from bot.store.inbox_view_one import Whole
from bot.store.sql_store import SqlStore
from bot.store.users import User

#: The same words from the same person within so long are one form that was sent twice.
TWICE_MS = 30_000


class Done(StrEnum):
    """What became of a command."""

    YES = "yes"
    #: Nothing had to be done: it was so already, or the form came twice.
    ALREADY = "already"
    #: Somebody else holds the conversation.
    HELD = "held"
    #: The conversation is gone, or holds nothing that could still be answered.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended, and who holds the conversation."""

    done: Done
    holder: Takeover | None = None


class ConversationStore:
    """The conversations behind the console. Raises `StoreError` when the store is away."""

    def __init__(self, store: SqlStore, takeover_minutes: float) -> None:
        self._store = store
        self._db = store.database
        self._minutes = takeover_minutes

    # -- looking ------------------------------------------------------------------------
    async def lines(self, user: User, wanted: Wanted, most: int) -> list[Line]:
        """Up to `most` conversations, the one with the newest event first."""
        return await self._store.read(
            lambda conn: inbox_view.list_lines(conn, self._db, user.id, wanted, most)
        )

    async def for_people(self, user: User) -> int:
        """How many conversations want a person."""
        return await self._store.read(lambda conn: inbox_view.for_people(conn, self._db, user.id))

    async def mark(self) -> str:
        """Changes with everything that lists and transcripts show."""
        return await self._store.read(inbox_view.mark)

    async def whole(self, conversation_id: int, *, before: int | None = None) -> Whole | None:
        """One conversation with a page of its transcript, None when it is gone."""
        return await self._store.read(
            lambda conn: inbox_view_one.whole(conn, self._db, conversation_id, before=before)
        )

    async def mark_read(self, user: User, conversation_id: int) -> bool:
        """This person has seen what the citizen wrote so far."""
        return await self._store.write(
            lambda conn: inbox_view_one.mark_read(conn, self._db, user.id, conversation_id)
        )

    # -- doing --------------------------------------------------------------------------
    async def take(self, user: User, conversation_id: int, *, force: bool = False) -> Result:
        """Hold the conversation; the bot is silent there. `force` takes it from a colleague."""

        def work(conn: Connection) -> Result:
            return self._take(conn, user, conversation_id, force=force)

        return await self._store.write(work)

    async def release(self, user: User, conversation_id: int) -> Result:
        """Let the bot answer again."""

        def work(conn: Connection) -> Result:
            key = inbox_view_one.key_of(conn, conversation_id)
            if key is None:
                return Result(Done.GONE)
            if not takeovers.release(conn, self._db, key):
                return Result(Done.ALREADY)
            self._record(conn, user, "conversation.release", conversation_id)
            return Result(Done.YES)

        return await self._store.write(work)

    async def reply(
        self, user: User, conversation_id: int, text: str, *, force: bool = False
    ) -> Result:
        """Send words of a person, identifiers redacted before, and hold the conversation."""
        parts = split(text, takeovers.PART_LENGTH)

        def work(conn: Connection) -> Result:
            key = inbox_view_one.key_of(conn, conversation_id)
            if key is None or not parts:
                return Result(Done.GONE)
            if inbox_view_one.said_lately(
                conn, self._db, conversation_id, user.name, parts[-1], TWICE_MS
            ):
                return Result(Done.ALREADY)
            taken = self._take(conn, user, conversation_id, force=force)
            if taken.done is not Done.YES:
                return taken
            sent = takeovers.staff_reply(conn, self._db, key, parts, user.name, texts.STAFF_HERE)
            if sent is None:
                return Result(Done.GONE)
            self._record(conn, user, "conversation.reply", conversation_id, parts=len(parts))
            return taken

        return await self._store.write(work)

    async def note(self, user: User, conversation_id: int, text: str) -> Result:
        """Write a note for colleagues, identifiers redacted before."""

        def work(conn: Connection) -> Result:
            if not inbox_view_one.add_note(conn, self._db, user.id, conversation_id, text):
                return Result(Done.GONE)
            self._record(conn, user, "conversation.note", conversation_id)
            return Result(Done.YES)

        return await self._store.write(work)

    def _take(self, conn: Connection, user: User, conversation_id: int, *, force: bool) -> Result:
        key = inbox_view_one.key_of(conn, conversation_id)
        if key is None:
            return Result(Done.GONE)
        before = inbox_view_one.holder(conn, self._db, conversation_id)
        held = takeovers.take_over(conn, self._db, key, user.name, self._minutes, force=force)
        if held is None:
            return Result(Done.GONE)
        if held.staff != user.name:
            return Result(Done.HELD, held)
        if before != user.name:
            detail = {"from": before} if before else {}
            self._record(conn, user, "conversation.take", conversation_id, **detail)
        return Result(Done.YES, held)

    def _record(
        self, conn: Connection, user: User, action: str, conversation_id: int, **detail: str | int
    ) -> None:
        audit.record(conn, self._db, user.name, action, str(conversation_id), detail)
