"""A few conversations and alarms, so that the pages about them have something to show."""

from __future__ import annotations

from bot.console.pages.search import look
from bot.models import Conversation, DeliveryState, Event, EventKind, Option, Outcome, Parsed
from bot.store import alarms
from bot.store.alarms import Alarm
from bot.store.api import Closing, Settlement
from tests.unit.console.running import Running

ASKED = (
    ("zalo", "lan", "bhyt hs ở bắc ninh năm nay đóng bn ạ", Outcome.ANSWERED),
    (
        "messenger",
        "minh",
        "nghe nói từ tháng sau bỏ thẻ bhyt giấy có đúng không",
        Outcome.NOT_KNOWN,
    ),
    ("zalo", "hoa", "nghe nói tháng sau bỏ thẻ bhyt giấy đúng không ạ", Outcome.NOT_KNOWN),
    ("zalo", "lan", "cho gặp nhân viên", Outcome.HANDED_OVER),
)
REPLIES = {
    Outcome.NOT_KNOWN: "Trợ lý chưa có câu trả lời được kiểm chứng cho câu hỏi này.",
    Outcome.HANDED_OVER: "Trợ lý đã chuyển lời tới nhân viên.",
}


async def fill_talks(running: Running) -> None:
    """Three citizens, one of whom waits for a person; one reply that died; three alarms."""
    for number, (channel, user, words, outcome) in enumerate(ASKED):
        event = Event(channel, "22", user, f"text:{number}", EventKind.TEXT, words)
        await running.sql.accept(Parsed(events=(event,)), {})
        await _close(running, words, outcome)
        while (part := await running.sql.take_delivery("s")) is not None:
            dead = user == "hoa"
            state = DeliveryState.DEAD if dead else DeliveryState.ACCEPTED
            await running.sql.settle(part, Settlement(state, reason="-213" if dead else ""))
    found = [
        Alarm("rumour:2", "rumour", {"people": 9, "questions": [2, 3]}),
        Alarm("dead_letters", "dead_letters", {"n": 1}),
        Alarm(
            "expires:2026-12-15",
            "expires",
            {"on": "2026-12-15", "items": ["answer:mat-the", "value:base_salary"], "n": 2},
        ),
    ]
    await running.sql.write(lambda conn: alarms.sync(conn, running.sql.database, found))


async def _close(running: Running, words: str, outcome: Outcome) -> None:
    claim = await running.sql.claim("w")
    assert claim is not None
    told = look(running.desk(), {"q": words}, running.console.today()).told
    answered = outcome is Outcome.ANSWERED and told is not None
    closing = Closing(
        claim.events[0].id,
        outcome,
        "",
        Conversation(),
        parts=(told.answer.text if answered and told else REPLIES.get(outcome, "Dạ."),),
        options=(Option("a", "t", "Cách đóng"), Option("b", "t", "Mất thẻ")) if answered else (),
        answer_id=told.answer.answer_id if answered and told else None,
        score=0.93 if answered else 0.0,
    )
    await running.sql.close_event(claim, closing, last=True)
