"""Changes over HTTP: written, tried, approved by a second person, live, merged, rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.changes import ground
from knowledge.package import rebuild
from knowledge.source import content_hash, read_files
from tests.unit.console.changing import (
    ASKED,
    LOST,
    asked,
    change,
    drafted,
    editors,
    take,
)
from tests.unit.console.conftest import Client, Serve
from tests.unit.knowledge.conftest import World
from tests.unit.test_change_merge import git_apply

TAIL = "  - mất thẻ giấy có sao không\n"


@pytest.fixture
async def desk(serve: Serve, tmp_path: Path) -> AsyncIterator[tuple[Client, Client, World]]:
    first, second, world = await editors(serve, tmp_path)
    yield first, second, world
    await second.http.close()


async def text_of(client: Client, path: str = LOST) -> str:
    found = await ground(client.running.sql)
    assert found is not None
    return found.text(path) or ""


async def test_from_a_question_to_the_live_answer(desk: tuple[Client, Client, World]) -> None:
    first, second, world = desk
    await asked(first.running.sql, ASKED)
    listed = await first.get("unanswered")
    assert ASKED in listed.words
    number = await drafted(first, ASKED)
    page = await first.get(f"changes/{number}")
    assert "Không có lỗi nào" in page.words
    assert "Gửi duyệt" in page.words
    assert "Duyệt và đưa lên" not in page.words
    [question] = (await change(first.running.store, number)).trial["questions"]  # type: ignore[index]
    assert (question["text"], question["got"]) == (ASKED, "mat-the")
    assert [page.words.count(name) for name in ("Zalo", "Messenger")] == [1, 1]
    assert f"đang có bản sửa {number}" in (await first.get("unanswered")).words

    await take(first, number, "propose")
    done = await take(second, number, "approve")
    assert done.status == 200
    assert "Đã duyệt và đưa lên" in done.words
    active = await first.running.sql.knowledge.active()
    assert active is not None
    assert (active.author, active.approver, active.number) == ("editor", "minh", 2)
    assert await text_of(first) == world.read(LOST).replace(TAIL, f"{TAIL}  - {ASKED}\n")
    stored = await change(first.running.store, number)
    assert (stored.state, stored.published) == ("published", active.hash)
    actions = [entry.action for entry in await first.running.store.audit(most=20)]
    assert [a for a in actions if a.startswith("change")] == [
        "change.publish",
        "change.approve",
        "change.propose",
        "change.add",
    ]


async def test_the_patch_makes_the_files_what_is_live(
    desk: tuple[Client, Client, World], tmp_path: Path
) -> None:
    first, second, world = desk
    questions = tmp_path / "tests/knowledge/card_lost_or_wrong/mat-the.yaml"
    questions.parent.mkdir(parents=True)
    questions.write_text('answer: mat-the\nquestions:\n  - {ask: "mất thẻ"}\n', encoding="utf-8")
    number = await drafted(first, ASKED)
    await take(first, number, "propose")
    await take(second, number, "approve")
    answer = await first.get(f"changes/{number}/patch")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="ban-sua-{number}.patch"'
    repository = tmp_path / "repository"
    repository.mkdir()
    world.folder.rename(repository / "knowledge")
    (tmp_path / "tests").rename(repository / "tests")
    await asyncio.to_thread(git_apply, repository, answer.text)
    active = await first.running.sql.knowledge.active()
    assert active is not None
    assert content_hash(read_files(repository / "knowledge")) == active.hash
    asked_now = (repository / questions.relative_to(tmp_path)).read_text(encoding="utf-8")
    assert asked_now.endswith(f'  - {{ask: "mất thẻ"}}\n  - {{ask: "{ASKED}"}}\n')


async def test_nobody_approves_what_they_wrote(desk: tuple[Client, Client, World]) -> None:
    first, _, _ = desk
    number = await drafted(first, ASKED)
    await take(first, number, "propose")
    page = await take(first, number, "approve")
    assert page.status == 409
    assert "không tự duyệt bài của mình" in page.words
    assert (await change(first.running.store, number)).state == "proposed"
    active = await first.running.sql.knowledge.active()
    assert active is not None
    assert active.number == 1


async def test_who_may_not_edit_sees_and_cannot(
    desk: tuple[Client, Client, World], serve: Serve
) -> None:
    first, _, _ = desk
    await asked(first.running.sql, ASKED)
    number = await drafted(first, ASKED)
    await first.post("logout", {})
    await first.log_in("agent")
    page = await first.get(f"changes/{number}")
    assert page.status == 200
    assert "Gửi duyệt" not in page.words
    assert (await take(first, number, "propose")).status == 403
    assert (await first.post("changes", {"answer": "mat-the", "say": "x"})).status == 403
    assert (await first.get("changes/new")).status == 403
    key = (await first.get("unanswered")).text.split("/unanswered/")[1][:16]
    assert "Thêm cách hỏi" not in (await first.get(f"unanswered/{key}")).words


async def test_an_error_keeps_a_change_from_being_proposed(
    desk: tuple[Client, Client, World],
) -> None:
    first, _, _ = desk
    number = await drafted(first, ASKED)
    stored = await change(first.running.store, number)
    broken = stored.files[LOST].replace("Anh/chị làm lại thẻ miễn phí.", "Phí là 12.345 đồng.")
    form = {"seen": str(stored.seen), f"file:{LOST}": broken, "questions": ASKED}
    await first.post(f"changes/{number}/edit", form)
    await first.running.console.trials.wait(number)
    page = await first.get(f"changes/{number}")
    assert "lỗi phải sửa trước khi đưa lên" in page.words
    assert LOST in page.words
    assert "Gửi duyệt" not in page.words
    assert (await take(first, number, "propose")).status == 409


async def test_the_second_of_two_on_one_answer_is_told_and_both_are_kept(
    desk: tuple[Client, Client, World],
) -> None:
    first, second, _ = desk
    mine = await drafted(first, ASKED)
    theirs = await drafted(second, "thẻ rách thì đổi thế nào")
    assert f"editor cũng đang sửa cùng câu trả lời này, ở bản sửa {mine}" in (
        await second.get(f"changes/{theirs}")
    ).words.replace(" , ", ", ")
    await take(first, mine, "propose")
    await take(second, mine, "approve")
    page = await second.get(f"changes/{theirs}")
    assert "cũng đã sửa câu trả lời này và đã đưa lên" in page.words
    assert "Gửi duyệt" not in page.words
    assert (await take(second, theirs, "propose")).status == 409
    await take(second, theirs, "rebase")
    await second.running.console.trials.wait(theirs)
    await take(second, theirs, "propose")
    assert (await take(first, theirs, "approve")).status == 200
    tail = f"{TAIL}  - {ASKED}\n  - thẻ rách thì đổi thế nào\n"
    assert tail in await text_of(first)


async def test_edits_of_the_same_line_go_back_to_their_author(
    desk: tuple[Client, Client, World],
) -> None:
    first, second, _ = desk
    numbers = []
    for client, words in (
        (first, "Thẻ mới không mất tiền."),
        (second, "Làm lại thẻ không tốn phí."),
    ):
        number = await drafted(client)
        stored = await change(client.running.store, number)
        text = stored.files[LOST].replace("Anh/chị làm lại thẻ miễn phí.", words)
        form = {"seen": str(stored.seen), f"file:{LOST}": text}
        assert (await client.post(f"changes/{number}/edit", form)).status == 200
        await client.running.console.trials.wait(number)
        numbers.append(number)
    await take(first, numbers[0], "propose")
    await take(second, numbers[0], "approve")
    page = await second.get(f"changes/{numbers[1]}")
    assert "máy không tự ghép được" in page.words
    assert "Chuyển sang bản đang dùng" not in (
        await first.get(f"changes/{numbers[1]}")
    ).words.replace("“Chuyển sang bản đang dùng”", "")
    await take(second, numbers[1], "rebase")
    await second.running.console.trials.wait(numbers[1])
    stored = await change(second.running.store, numbers[1])
    assert stored.state == "draft"
    assert "Làm lại thẻ không tốn phí." in stored.files[LOST]


async def test_saving_over_somebody_faster_keeps_the_typed_words(
    desk: tuple[Client, Client, World],
) -> None:
    first, _, _ = desk
    number = await drafted(first, ASKED)
    stored = await change(first.running.store, number)
    text = stored.files[LOST]
    old = {"seen": str(stored.seen), f"file:{LOST}": text.replace("miễn phí", "không mất phí")}
    await first.post(f"changes/{number}/edit", old)
    page = await first.post(
        f"changes/{number}/edit", {**old, f"file:{LOST}": text.replace("miễn phí", "ngay")}
    )
    assert page.status == 409
    assert "vừa được người khác thay đổi" in page.words
    assert "Anh/chị làm lại thẻ ngay." in page.text
    assert "không mất phí" in (await change(first.running.store, number)).files[LOST]
    await first.running.console.trials.wait(number)


async def test_a_draft_without_a_changed_line_is_not_proposed(
    desk: tuple[Client, Client, World],
) -> None:
    first, _, _ = desk
    number = await drafted(first)
    page = await first.get(f"changes/{number}")
    assert "Chưa có gì khác với bản gốc" in page.words
    assert (await take(first, number, "propose")).status == 409


async def test_a_page_seen_too_long_ago_does_nothing(desk: tuple[Client, Client, World]) -> None:
    first, _, _ = desk
    number = await drafted(first, ASKED)
    page = await first.post(f"changes/{number}/propose", {"seen": "1"})
    assert page.status == 409
    assert "vừa được người khác thay đổi" in page.words
    assert (await change(first.running.store, number)).state == "draft"


async def test_a_change_goes_back_with_a_word_and_comes_again(
    desk: tuple[Client, Client, World],
) -> None:
    first, second, _ = desk
    number = await drafted(first, ASKED)
    await take(first, number, "propose")
    await take(second, number, "reject", note="Câu này nói về thẻ ướt <b>")
    page = await first.get(f"changes/{number}")
    assert "minh nhắn: Câu này nói về thẻ ướt" in page.words
    assert "<b>" not in page.text.split("nhắn:")[1][:60]
    await take(first, number, "propose")
    await take(first, number, "take-back")
    await take(first, number, "withdraw")
    assert (await change(first.running.store, number)).state == "withdrawn"
    assert "Không có bản sửa nào đang mở" in (await first.get("changes")).words
    assert f"/changes/{number}" in (await first.get("changes?done=1")).text


async def test_a_new_answer_is_written_by_a_form(desk: tuple[Client, Client, World]) -> None:
    first, second, _ = desk
    form = {
        "title": "Thẻ bị ướt hoặc rách",
        "topic": "card_lost_or_wrong",
        "kind": "howto",
        "visibility": "citizen",
        "audience": "",
        "phrasings": "\r\n".join([ASKED, *(f"thẻ ướt {w} làm sao" for w in "abcdefghik")]),
        "text": 'Anh/chị xin cấp lại thẻ: "miễn phí".\r\n\r\nMang thẻ cũ theo.',
        "directive": "nd-2-2025",
        "locator": "Điều 5, khoản a",
        "effective_from": "2025-07-01",
        "id": "",
    }
    wrong = await first.post("changes/new", {**form, "title": "Thẻ 2025", "topic": "x"})
    assert wrong.status == 422
    assert "Còn 2 chỗ cần xem lại" in wrong.words
    page = await first.post("changes/new", form)
    number = int(page.path.split("/changes/")[1].split("?")[0])
    await first.running.console.trials.wait(number)
    page = await first.get(f"changes/{number}")
    assert "Không có lỗi nào" in page.words, page.words
    assert "tệp mới" in page.words
    await take(first, number, "propose")
    await take(second, number, "approve")
    active = await first.running.sql.knowledge.active()
    assert active is not None
    blob = await first.running.sql.knowledge.content(active.hash)
    answer = rebuild(blob or b"", active.hash).answers["the-bi-uot-hoac-rach"].file
    assert answer.reply.full == 'Anh/chị xin cấp lại thẻ: "miễn phí".\n\nMang thẻ cũ theo.\n'
    assert answer.citations[0].locator == "Điều 5, khoản a"
    taken = await first.post("changes/new", {**form, "id": "mat-the"})
    assert "đã có câu trả lời khác" in taken.words


async def test_going_back_is_confirmed_and_audited(desk: tuple[Client, Client, World]) -> None:
    first, second, world = desk
    number = await drafted(first, ASKED)
    await take(first, number, "propose")
    await take(second, number, "approve")
    before = world.snapshot().hash
    confirm = await first.get(f"snapshots/{before}")
    assert "mat-the" in confirm.words
    late = await first.post(f"snapshots/{before}", {"after": "1"})
    assert late.status == 409
    assert "chưa quay lại" in late.words
    done = await first.post(f"snapshots/{before}", {"after": "2"})
    assert "Đã quay lại bản cũ" in done.words
    active = await first.running.sql.knowledge.active()
    assert active is not None
    assert (active.number, active.hash, active.kind) == (3, before, "rollback")
    assert "không còn giống bản sửa này" in (await first.get(f"changes/{number}")).words
    [entry] = await first.running.store.audit(most=1)
    assert (entry.action, entry.subject) == ("snapshot.back", before[:12])
    assert (await first.get(f"snapshots/{'0' * 64}")).status == 404


async def test_an_approval_cut_off_in_between_is_finished(
    desk: tuple[Client, Client, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot import changes
    from bot.errors import StoreError

    first, second, _ = desk
    number = await drafted(first, ASKED)
    await take(first, number, "propose")
    real = changes.go_live

    async def cut(*args: object) -> None:
        await real(*args)  # type: ignore[arg-type] # handed on as they came
        raise StoreError

    monkeypatch.setattr(changes, "go_live", cut)
    assert (await take(second, number, "approve")).status == 503
    assert (await change(first.running.store, number)).state == "approved"
    monkeypatch.undo()
    assert (await take(second, number, "approve")).status == 200
    stored = await change(first.running.store, number)
    active = await first.running.sql.knowledge.active()
    assert active is not None
    assert (stored.state, stored.published, active.number) == ("published", active.hash, 2)


async def test_a_failed_trial_says_so_and_can_be_tried_again(
    desk: tuple[Client, Client, World],
) -> None:
    from bot.errors import BotError

    first, _, _ = desk
    quick = first.running.console.trials.run

    async def breaks(_trial: object) -> dict[str, object]:
        raise BotError("broke off")

    first.running.console.trials.run = breaks
    number = await drafted(first, ASKED)
    page = await first.get(f"changes/{number}")
    assert "Lần thử bị dừng giữa chừng" in page.words
    assert "Gửi duyệt" not in page.words
    first.running.console.trials.run = quick
    await take(first, number, "try")
    await first.running.console.trials.wait(number)
    assert "Không có lỗi nào" in (await first.get(f"changes/{number}")).words


async def test_without_published_knowledge_it_is_said(serve: Serve) -> None:
    client = await serve()
    await client.log_in("editor")
    assert "Chưa có nội dung nào được công bố" in (await client.get("changes")).words
    assert "Chưa có bản nào được công bố" in (await client.get("snapshots")).words
    assert "Không có câu nào bị bỏ trống" in (await client.get("unanswered")).words
    assert "Chưa có câu nào bị chê" in (await client.get("unanswered?kind=bad")).words
    assert (await client.get("changes/7")).status == 404
    page = await client.post("changes", {"answer": "mat-the", "say": "x"})
    assert "Chưa có nội dung nào được công bố" in page.words
