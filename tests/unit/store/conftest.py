"""One suite, two engines: every test here runs on SQLite and on a real PostgreSQL.

PostgreSQL is `TEST_DATABASE_URL` when set, else a server from the `pgserver` wheel, else the
tests are skipped with a reason. With CI=true they fail instead: a green run there means that
both engines were tried.
"""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from bot.store import SqlStore, open_store

MakeStore = Callable[..., Any]
#: Marks for tests about one engine only.
sqlite_only = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
postgres_only = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


def _no_postgres(reason: str) -> NoReturn:
    message = f"PostgreSQL tests not run: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server, the same for the whole run."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with warnings.catch_warnings():
        # A folder of desktop log-ins that servers and containers lack.
        warnings.simplefilter("ignore")
        try:
            pgserver = importlib.import_module("pgserver")
        except ImportError:
            _no_postgres("set TEST_DATABASE_URL, or use a Python that pgserver has a wheel for")
        # Not pytest's own folder: a socket's path must be short, and the server runs as
        # another user when the tests run as root.
        folder = tempfile.mkdtemp(prefix="pg")
        try:
            server = pgserver.get_server(folder)
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            _no_postgres(f"the pgserver wheel does not start here ({type(error).__name__})")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/var/bot.db"
        return
    server = make_url(request.getfixturevalue("postgres")).set(drivername="postgresql+psycopg")
    schema = f"t_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as conn:
        conn.execute(text(f"CREATE SCHEMA {schema}"))
    mine = server.update_query_dict({"options": f"-csearch_path={schema}"})
    yield mine.set(drivername="postgresql").render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
async def make_store(url: str) -> AsyncIterator[MakeStore]:
    """Opens stores on the same database; closes them at the end."""
    async with AsyncExitStack() as stack:

        async def make(**settings: Any) -> SqlStore:
            store = open_store(url, **settings)
            await store.open()
            stack.push_async_callback(store.close)
            return store

        yield make


@pytest.fixture
async def store(make_store: MakeStore) -> SqlStore:
    """An open store with the default settings."""
    opened: SqlStore = await make_store()
    return opened
