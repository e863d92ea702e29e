"""Three texts to copy, each with its source and date."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answer import Asked, apply
from bot.console.registers import Register, registers
from knowledge.snapshot import Snapshot
from tests.asking import RULE, SALARY, ask_new
from tests.small_answers import snapshot
from tests.small_rates import TODAY

CHECKED = "22/11/2026"


def texts(of: Snapshot, answer_id: str, today: date = TODAY) -> dict[str, Register]:
    answer = apply(of, answer_id, Asked(today=today))
    return {one.name: one for one in registers(of, of.answers[answer_id].file, answer)}


def test_a_dated_figure_says_by_what_and_since_when() -> None:
    found = texts(ask_new(SALARY, **RULE), "a")
    assert found["chat"].text.startswith("Lương cơ sở là 2.530.000 đồng/tháng.\n\nTheo ")
    for one in found.values():
        assert "Nghị định 161/2026/NĐ-CP, áp dụng từ 01/07/2026" in one.text.splitlines()[-1]
        assert "Căn cứ" not in one.text


def test_the_chat_text_is_the_bots_but_for_its_last_line() -> None:
    of = snapshot()
    answer = apply(of, "muc-dong", Asked(today=TODAY))
    body, _, closing = texts(of, "muc-dong")["chat"].text.rpartition("\n\n")
    assert answer.text.startswith(body)
    assert answer.text.removeprefix(body).strip().startswith("Căn cứ: ")
    assert closing.startswith("Theo ")


def test_the_phone_text_has_no_digits_but_in_its_source() -> None:
    spoken, _, source = texts(ask_new(SALARY, **RULE), "a")["phone"].text.partition("\n\n")
    assert not any(sign.isdigit() for sign in spoken)
    assert "161/2026" in source


def test_short_forms_name_documents_not_places_inside_them() -> None:
    of = ask_new(SALARY, **RULE)
    assert "Điều 6" in texts(of, "a")["chat"].text
    assert "Điều" not in texts(of, "a")["short"].text


def test_a_rule_without_figures_has_the_answers_own_day() -> None:
    of = ask_new("Học sinh bắt buộc tham gia.", **RULE)
    last = texts(of, "a")["chat"].text.splitlines()[-1]
    assert last == "Theo Điều 6 Nghị định 188/2025/NĐ-CP. Nội dung áp dụng từ 01/01/2015."


def test_a_how_to_says_when_it_was_checked() -> None:
    found = texts(snapshot(), "mat-the")
    assert found["chat"].text.endswith(f"(kiểm tra ngày {CHECKED}).")
    bare = ask_new("Gọi tổng đài.")
    assert texts(bare, "a")["short"].text.endswith(f"Thông tin được kiểm tra ngày {CHECKED}.")


def test_the_short_form_of_a_record_keeps_to_its_own_document() -> None:
    """Today's rule has its sources in the long text; they must not vouch for an old document."""
    short = texts(snapshot(), "chi-tieu")["short"].text
    assert short.startswith("Theo Kế hoạch của UBND tỉnh Bắc Giang")
    assert "Nghị định" not in short
    assert short.endswith(f"Thông tin được kiểm tra ngày {CHECKED}.")


@pytest.mark.parametrize("answer_id", sorted(snapshot().answers))
def test_every_text_is_closed_by_source_or_date(answer_id: str) -> None:
    for one in texts(snapshot(), answer_id).values():
        last = one.text.splitlines()[-1]
        assert last.startswith(("Theo ", "Thông tin được kiểm tra ngày ")), one
        assert any(word in last for word in ("áp dụng từ", "kiểm tra ngày")), one


def test_blanks_are_named_once_in_order_and_redactions_are_none() -> None:
    text = "Chào [tên người hỏi], số [SĐT] của [đơn vị] và [tên người hỏi] [] [x]."
    assert Register("chat", "", "", text).blanks == ("tên người hỏi", "đơn vị")
