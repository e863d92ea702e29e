"""Users, sessions, attempts, copies and audit on both engines."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import insert, select, update

from bot.store import ConsoleStore, SqlStore
from bot.store.copies import Copy
from bot.store.tables_console import audit, copies, login_attempts, notes, sessions, users
from bot.store.users import LOCAL_USER, Role, Throttle, User
from tests.unit.store.building import accept, event

HOUR = 3_600_000
FEW = Throttle(window_ms=HOUR, most=2)


@pytest.fixture
def console(store: SqlStore) -> ConsoleStore:
    return ConsoleStore(store)


async def made(console: ConsoleStore, name: str = "lan", role: Role = Role.AGENT) -> User:
    await console.put_user(name, role, "hash", actor="test")
    found = await console.password_of(name)
    assert found is not None
    return found[0]


async def entered(console: ConsoleStore, user: User, session: str, lasts: int = HOUR) -> None:
    attempt = await console.begin_attempt("name", "address", FEW)
    assert attempt is not None
    await console.open_session(
        user, session, lasts, attempt=attempt, name_key="name", address_key="address"
    )


# -- users --------------------------------------------------------------------------------
async def test_a_user_is_added_renewed_and_disabled(console: ConsoleStore) -> None:
    assert await console.put_user("lan", Role.VIEWER, "first", actor="test")
    assert not await console.put_user("lan", Role.EDITOR, "second", actor="test")
    [lan] = await console.users()
    assert (lan.name, lan.role, lan.disabled_at) == ("lan", Role.EDITOR, None)
    found = await console.password_of("lan")
    assert found is not None
    assert found[1] == "second"
    assert await console.disable_user("lan", actor="test")
    assert not await console.disable_user("lan", actor="test")
    assert await console.password_of("lan") is None
    [lan] = await console.users()
    assert lan.disabled_at is not None


async def test_a_name_is_looked_up_whatever_was_typed(console: ConsoleStore) -> None:
    assert await console.password_of("nobody\x00\ud800") is None


async def test_renewing_or_disabling_ends_the_sessions(console: ConsoleStore) -> None:
    lan = await made(console)
    await entered(console, lan, "one")
    assert await console.session_user("one", HOUR) is not None
    await console.put_user("lan", Role.AGENT, "new", actor="test")
    assert await console.session_user("one", HOUR) is None
    await entered(console, lan, "two")
    await console.disable_user("lan", actor="test")
    assert await console.session_user("two", HOUR) is None


async def test_local_users_end_with_the_local_run(console: ConsoleStore) -> None:
    await made(console)
    await console.put_user(LOCAL_USER, Role.EDITOR, "hash", actor="cli", local=True)
    found = await console.password_of(LOCAL_USER)
    assert found is not None
    assert found[0].local
    await entered(console, found[0], "local")
    assert await console.disable_local_users() == 1
    assert await console.session_user("local", HOUR) is None
    assert await console.password_of("lan") is not None


# -- sessions -------------------------------------------------------------------------------
async def test_a_session_ends_by_its_time_by_rest_and_by_logging_out(
    console: ConsoleStore,
) -> None:
    lan = await made(console)
    await entered(console, lan, "short", lasts=-1)
    assert await console.session_user("short", HOUR) is None
    await entered(console, lan, "idle")
    assert await console.session_user("idle", 0) is None
    await entered(console, lan, "open")
    assert await console.session_user("open", HOUR) == lan
    await console.close_session(lan, "open")
    assert await console.session_user("open", HOUR) is None
    # Opening one takes away what had ended.
    await entered(console, lan, "last")
    kept = await console.store.read(
        lambda conn: conn.execute(select(sessions.c.id)).scalars().all()
    )
    assert "short" not in kept


async def test_use_is_noted_once_a_minute(console: ConsoleStore) -> None:
    lan = await made(console)
    await entered(console, lan, "one")
    await console.store.write(
        lambda conn: conn.execute(update(sessions).values(seen_at=sessions.c.seen_at - 120_000))
    )
    before = await _seen(console)
    await console.session_user("one", HOUR)
    after = await _seen(console)
    assert after > before
    await console.session_user("one", HOUR)
    assert await _seen(console) == after


async def _seen(console: ConsoleStore) -> int:
    return await console.store.read(
        lambda conn: int(conn.execute(select(sessions.c.seen_at)).scalar_one())
    )


# -- attempts -------------------------------------------------------------------------------
async def test_too_many_attempts_have_to_wait(console: ConsoleStore) -> None:
    assert await console.begin_attempt("lan", "here", FEW) is not None
    assert await console.begin_attempt("lan", "here", FEW) is not None
    assert await console.begin_attempt("lan", "here", FEW) is None
    # Somebody else at the same place, and the same person elsewhere, may still try.
    assert await console.begin_attempt("mai", "here", FEW) is not None
    assert await console.begin_attempt("lan", "there", FEW) is not None


async def test_one_address_cannot_try_many_names(console: ConsoleStore) -> None:
    tried = [await console.begin_attempt(f"name{n}", "here", FEW) for n in range(10)]
    assert sum(one is not None for one in tried) == FEW.most_of_address


async def test_many_addresses_cannot_try_one_name(console: ConsoleStore) -> None:
    few = Throttle(window_ms=HOUR, most=1)
    tried = [await console.begin_attempt("lan", f"address{n}", few) for n in range(25)]
    assert sum(one is not None for one in tried) == few.most_of_name


async def test_attempts_at_the_same_moment_are_all_counted(console: ConsoleStore) -> None:
    tried = await asyncio.gather(*(console.begin_attempt("lan", "here", FEW) for _ in range(12)))
    assert sum(one is not None for one in tried) == FEW.most


async def test_success_forgives_and_time_does(console: ConsoleStore) -> None:
    lan = await made(console)
    assert await console.begin_attempt("name", "address", FEW) is not None
    await entered(console, lan, "one")
    assert await console.begin_attempt("name", "address", FEW) is not None
    assert await console.begin_attempt("name", "address", FEW) is not None
    assert await console.begin_attempt("name", "address", FEW) is None
    await console.store.write(
        lambda conn: conn.execute(update(login_attempts).values(at=login_attempts.c.at - HOUR))
    )
    assert await console.begin_attempt("name", "address", FEW) is not None


async def test_old_attempts_go(console: ConsoleStore) -> None:
    await console.begin_attempt("lan", "here", FEW)
    await console.store.write(
        lambda conn: conn.execute(update(login_attempts).values(at=login_attempts.c.at - 25 * HOUR))
    )
    await console.begin_attempt("mai", "here", FEW)
    rows = await console.store.read(
        lambda conn: conn.execute(select(login_attempts.c.name_key)).scalars().all()
    )
    assert rows == ["mai"]


# -- audit and copies -----------------------------------------------------------------------
async def test_every_change_leaves_a_line(console: ConsoleStore) -> None:
    lan = await made(console)
    await console.put_user("lan", Role.EDITOR, "other", actor="cli")
    await entered(console, lan, "one")
    await console.close_session(lan, "one")
    await console.disable_user("lan", actor="mai")
    await console.disable_user("nobody", actor="mai")
    await console.record("mai", "test.done", "thing", {"how": "well"})
    told = [(one.actor, one.action, one.subject) for one in await console.audit()]
    assert told == [
        ("mai", "test.done", "thing"),
        ("mai", "user.disable", "lan"),
        ("lan", "session.close", "lan"),
        ("lan", "session.open", "lan"),
        ("cli", "user.renew", "lan"),
        ("test", "user.add", "lan"),
    ]
    newest, second, *_ = await console.audit()
    assert newest.detail == {"how": "well"}
    assert (await console.audit(before=newest.id, most=1)) == [second]


async def test_copies_are_listed_with_all_they_used(console: ConsoleStore) -> None:
    lan, mai = await made(console), await made(console, "mai")
    day = date(2026, 11, 22)
    first = Copy(
        "muc-dong", "v1", "s1", "chat", day, date(2023, 11, 15), date(2023, 11, 15), "bac-giang",
        {"months": 6}, ("base_salary/all/2023-07-01",),
    )  # fmt: skip
    second = Copy("mat-the", "v2", "s1", "short", day, day, day)
    ids = await console.add_copies(lan, "batch", [first, second])
    await console.add_copies(mai, "other", [second])
    logged = await console.copies()
    assert [one.user for one in logged] == ["mai", "lan", "lan"]
    assert [one.batch for one in logged] == ["other", "batch", "batch"]
    assert [one.copy for one in logged[1:]] == [second, first]
    assert [one.id for one in await console.copies(user=lan)] == ids[::-1]
    assert [one.copy for one in await console.copies(before=ids[1], most=1)] == [first]


async def test_notes_go_with_their_conversation(console: ConsoleStore) -> None:
    lan = await made(console)
    await accept(console.store, event("citizen", "xin chào"))
    await console.store.write(
        lambda conn: conn.execute(
            insert(notes).values(conversation_id=1, user_id=lan.id, at=1, text="ghi chú")
        )
    )
    await console.store.forget("messenger", "citizen")
    left = await console.store.read(lambda conn: conn.execute(select(notes.c.id)).all())
    assert left == []


async def test_a_user_who_copied_cannot_vanish_from_the_log(console: ConsoleStore) -> None:
    """Rows of people are disabled, never deleted: the foreign key says so."""
    keys = {key.column.table.name: key.ondelete for key in copies.foreign_keys}
    assert keys == {"users": None}
    assert audit.foreign_keys == set()
    assert {key.ondelete for key in sessions.foreign_keys} == {"CASCADE"}
    assert users.c.disabled_at.nullable
