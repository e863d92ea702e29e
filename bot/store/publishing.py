"""Published knowledge: the stored files of every snapshot, and the list of activations.

The newest activation is the active one. Nothing is ever changed or deleted here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Select, select

from bot.store.engine import Database
from bot.store.tables_publishing import knowledge_activations, knowledge_snapshots
from bot.store.values import from_ms, storable

T = TypeVar("T")

a = knowledge_activations.c
s = knowledge_snapshots.c


class ActivationKind(StrEnum):
    """Why a snapshot became active."""

    #: By a node itself: its folder at the first start, or a changed folder beside SQLite.
    FOLDER = "folder"
    PUBLISH = "publish"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Activation:
    """One entry of the list: which snapshot became active, when, and by whom."""

    #: Counted from 1; the highest is active.
    number: int
    hash: str
    kind: ActivationKind
    #: Hash of the publisher's folder at that moment.
    folder: str
    author: str
    approver: str
    active_from: datetime
    answers: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What a publisher asks for; the store adds number and time."""

    hash: str
    kind: ActivationKind
    folder: str
    author: str = ""
    approver: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """A snapshot to be stored: hash, compressed files, number of answers."""

    hash: str
    content: bytes
    answers: int


class Run(Protocol):
    """Runs a query or a change on a connection of the store, in one transaction."""

    async def __call__(self, job: Callable[[Connection], T], /) -> T:
        """What the job returns. Raises `StoreError`."""


class PublishedKnowledge:
    """The async face of this module: `SqlStore.knowledge`. Verbs raise `StoreError`."""

    def __init__(self, db: Database, read: Run, write: Run) -> None:
        self._db = db
        self._read = read
        self._write = write

    @property
    def single_node(self) -> bool:
        """True when only one process can serve from this store: its folder is the source."""
        return self._db.is_sqlite

    async def active(self) -> Activation | None:
        """The newest activation, None before the first."""
        return await self._read(active)

    async def history(self, limit: int = 20) -> list[Activation]:
        """The newest activations, newest first."""
        return await self._read(lambda conn: history(conn, limit))

    async def content(self, snapshot_hash: str) -> bytes | None:
        """The compressed files of a snapshot, None when it was never stored."""
        return await self._read(lambda conn: content(conn, snapshot_hash))

    async def hashes(self, prefix: str) -> list[str]:
        """The stored snapshots whose hash begins so."""
        return await self._read(lambda conn: hashes(conn, prefix))

    async def activate(self, draft: Draft, package: Package | None, after: int) -> bool:
        """Make a snapshot active; False when somebody was faster. See `activate` below."""
        return await self._write(lambda conn: activate(conn, self._db, draft, package, after))


def active(conn: Connection) -> Activation | None:
    """The newest activation, None before the first."""
    found = history(conn, 1)
    return found[0] if found else None


def history(conn: Connection, limit: int) -> list[Activation]:
    """The newest activations, newest first."""
    return [
        Activation(
            row["number"],
            row["hash"],
            ActivationKind(row["kind"]),
            row["folder"],
            row["author"],
            row["approver"],
            from_ms(row["active_from"]),
            row["answers"],
        )
        for row in conn.execute(_activations().limit(limit)).mappings()
    ]


def content(conn: Connection, snapshot_hash: str) -> bytes | None:
    """The compressed files of a snapshot, None when it was never stored."""
    found = conn.execute(select(s.content).where(s.hash == snapshot_hash)).scalar_one_or_none()
    return None if found is None else bytes(found)


def hashes(conn: Connection, prefix: str) -> list[str]:
    """The stored snapshots whose hash begins so; `prefix` holds hexadecimal digits only."""
    which = s.hash.startswith(prefix, autoescape=True)
    return list(conn.execute(select(s.hash).where(which).order_by(s.hash)).scalars())


def activate(
    conn: Connection, db: Database, draft: Draft, package: Package | None, after: int
) -> bool:
    """Make a snapshot active, unless somebody else activated one meanwhile.

    Args:
        conn: a writing connection.
        db: says the time, and how to insert.
        draft: which snapshot, and by whom.
        package: the snapshot itself; None when it is stored already (a rollback).
        after: number of the activation that the publisher saw as the newest, 0 for none.

    Returns False when the next number was taken: look again, then decide again.
    """
    now = db.now(conn)
    if package is not None:
        conn.execute(
            db.insert(knowledge_snapshots).on_conflict_do_nothing(),
            {
                "hash": package.hash,
                "content": package.content,
                "answers": package.answers,
                "stored_at": now,
            },
        )
    entered = conn.execute(
        db.insert(knowledge_activations)
        .values(
            number=after + 1,
            hash=draft.hash,
            kind=draft.kind.value,
            folder=draft.folder,
            author=storable(draft.author),
            approver=storable(draft.approver),
            active_from=now,
        )
        .on_conflict_do_nothing()
        .returning(a.number)
    )
    return entered.first() is not None


def _activations() -> Select[tuple[object, ...]]:
    joined = knowledge_activations.join(knowledge_snapshots)
    columns = (*knowledge_activations.c, s.answers)
    return select(*columns).select_from(joined).order_by(a.number.desc())
