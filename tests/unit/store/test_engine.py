"""Connecting: migrations equal the tables, turns at start, settings of SQLite, bad addresses."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from bot.errors import StoreError
from bot.store import SqlStore, open_store
from bot.store.engine import savepoint
from bot.store.tables import metadata
from tests.unit.store.building import accept, event, rows
from tests.unit.store.conftest import MakeStore, postgres_only, sqlite_only


async def test_the_migrations_make_exactly_the_tables(store: SqlStore) -> None:
    with store.database.reading() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


async def test_processes_that_start_together_take_turns(url: str) -> None:
    stores = [open_store(url, serves=False) for _ in range(4)]
    await asyncio.gather(*(store.open() for store in stores))
    for store in stores:
        await store.ping()
        await store.close()


@sqlite_only
async def test_a_new_file_held_by_a_neighbour_is_waited_for(url: str) -> None:
    """A file not yet in WAL mode whose write lock is taken: SQLite itself would not wait."""
    path = Path(str(make_url(url).database))
    path.parent.mkdir(parents=True, exist_ok=True)
    neighbour = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    neighbour.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, neighbour.execute, ["COMMIT"]).start()
    store = open_store(url, serves=False)
    await store.open()
    await store.ping()
    await store.close()
    neighbour.close()


@sqlite_only
async def test_sqlite_commits_survive_a_power_cut(store: SqlStore) -> None:
    with store.database.reading() as conn:
        found = {
            name: conn.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@sqlite_only
async def test_indexes_serve_the_hot_queries(store: SqlStore) -> None:
    plans = {
        "ix_inbox_open": "SELECT id FROM inbox WHERE outcome IS NULL ORDER BY order_at, id",
        "ix_outbox_head": "SELECT 1 FROM outbox WHERE state = 'pending' AND conversation_id = 1",
        "ix_outbox_trouble": "SELECT count(*) FROM outbox WHERE state IN ('unknown', 'dead')",
    }
    for index, query in plans.items():
        plan = rows(store, f"EXPLAIN QUERY PLAN {query}")
        assert index in str(plan)


@pytest.mark.parametrize("address", ["", "nonsense", "mysql://host/db", "sqlite://"])
def test_a_bad_address_says_so(address: str) -> None:
    with pytest.raises(StoreError):
        open_store(address)


async def test_an_unreachable_server_is_a_store_error() -> None:
    store = open_store("postgresql://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(StoreError) as caught:
        await store.open()
    assert "secret" not in str(caught.value)
    await store.close()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        await open_store(f"sqlite:///{tmp_path}/file/bot.db").open()


async def test_a_savepoint_undoes_only_its_own(store: SqlStore) -> None:
    def fail(conn: Connection) -> None:
        with savepoint(conn):
            conn.execute(text("INSERT INTO heartbeat (id, at) VALUES (8, 1)"))
            raise ValueError("no")

    def work(conn: Connection) -> None:
        conn.execute(text("INSERT INTO heartbeat (id, at) VALUES (7, 1)"))
        with pytest.raises(ValueError, match="no"):
            fail(conn)

    await store.writer.run(work)
    assert rows(store, "SELECT id FROM heartbeat") == [(7,)]


@sqlite_only
async def test_a_transaction_undone_by_the_engine_reports_nothing_as_written(
    make_store: MakeStore,
) -> None:
    """On a full disk SQLite rolls everything back: neighbours must not be told "stored"."""
    store: SqlStore = await make_store()

    def spoil(conn: Connection) -> None:
        conn.exec_driver_sql("ROLLBACK")
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    results = await asyncio.gather(
        accept(store, event("u1")),
        store.writer.run(spoil),
        accept(store, event("u2")),
        return_exceptions=True,
    )
    stored = sum(1 for result in results if not isinstance(result, BaseException))
    assert rows(store, "SELECT count(*) FROM inbox") == [(stored,)]
    assert stored == 2


async def test_ping_fails_when_nothing_can_be_written(store: SqlStore) -> None:
    await store.ping()
    with store.database.engine.begin() as conn:
        conn.exec_driver_sql("DROP TABLE heartbeat")
    with pytest.raises(StoreError):
        await store.ping()


@postgres_only
async def test_a_lost_connection_is_replaced(store: SqlStore) -> None:
    await accept(store, event("u1"))
    with store.database.engine.begin() as conn:
        conn.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
    # Webhook bodies are written again on a new connection: nobody notices.
    results = await asyncio.gather(*(accept(store, event(f"v{n}")) for n in range(3)))
    assert [result.stored for result in results] == [1, 1, 1]
    await store.ping()
