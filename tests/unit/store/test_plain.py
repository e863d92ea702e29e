"""Plain SQL on both engines: the same rows, the same errors, the same transaction."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError, NoResultFound, OperationalError, ProgrammingError

from bot.store import SqlStore
from bot.store.plain import run

FIRST = (
    "INSERT INTO heartbeat (id, at) VALUES (7, 1)",
    "INSERT INTO heartbeat (id, at) VALUES (8, 2)",
)


async def test_rows_have_names_and_a_count(store: SqlStore) -> None:
    with store.database.engine.begin() as conn:
        assert [run(conn, statement).rowcount for statement in FIRST] == [1, 1]
        found = run(conn, "SELECT id, at AS since FROM heartbeat WHERE id > 6 ORDER BY id")
        assert [(row.id, row.since) for row in found.all()] == [(7, 1), (8, 2)]
        assert run(conn, "SELECT at FROM heartbeat WHERE id = 8").scalar_one() == 2
        assert run(conn, "SELECT at FROM heartbeat WHERE id = 8").first().at == 2
        assert run(conn, "UPDATE heartbeat SET at = 3 WHERE id > 6").rowcount == 2


async def test_nothing_found_is_none_or_an_error(store: SqlStore) -> None:
    with store.database.engine.begin() as conn:
        nothing = "SELECT at FROM heartbeat WHERE id = 99"
        assert run(conn, nothing).first() is None
        assert run(conn, nothing).scalar() is None
        assert list(run(conn, nothing).all()) == []
        with pytest.raises(NoResultFound):
            run(conn, nothing).scalar_one()


async def test_it_stands_in_the_transaction_around_it(store: SqlStore) -> None:
    with store.database.engine.connect() as conn:
        transaction = conn.begin()
        run(conn, FIRST[0])
        transaction.rollback()
    with store.database.reading() as conn:
        assert run(conn, "SELECT count(*) FROM heartbeat WHERE id = 7").scalar() == 0


async def test_errors_are_the_same_ones_without_parameters_in_them(store: SqlStore) -> None:
    at = "?" if store.database.is_sqlite else "%s"
    insert = "INSERT INTO heartbeat (id, at) VALUES (7, {})".format(at)  # noqa: S608, UP032 - marks
    with store.database.engine.begin() as conn:
        run(conn, insert, (41_019_009_068,))
    with store.database.engine.connect() as conn, conn.begin():
        with pytest.raises(IntegrityError) as caught:
            run(conn, insert, (41_019_009_068,))
        assert "41019009068" not in str(caught.value)
    wrong = pytest.raises((OperationalError, ProgrammingError))
    with store.database.engine.connect() as conn, conn.begin(), wrong:
        run(conn, "SELECT nothing FROM nowhere")
