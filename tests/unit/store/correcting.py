"""Short ways to make, confirm, send and count corrections."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.correction import Kind, Subject
from bot.models import Conversation, Outcome
from bot.store import ConsoleStore, SqlStore
from bot.store import corrections as rows_of
from bot.store.api import Closing
from bot.store.corrections import Correction, Draft
from bot.store.corrections_found import Found, find
from bot.store.corrections_sending import Tally, send_some, tally
from bot.store.users import Role, User
from tests.unit.store.building import accept, accepted, claimed, event, taken

RATE = Subject(Kind.ANSWER, "muc-dong", title="Mức đóng")
SALARY = Subject(Kind.ROW, "base_salary/all/2024-07-01", title="mức lương cơ sở")
WINDOWS = {"messenger": 24.0, "zalo": 48.0}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def person(store: SqlStore, name: str) -> User:
    console = ConsoleStore(store)
    await console.put_user(name, Role.EDITOR, "hash", actor="test")
    found = await console.password_of(name)
    assert found is not None
    return found[0]


async def answered(
    store: SqlStore, user: str, *used: str, answer: str = "muc-dong", version: str = "v1"
) -> None:
    """One question of a citizen, answered and delivered."""
    await accept(store, event(user))
    claim = await claimed(store)
    await store.close_event(
        claim,
        Closing(
            claim.events[0].id,
            Outcome.ANSWERED,
            "",
            Conversation(),
            parts=("trả lời",),
            answer_id=answer,
            provenance={"versions": {answer: version}, "used": list(used)},
        ),
        last=True,
    )
    await store.settle(await taken(store), accepted())


async def looked(store: SqlStore, subject: Subject = RATE) -> Found:
    return await store.read(lambda conn: find(conn, subject, LONG_AGO, None))


async def drafted(store: SqlStore, editor: User, subject: Subject = RATE) -> Correction:
    draft = Draft(subject, "Mức đúng là …", "nhầm dòng", LONG_AGO, None)
    number = await store.write(lambda conn: rows_of.add(conn, store.database, editor, draft))
    return await got(store, number)


async def got(store: SqlStore, number: int) -> Correction:
    one = await store.read(lambda conn: rows_of.get(conn, number))
    assert one is not None
    return one


async def confirmed(store: SqlStore, one: Correction, editor: User) -> bool:
    about = one.draft
    found = await store.read(lambda conn: find(conn, about.subject, about.since, about.until))
    mine = found.of(about.subject.version)
    return await store.write(
        lambda conn: rows_of.confirm(conn, store.database, one, one.seen, editor, mine)
    )


async def sent(store: SqlStore, number: int) -> list[int]:
    """Send all; returns how many conversations each step took up."""
    steps = []
    while True:
        steps.append(
            await store.write(
                lambda conn: send_some(
                    conn, store.database, number, WINDOWS, lambda day: f"thư {day:%d/%m/%Y}"
                )
            )
        )
        if not steps[-1]:
            return steps


async def counted(store: SqlStore, one: Correction) -> Tally:
    found = (await got(store, one.id)).found
    return await store.read(lambda conn: tally(conn, store.database, one.id, found, WINDOWS))
