"""Statements of the hot path: written with SQLAlchemy, put together once, run as plain text.

Every message passes a dozen statements. For each run SQLAlchemy would look the statement up
again, convert every parameter and prepare every column of the result, which together costs more
than SQLite needs for the work. What is lost is only the conversion of types, so callers write
and read JSON columns with `to_json` and `from_json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.elements import ClauseElement

from bot.store.plain import Result, run


class Prepared:
    """One statement; every parameter has a name (`bindparam`) or a fixed value."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._texts: dict[str, tuple[str, tuple[str, ...] | None, Mapping[str, Any]]] = {}

    def __call__(self, conn: Connection, given: Mapping[str, Any]) -> Result:
        """Run it with these parameters; names that the statement does not have are passed over."""
        try:
            text, names, values = self._texts[conn.dialect.name]
        except KeyError:
            text, names, values = self._put_together(conn.dialect)
        merged = {**values, **given}
        if names is None:
            return run(conn, text, merged)
        return run(conn, text, tuple([merged[name] for name in names]))

    def _put_together(
        self, dialect: Dialect
    ) -> tuple[str, tuple[str, ...] | None, Mapping[str, Any]]:
        compiled = self._statement.compile(dialect=dialect)
        found = (
            str(compiled),
            # SQLite takes parameters in order, PostgreSQL's driver by name.
            tuple(compiled.positiontup) if compiled.positional else None,  # type: ignore[attr-defined] # of SQLCompiler
            dict(compiled.params),
        )
        self._texts[dialect.name] = found
        return found


def to_json(value: Any) -> str | None:
    """A JSON column's value as the driver takes it; None is NULL."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


def from_json(value: Any) -> Any:
    """A JSON column's value as the driver gave it: text from SQLite, read already elsewhere."""
    return json.loads(value) if isinstance(value, str | bytes) else value
