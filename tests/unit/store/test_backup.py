"""The commands of docs/operations.md really back up and restore, while the service runs."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from bot.store import SqlStore, open_store
from bot.store.api import TokenPair
from bot.store.values import LOCAL
from tests.unit.store.building import accept, accepted, answer_all, event, rows, taken
from tests.unit.store.conftest import _no_postgres

GUIDE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")


def documented(start: str) -> list[str]:
    """The shell lines of the guide that begin so."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    found = [line for block in blocks for line in block.splitlines() if line.startswith(start)]
    assert found, f"docs/operations.md names no command {start}"
    return found


def shell(command: str, folder: Path, **variables: str) -> None:
    """Run a documented line as an operator would."""
    environment = {**os.environ, **variables}
    done = subprocess.run(  # noqa: S603 - a line of our own guide
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"


async def lived(store: SqlStore) -> None:
    """An answered citizen, one who waits for the second part, one who was not answered yet."""
    now = datetime.now(UTC).replace(microsecond=0)
    await store.save_token_pair("zalo", "oa", TokenPair("a", "r", now + timedelta(hours=1), now))
    await store.set_switch("topic:five_year", off=True)
    await accept(store, event("lan", "câu hỏi có dấu Ấ 😀"))
    await answer_all(store, "một")
    await store.settle(await taken(store), accepted())
    await accept(store, event("mai"))
    await answer_all(store, "hai", "ba")
    await store.settle(await taken(store), accepted())
    await accept(store, event("ba"))


async def same_life_goes_on(url: str) -> None:
    """A store restored from the backup of `lived` serves on from there."""
    store = open_store(url)
    await store.open()
    try:
        ledger = await store.ledger(datetime.now(LOCAL).date())
        assert ledger["balanced"]
        assert (ledger["events"], ledger["open"], ledger["replies"]) == (3, 1, 3)
        assert rows(store, "SELECT text FROM inbox ORDER BY id")[0] == ("câu hỏi có dấu Ấ 😀",)
        pair = await store.token_pair("zalo", "oa")
        assert pair is not None
        assert pair.refresh_token == "r"
        assert [off.target for off in await store.switches()] == ["topic:five_year"]
        assert (await taken(store)).text == "ba"
        await answer_all(store, "bốn")
        await accept(store, event("lan", "sau khi khôi phục"))
        assert rows(store, "SELECT max(id) FROM inbox") == [(4,)]  # numbering goes on, too
    finally:
        await store.close()


# -- SQLite ---------------------------------------------------------------------------------
WAYS = [*documented("sqlite3 "), *documented('python3 -c "import sqlite3')]


@pytest.mark.parametrize("way", WAYS, ids=["backup", "vacuum", "python"])
async def test_sqlite_is_backed_up_while_it_runs_and_restored(tmp_path: Path, way: str) -> None:
    if way.startswith("sqlite3") and shutil.which("sqlite3") is None:
        pytest.skip("the sqlite3 tool is not on this machine; the same through Python is tested")
    url = f"sqlite:///{tmp_path}/var/bot.db"
    store = open_store(url)
    await store.open()
    await lived(store)
    shell(way.replace("python3", sys.executable, 1), tmp_path)
    await accept(store, event("hoa", "sau khi sao lưu"))  # is not in the backup
    assert (tmp_path / "var" / "bot.db-wal").exists()
    await store.close()
    # A journal of the lost file lies about, as after a crash.
    (tmp_path / "var" / "bot.db-wal").write_bytes(b"left over")
    for line in (*documented("rm -f var/bot.db"), *documented("cp bot-backup.db")):
        shell(line, tmp_path)
    await same_life_goes_on(url)


# -- PostgreSQL -------------------------------------------------------------------------------
def _tools() -> str:
    """The folder of pg_dump and pg_restore; the test is skipped (in CI: fails) without."""
    spec = importlib.util.find_spec("pgserver")
    bundled = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if not os.environ.get("TEST_DATABASE_URL") and bundled and (bundled / "pg_dump").exists():
        return str(bundled)
    found = shutil.which("pg_dump")
    if found is None:
        _no_postgres("pg_dump is not on this machine, so backup and restore were not tried")
    return str(Path(found).parent)


@pytest.fixture
def databases(postgres: str) -> Iterator[tuple[str, str]]:
    """Addresses of two empty databases."""
    server = make_url(postgres).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    names = [f"backup_{uuid.uuid4().hex[:10]}" for _ in range(2)]
    with admin.connect() as conn:
        for name in names:
            conn.execute(text(f"CREATE DATABASE {name}"))
    plain = server.set(drivername="postgresql")
    first, second = (
        plain.set(database=name).render_as_string(hide_password=False) for name in names
    )
    yield first, second
    with admin.connect() as conn:
        for name in names:
            conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


async def test_postgresql_is_backed_up_while_it_runs_and_restored(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    path = f"{_tools()}:{os.environ['PATH']}"
    original, restored = databases
    store = open_store(original)
    await store.open()
    await lived(store)
    (dump,) = documented("pg_dump")
    shell(dump, tmp_path, PATH=path, DATABASE_URL=original)
    await accept(store, event("hoa", "sau khi sao lưu"))
    await store.close()
    (restore,) = documented("pg_restore")
    shell(restore, tmp_path, PATH=path, RESTORED_URL=restored)
    await same_life_goes_on(restored)
