"""Who may enter the console: users, their sessions, and the attempts to log in.

Passwords arrive hashed and session tokens arrive hashed: nothing in these tables opens a door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, select, update

from bot.store.engine import Database
from bot.store.tables_console import login_attempts, sessions, users
from bot.store.values import from_ms, from_ms_or_none, storable

u, s, t = users.c, sessions.c, login_attempts.c

#: Attempts and ended sessions older than this are of no use to anybody.
_KEPT_MS = 24 * 3600 * 1000
#: A session's `seen_at` is rewritten at most so often: searching must not write at every key.
_SEEN_EVERY_MS = 60_000
#: The lock under which PostgreSQL counts attempts, so that many at once are still counted.
_COUNT_LOCK = 41_019_009_069


#: The made-up editor of a local run; nobody else may bear the name.
LOCAL_USER = "bien-tap"


class Role(StrEnum):
    """What a user may do; each may also do what the ones before it may."""

    #: Search, copy, read.
    VIEWER = "viewer"
    #: Talk with citizens.
    AGENT = "agent"
    #: Change knowledge.
    EDITOR = "editor"

    def covers(self, needed: Role) -> bool:
        """True when this role may do what `needed` may."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class User:
    """A person who may enter, as the rest of the program sees them."""

    id: int
    name: str
    role: Role
    #: Made by a local run; may enter only while the run is local.
    local: bool = False
    created_at: datetime | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Throttle:
    """How many failed attempts within a window are too many."""

    window_ms: int
    #: From one address for one name.
    most: int

    @property
    def most_of_address(self) -> int:
        """From one address, whatever the names: an office shares one."""
        return self.most * 4

    @property
    def most_of_name(self) -> int:
        """For one name, wherever from: high, or a stranger could lock a colleague out."""
        return self.most * 20


# -- users ------------------------------------------------------------------------------
def put_user(
    conn: Connection, db: Database, name: str, role: Role, password: str, *, local: bool = False
) -> bool:
    """Create a user, or give an existing one a new role and password and end their sessions.

    `password` is an argon2 hash. Returns True when the user is new.
    """
    now = db.now(conn)
    values = {"role": role.value, "password": password, "local": local, "changed_at": now}
    insert = db.insert(users).on_conflict_do_nothing(index_elements=["name"]).returning(u.id)
    fresh = {"name": name, "created_at": now, **values}
    if conn.execute(insert, fresh).first() is not None:
        return True
    conn.execute(update(users).where(u.name == name).values(disabled_at=None, **values))
    conn.execute(delete(sessions).where(s.user_id.in_(select(u.id).where(u.name == name))))
    return False


def disable_user(conn: Connection, db: Database, name: str) -> bool:
    """Shut a user out at once, sessions included; False when there is no such active user.

    The row stays: audit and copies speak of it.
    """
    now = db.now(conn)
    done = conn.execute(
        update(users)
        .where(u.name == name, u.disabled_at.is_(None))
        .values(disabled_at=now, changed_at=now)
    )
    conn.execute(delete(sessions).where(s.user_id.in_(select(u.id).where(u.name == name))))
    return done.rowcount == 1


def disable_local_users(conn: Connection, db: Database) -> int:
    """Shut out who was made for a local run; returns how many."""
    now = db.now(conn)
    local = and_(u.local.is_(True), u.disabled_at.is_(None))
    conn.execute(delete(sessions).where(s.user_id.in_(select(u.id).where(u.local.is_(True)))))
    return conn.execute(update(users).where(local).values(disabled_at=now)).rowcount


def list_users(conn: Connection) -> list[User]:
    """Everybody, the disabled ones included, by name."""
    return [_user(row) for row in conn.execute(select(users).order_by(u.name)).mappings()]


def password_of(conn: Connection, name: str) -> tuple[User, str] | None:
    """An active user with the hash of their password."""
    which = and_(u.name == storable(name), u.disabled_at.is_(None))
    row = conn.execute(select(users).where(which)).mappings().first()
    return (_user(row), row["password"]) if row else None


def _user(row: RowMapping) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        local=row["local"],
        created_at=from_ms(row["created_at"]),
        disabled_at=from_ms_or_none(row["disabled_at"]),
    )


# -- sessions ---------------------------------------------------------------------------
def open_session(
    conn: Connection, db: Database, user_id: int, session_id: str, lasts_ms: int
) -> None:
    """Store a session under the hash of its token; sessions that have ended go."""
    now = db.now(conn)
    conn.execute(delete(sessions).where(s.expires_at <= now))
    conn.execute(
        sessions.insert(),
        {
            "id": session_id,
            "user_id": user_id,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + lasts_ms,
        },
    )


def session_user(
    conn: Connection, db: Database, session_id: str, idle_ms: int
) -> tuple[User, bool] | None:
    """The active user of a live session, and whether its `seen_at` is due for `touch`."""
    now = db.now(conn)
    row = (
        conn.execute(
            select(users, s.seen_at)
            .join(sessions, s.user_id == u.id)
            .where(s.id == session_id, s.expires_at > now, u.disabled_at.is_(None))
        )
        .mappings()
        .first()
    )
    if row is None or row["seen_at"] + idle_ms <= now:
        return None
    return _user(row), row["seen_at"] + _SEEN_EVERY_MS <= now


def touch_session(conn: Connection, db: Database, session_id: str) -> None:
    """The session was used just now."""
    conn.execute(update(sessions).where(s.id == session_id).values(seen_at=db.now(conn)))


def close_session(conn: Connection, session_id: str) -> None:
    """End one session."""
    conn.execute(delete(sessions).where(s.id == session_id))


# -- attempts ---------------------------------------------------------------------------
def begin_attempt(
    conn: Connection, db: Database, name_key: str, address_key: str, throttle: Throttle
) -> int | None:
    """Count an attempt before its password is looked at; None when there were too many.

    The row is written first, so that a hundred attempts at the same moment are a hundred.
    Refused attempts are not counted: waiting always helps.
    """
    if not db.is_sqlite:
        conn.execute(select(func.pg_advisory_xact_lock(_COUNT_LOCK)))
    now = db.now(conn)
    conn.execute(delete(login_attempts).where(t.at < now - max(_KEPT_MS, throttle.window_ms)))
    recent: ColumnElement[bool] = and_(t.at > now - throttle.window_ms, t.passed.is_(False))

    def count(*which: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(login_attempts).where(recent, *which)
        return int(conn.execute(query).scalar_one())

    by_name, by_address = t.name_key == name_key, t.address_key == address_key
    if (
        count(by_name, by_address) >= throttle.most
        or count(by_address) >= throttle.most_of_address
        or count(by_name) >= throttle.most_of_name
    ):
        return None
    done = conn.execute(
        login_attempts.insert().returning(t.id),
        {"at": now, "name_key": name_key, "address_key": address_key},
    )
    return int(done.scalar_one())


def pass_attempt(conn: Connection, attempt_id: int, name_key: str, address_key: str) -> None:
    """The password was right: this attempt and the failed ones before it no longer count."""
    mine = and_(t.name_key == name_key, t.address_key == address_key)
    conn.execute(update(login_attempts).where(mine, t.id <= attempt_id).values(passed=True))
