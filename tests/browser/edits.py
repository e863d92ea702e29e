"""Unanswered questions and a change on its way, for the pictures of the pages about them."""

from __future__ import annotations

import asyncio

from bot.change_text import add_phrasings
from bot.change_trial import Trial, try_out
from bot.changes import ground
from bot.console.pages.changes_edit import path_of
from bot.publishing import publish
from bot.store import changes as rows
from bot.store.changes import NewChange
from knowledge.loader import SHIPPED
from tests.unit.console.changing import asked
from tests.unit.console.running import Running

ANSWER = "mat-the"
#: Wording -> how many days ago it was asked.
QUESTIONS = {
    "thẻ bhyt giấy bị ướt nhòe hết chữ thì đổi thế nào": (0, 1, 1, 3, 9, 16),
    "the bhyt giay bi uot nhoe het chu thi doi the nao": (0, 2),
    "thẻ bhyt giấy bị ướt nhòe hết chữ thì đổi thế nào ạ": (4,),
    "tiêm phòng dại sau khi chó cắn có được bhyt trả không": (1, 10, 11, 12),
    "con đi bộ đội về thì đóng bhyt ở đâu": (5, 6),
}


async def fill_edits(running: Running) -> None:
    """Publish the shipped knowledge, ask in vain, and draft a change for the first group."""
    sql, today = running.sql, running.console.today()
    await publish(sql.knowledge, SHIPPED, today, author="lan", approver="minh")
    for words, days in QUESTIONS.items():
        for number, ago in enumerate(days):
            await asked(sql, words, days_ago=ago, user=f"{number}")
    says = list(QUESTIONS)[:3]
    now = await ground(sql)
    found = await running.store.password_of("editor")
    assert now is not None
    assert found is not None
    path = path_of(now, ANSWER)
    assert path is not None
    new = NewChange(
        title=f"Thêm cách hỏi: {running.desk().snapshot.answers[ANSWER].file.title}",
        base=now.hash,
        files={path: add_phrasings(now.text(path) or "", says)},
        questions=[{"text": one, "answer": ANSWER} for one in says],
    )
    number = await sql.write(lambda conn: rows.add(conn, sql.database, found[0], new))
    change = await sql.read(lambda conn: rows.get(conn, number))
    assert change is not None
    trial = Trial(
        now.with_files(change.files), (path,), change.questions, running.desk().settings, today
    )
    told = await asyncio.to_thread(try_out, trial)
    await sql.write(lambda conn: rows.tried(conn, number, change.seen, told))
