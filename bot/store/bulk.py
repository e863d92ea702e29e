"""Many rows with one statement: the hot path of accepted events.

SQLAlchemy would run one statement a row, or ask for every row back. In Python's SQLite driver
each of those steps lets go of the interpreter lock, and beside a busy event loop getting it
back takes milliseconds. Here a batch is a handful of steps. The text is plain SQL that both
engines read; only the mark for a parameter differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from bot.store.plain import run

#: Most rows in one statement; smaller ones are powers of two, so that few texts are prepared.
MOST_ROWS = 64


@lru_cache(maxsize=64)
def _text(head: str, row: str, tail: str, rows: int, mark: str) -> str:
    values = ", ".join([row.replace("?", mark)] * rows)
    return f"{head} VALUES {values} {tail}"


def insert_many(
    conn: Connection, head: str, row: str, tail: str, values: Sequence[Sequence[Any]]
) -> int:
    """Insert all values; returns how many rows the engine counted.

    Args:
        conn: inside a transaction.
        head: `INSERT INTO table (columns)`.
        row: one row in brackets, with `?` for each parameter.
        tail: what follows the rows, such as `ON CONFLICT … DO NOTHING`.
        values: the parameters of each row, in the order of the marks.
    """
    mark = "?" if conn.dialect.paramstyle == "qmark" else "%s"
    return sum(
        run(
            conn,
            _text(head, row, tail, len(some), mark),
            tuple(chain.from_iterable(some)),
        ).rowcount
        for some in _slices(values)
    )


def _slices(values: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    at = 0
    while at < len(values):
        size = min(MOST_ROWS, 1 << ((len(values) - at).bit_length() - 1))
        yield values[at : at + size]
        at += size
