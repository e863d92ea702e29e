"""Connecting: engine, SQLite pragmas, the database clock, migrations, and who owns a file."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.errors import StoreError
from bot.store.plain import run

_MIGRATIONS = Path(__file__).parent / "migrations"
#: Any number, the same in every process: the advisory lock under which PostgreSQL migrates.
_MIGRATION_LOCK = 41_019_009_068
_BUSY_MS = 10_000


class Database:
    """An engine with what differs between SQLite and PostgreSQL, and nothing else.

    `boot` names this start of this process: attempts carry it, so that a later start can tell
    which calls were cut off.
    """

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.boot = uuid.uuid4().hex[:12]
        self.shard = int(self.boot, 16) % 64
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._owner: sqlite3.Connection | None = None

    def now(self, conn: Connection) -> int:
        """Milliseconds since 1970 by the database clock.

        SQLite has no server: its clock is that of the one process that owns the file.
        """
        if self.is_sqlite:
            return time.time_ns() // 1_000_000
        clock = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")
        return int(conn.execute(clock).scalar_one())

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT in this engine's dialect."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection whose transaction never takes SQLite's write lock."""
        with self.engine.connect() as conn:
            conn = conn.execution_options(read_only=True)
            with conn.begin():
                yield conn

    def make_folder(self) -> None:
        """Create the folder of a SQLite file. Raises `OSError` when that is not possible."""
        if self.is_sqlite:
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)

    def own(self) -> None:
        """Make this process the only server of a SQLite file; no effect on PostgreSQL.

        Clearing claims and cut-off attempts at start is right only while nobody else works on
        the file. The lock is SQLite's own, on a file beside it: portable, and the system lets
        go of it when the process dies. Raises `StoreError` when another process holds it.
        """
        if not self.is_sqlite or self._owner is not None:
            return
        name = f"{self.url.database}-owner"
        try:
            lock = sqlite3.connect(name, timeout=0, check_same_thread=False)
        except sqlite3.OperationalError as error:
            raise StoreError(f"The store's folder cannot be written: {error}.") from error
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise StoreError(f"The store's folder cannot be written: {error}.") from error
            raise StoreError(
                "Another process already serves this SQLite store. Stop it first, or use "
                "PostgreSQL to run several processes."
            ) from error
        self._owner = lock

    @property
    def owned(self) -> bool:
        """True when this process may claim events and send parts."""
        return not self.is_sqlite or self._owner is not None

    def migrate(self) -> None:
        """Bring the tables up to date; processes that start together take turns.

        SQLite: BEGIN IMMEDIATE is the lock. PostgreSQL: an advisory lock of the transaction.
        """
        config = Config()
        # Alembic interpolates "%" in options, and a folder's name may hold one.
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self.engine.begin() as conn:
            if not self.is_sqlite:
                conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config.attributes["connection"] = conn
            command.upgrade(config, "head")

    def dispose(self) -> None:
        """Close every connection and give the file back."""
        self.engine.dispose()
        if self._owner is not None:
            with suppress(sqlite3.Error):
                self._owner.rollback()
            self._owner.close()
            self._owner = None


class TransactionGone(Exception):
    """The engine undid the whole transaction; nothing in it may be reported as written."""


@contextmanager
def savepoint(conn: Connection) -> Iterator[None]:
    """Undo only what the block did when it fails; the transaction around it goes on.

    Plain SQL: this stands around every job of a group commit, where SQLAlchemy's own nested
    transaction objects would cost more than the job.

    Raises `TransactionGone` when there is nothing left to go back to: on a full disk SQLite
    undoes everything, including neighbours that had already succeeded.
    """
    run(conn, "SAVEPOINT part")
    try:
        yield
    except BaseException as error:
        try:
            run(conn, "ROLLBACK TO SAVEPOINT part")
            run(conn, "RELEASE SAVEPOINT part")
        except SQLAlchemyError:
            raise TransactionGone(str(error)) from error
        raise
    run(conn, "RELEASE SAVEPOINT part")


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # The text of the URL is not repeated: it may hold a password.
        raise StoreError("DATABASE_URL cannot be read as a database address.") from error
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite")
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError("DATABASE_URL must start with sqlite:/// or postgresql://.")


def _sqlite_engine(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise StoreError("The store needs a file: an in-memory database would not be durable.")
    engine = create_engine(
        url,
        hide_parameters=True,  # an error message must never hold a citizen's words
        connect_args={"check_same_thread": False, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: object) -> None:
        # The driver must not open transactions by itself: `begin` below says which kind.
        raw.isolation_level = None
        raw.execute(f"PRAGMA busy_timeout={_BUSY_MS}").close()
        _turn_on_wal(raw)
        # FULL: a commit that was reported survives a power cut.
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        # A transaction that reads first and writes later could fail with "database is locked".
        read_only = conn.get_execution_options().get("read_only", False)
        run(conn, "BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _turn_on_wal(raw: sqlite3.Connection) -> None:
    """Set the journal mode of a file that other connections may be opening this moment.

    SQLite does not wait by itself here: changing the mode needs the whole file, and while a
    neighbour holds it the answer is "database is locked" at once, whatever the busy timeout.
    """
    deadline = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=12,
        max_overflow=4,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
    )
