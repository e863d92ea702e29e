"""Plain SQL on the driver's own connection: what every message passes a dozen times.

SQLAlchemy builds a context, a result and a set of column converters around each statement, even
around text; beside SQLite, which runs in this process, that is most of the cost. So statements
of the hot path go to Python's SQLite driver directly, inside the transaction that SQLAlchemy has
begun on the same connection. PostgreSQL answers over a socket, where the difference is lost in
the round trip: there the text goes through SQLAlchemy, which also notices a broken connection.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, NoResultFound

Parameters = Sequence[Any] | Mapping[str, Any]


class Result(Protocol):
    """What callers read of a statement's result; SQLAlchemy's `CursorResult` has it too."""

    @property
    def rowcount(self) -> int:
        """Rows that were written."""

    def all(self) -> Sequence[Any]:
        """Every row; columns are attributes."""

    def first(self) -> Any:
        """The first row, None without any."""

    def scalar(self) -> Any:
        """First column of the first row, None without any."""

    def scalar_one(self) -> Any:
        """First column of the first row. Raises `NoResultFound` without any."""


class _Rows:
    """A result that has been read to its end, as SQLite wants before a commit."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def all(self) -> Sequence[Any]:
        return self._rows

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        if not self._rows:
            raise NoResultFound("No row was found when one was required")
        return self._rows[0][0]


def run(conn: Connection, statement: str, parameters: Parameters = ()) -> Result:
    """Run one statement inside the connection's transaction.

    Args:
        conn: with a transaction that has begun.
        statement: SQL with the marks of the engine's driver.
        parameters: in the order of the marks (SQLite), or by name where the marks are names.

    Raises SQLAlchemy's errors on both engines, without parameters in their texts.
    """
    raw: Any = conn.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        given = dict(parameters) if isinstance(parameters, Mapping) else tuple(parameters)
        return conn.exec_driver_sql(statement, given or None)
    try:
        cursor = raw.execute(statement, parameters)
        if cursor.description is None:
            return _Rows((), cursor.rowcount)
        names = tuple([column[0] for column in cursor.description])
        return _Rows([*map(_row(names)._make, cursor.fetchall())], cursor.rowcount)
    except sqlite3.Error as error:
        raise DBAPIError.instance(
            statement, None, error, sqlite3.Error, hide_parameters=True
        ) from error


@lru_cache(maxsize=256)
def _row(names: tuple[str, ...]) -> Any:
    """The class of a result's rows, by the names of its columns."""
    return namedtuple("Row", names, rename=True)
