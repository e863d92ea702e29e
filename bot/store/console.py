"""The console's verbs over the store: small, async, one transaction each.

What changes something takes the actor's name and writes the audit in the same transaction.
Further pages add verbs of their own with `SqlStore.write` and `SqlStore.read`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from bot.store import audit, copies, users
from bot.store.copies import Copy, Logged
from bot.store.sql_store import SqlStore
from bot.store.users import Role, Throttle, User


class ConsoleStore:
    """Users, sessions, copies and audit behind the console. Raises `StoreError` when away."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self._db = store.database

    # -- users --------------------------------------------------------------------------
    async def put_user(
        self, name: str, role: Role, password: str, *, actor: str, local: bool = False
    ) -> bool:
        """Create or renew a user; `password` is a hash. True when the user is new."""

        def work(conn: Connection) -> bool:
            new = users.put_user(conn, self._db, name, role, password, local=local)
            action = "user.add" if new else "user.renew"
            audit.record(conn, self._db, actor, action, name, {"role": role.value})
            return new

        return await self.store.write(work)

    async def disable_user(self, name: str, *, actor: str) -> bool:
        """Shut a user out at once; False when there is no such active user."""

        def work(conn: Connection) -> bool:
            done = users.disable_user(conn, self._db, name)
            if done:
                audit.record(conn, self._db, actor, "user.disable", name)
            return done

        return await self.store.write(work)

    async def disable_local_users(self) -> int:
        """Shut out who was made for a local run; a service that is open calls it at start."""
        return await self.store.write(lambda conn: users.disable_local_users(conn, self._db))

    async def users(self) -> list[User]:
        """Everybody by name, the disabled ones included."""
        return await self.store.read(users.list_users)

    async def password_of(self, name: str) -> tuple[User, str] | None:
        """An active user with the hash of their password."""
        return await self.store.read(lambda conn: users.password_of(conn, name))

    # -- sessions -----------------------------------------------------------------------
    async def begin_attempt(self, name_key: str, address_key: str, limit: Throttle) -> int | None:
        """Count an attempt to log in; None when there were too many."""
        return await self.store.write(
            lambda conn: users.begin_attempt(conn, self._db, name_key, address_key, limit)
        )

    async def open_session(
        self,
        user: User,
        session_id: str,
        lasts_ms: int,
        *,
        attempt: int,
        name_key: str,
        address_key: str,
    ) -> None:
        """The password was right: open a session and forgive the attempts before."""

        def work(conn: Connection) -> None:
            users.pass_attempt(conn, attempt, name_key, address_key)
            users.open_session(conn, self._db, user.id, session_id, lasts_ms)
            audit.record(conn, self._db, user.name, "session.open", user.name)

        await self.store.write(work)

    async def session_user(self, session_id: str, idle_ms: int) -> User | None:
        """The user of a live session, None when it has ended; the use is noted now and then."""
        found = await self.store.read(
            lambda conn: users.session_user(conn, self._db, session_id, idle_ms)
        )
        if found is None:
            return None
        user, stale = found
        if stale:
            await self.store.write(lambda conn: users.touch_session(conn, self._db, session_id))
        return user

    async def peek_session(self, session_id: str, idle_ms: int) -> User | None:
        """As `session_user`, without noting a use: for what a page asks by itself."""
        found = await self.store.read(
            lambda conn: users.session_user(conn, self._db, session_id, idle_ms)
        )
        return found[0] if found else None

    async def close_session(self, user: User, session_id: str) -> None:
        """End one session."""

        def work(conn: Connection) -> None:
            users.close_session(conn, session_id)
            audit.record(conn, self._db, user.name, "session.close", user.name)

        await self.store.write(work)

    # -- copies and audit -----------------------------------------------------------------
    async def add_copies(self, user: User, batch: str, items: Sequence[Copy]) -> list[int]:
        """Log one copied text; the log is its own audit."""
        return await self.store.write(
            lambda conn: copies.add(conn, self._db, user.id, batch, items)
        )

    async def copies(
        self, *, user: User | None = None, before: int | None = None, most: int = 50
    ) -> list[Logged]:
        """The newest copies first."""
        user_id = user.id if user else None
        return await self.store.read(
            lambda conn: copies.latest(conn, user_id=user_id, before=before, most=most)
        )

    async def record(
        self, actor: str, action: str, subject: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        """Write a line of audit on its own."""
        await self.store.write(
            lambda conn: audit.record(conn, self._db, actor, action, subject, detail)
        )

    async def audit(self, *, before: int | None = None, most: int = 50) -> list[audit.Entry]:
        """The newest lines of the audit first."""
        return await self.store.read(lambda conn: audit.entries(conn, before=before, most=most))
