"""A stored answer, applied to a day, a place and slots: dated, placed, cited, and never guessed."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.models import Period
from tests.asking import RULE, SALARY, ask, ask_new
from tests.small_answers import LAW, row, value
from tests.small_rates import TODAY


# -- plain days -----------------------------------------------------------------------------
def test_a_rule_of_today() -> None:
    answer = ask()
    assert answer.short == "Học sinh đóng 683.100 đồng cho 12 tháng."
    assert answer.text.startswith(answer.short)
    assert [a.vnd for a in answer.amounts] == [683100, 2530000, 113850, 56925]
    assert answer.amounts[0].label == "Người tham gia đóng 12 tháng"
    assert (answer.applies, answer.province, answer.withheld) == (Period(TODAY, TODAY), None, False)
    assert answer.version == "version of muc-dong"
    assert "base_salary/all/2026-07-01" in answer.used


def test_the_read_aloud_form_has_no_digits() -> None:
    answer = ask()
    assert "sáu trăm tám mươi ba nghìn một trăm đồng" in answer.phone
    assert not re.search(r"\d", answer.phone)


def test_own_short_and_phone_forms_are_used() -> None:
    base = ask_new(SALARY, short="Ngắn {{ v('base_salary') }}.", phone="Nói.", **RULE)
    answer = ask("a", of=base)
    assert (answer.short, answer.phone) == ("Ngắn 2.530.000 đồng/tháng.", "Nói.")


def test_same_arguments_same_answer() -> None:
    assert ask(at="dak-lak", months=9) == ask(at="dak-lak", months=9)


def test_unknown_answer() -> None:
    with pytest.raises(KeyError):
        ask("nowhere")


# -- periods ----------------------------------------------------------------------------------
def test_a_past_day_is_named() -> None:
    answer = ask(first="2024-03-01")
    assert answer.text.startswith("Trả lời cho thời điểm 01/03/2024:\n\nHọc sinh đóng 680.400 đồng")
    assert answer.applies == Period(date(2024, 3, 1), date(2024, 3, 1))


def test_a_past_period_without_a_change_is_named() -> None:
    answer = ask(first="2025-08-01", last="2025-12-31")
    assert answer.text.startswith("Trả lời cho thời gian từ 01/08/2025 đến 31/12/2025:")


def test_a_period_is_cut_where_a_row_changes() -> None:
    answer = ask(first="2024-01-01", last="2024-12-31")
    assert "Từ 01/01/2024 đến 30/06/2024:\nHọc sinh đóng 680.400 đồng" in answer.text
    assert "Từ 01/07/2024 đến 31/12/2024:\nHọc sinh đóng 884.520 đồng" in answer.text
    assert "Trả lời cho" not in answer.text
    assert {680400, 884520} <= {a.vnd for a in answer.amounts}
    assert {"base_salary/all/2023-07-01", "base_salary/all/2024-07-01"} <= set(answer.used)


def test_shared_paragraphs_stand_once() -> None:
    base = ask_new(f"Mức đóng tính theo lương cơ sở.\n\n{SALARY}\n\nHỏi nhà trường.", **RULE)
    text = ask("a", of=base, first="2024-01-01", last="2024-12-31").text
    assert text.count("Mức đóng tính theo lương cơ sở.") == 1
    assert text.count("Hỏi nhà trường.") == 1
    assert text.index("Mức đóng tính") < text.index("Từ 01/01/2024") < text.index("Hỏi nhà trường")


def test_a_paragraph_of_one_part_only_is_told_with_its_dates() -> None:
    full = "Đóng ở trường.\n\n{% if known('x') %}Từ nay thêm {{ v('x') }}.{% endif %}"
    late = value("x", "days", row("5", "2025-07-01", "open", "nd-188-2025"))
    base = ask_new(full, values={"x": late}, **RULE)
    text = ask("a", of=base, first="2025-01-01", last="2025-12-31").text
    assert text.startswith("Đóng ở trường.\n\nTừ 01/07/2025 đến 31/12/2025:\nTừ nay thêm 5 ngày.")


def test_a_change_that_alters_nothing_leaves_the_period_whole() -> None:
    same = value(
        "x",
        "days",
        row("5", "2020-01-01", "2025-06-30", "nd-146-2018"),
        row("5", "2025-07-01", "open", "nd-188-2025"),
    )
    base = ask_new("Trong {{ v('x') }}.", values={"x": same}, **RULE)
    text = ask("a", of=base, first="2025-01-01", last="2025-12-31").text
    assert text.startswith("Trả lời cho thời gian từ 01/01/2025 đến 31/12/2025:\n\nTrong 5 ngày.")
    assert "Từ 01/01" not in text


def test_of_a_long_period_the_newest_parts_are_told() -> None:
    text = ask(first="2018-07-01", last="2026-12-31").text
    assert text.count("Từ ") == 4
    assert "đến 31/12/2026:" in text
    assert "01/07/2018" not in text


def test_a_reply_never_outgrows_the_contract() -> None:
    """4,000 characters and 24 amounts: older parts give way, then the last paragraphs."""
    lines = " ".join(f"{{{{ contribution('hssv', months={n}).pays }}}}" for n in range(1, 9))
    base = ask_new(f"Các mức: {lines}.", **RULE)
    answer = ask("a", of=base, first="2018-07-01", last="2026-12-31")
    assert 18 < len(answer.amounts) <= 24
    assert answer.text.count("Từ ") == 3
    assert "đến 31/12/2026:" in answer.text
    long = ask_new("\n\n".join(f"Đoạn này dài. {'Chữ ' * 300}" for _ in range(6)), citations=LAW)
    text = ask("a", of=long).text
    assert len(text) <= 3750
    assert text.endswith("Căn cứ: Điều 6 Nghị định 188/2025/NĐ-CP.")


def test_a_text_that_chooses_by_date_comes_to_an_end() -> None:
    """Parts bring values, values bring cuts, cuts bring other parts: never round in a circle."""
    days = ("2019-01-01", "2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01")
    ends = ("2019-12-31", "2020-12-31", "2021-12-31", "2022-12-31", "2023-12-31", "open")
    steps = value(
        "steps",
        "days",
        *(
            row(str(n), first, last, "nd-72-2018")
            for n, (first, last) in enumerate(zip(days, ends, strict=True))
        ),
    )
    full = "{% if on == '01/01/2019' %}{{ v('steps') }}{% else %}Không đổi.{% endif %}"
    base = ask_new(full, values={"steps": steps}, **RULE)
    assert "Không đổi." in ask("a", of=base, first="2019-01-01", last="2024-12-31").text


def test_the_place_cuts_a_period_only_where_it_is_used() -> None:
    base = ask_new(SALARY, **RULE)
    text = ask("a", of=base, first="2025-08-01", last="2026-02-28", at="bac-ninh").text
    assert "Từ " not in text.partition("\n\n")[2]
    with_place = ask(first="2025-08-01", last="2026-02-28", at="bac-ninh").text
    assert "Từ 01/01/2026 đến 28/02/2026:" in with_place


# -- withholding --------------------------------------------------------------------------------
def test_a_rule_before_its_dates_is_withheld() -> None:
    base = ask_new(SALARY, **{**RULE, "effective_from": "2025-07-01"})
    answer = ask("a", of=base, first="2024-05-05")
    assert answer.withheld
    assert "chưa có quy định được xác nhận" in answer.text
    assert "05/05/2024" in answer.text
    assert "áp dụng từ 01/07/2025" in answer.text
    assert "1900.9068" in answer.text
    assert answer.amounts == ()
    assert "1.800.000" not in answer.text


def test_a_rule_after_its_dates_is_withheld() -> None:
    base = ask_new(SALARY, **RULE, effective_to="2026-06-30")
    answer = ask("a", of=base)
    assert answer.withheld
    assert "áp dụng từ 01/01/2015 đến 30/06/2026" in answer.text
    assert not answer.amounts


def test_a_rule_that_ends_inside_the_period_is_told_up_to_its_end() -> None:
    base = ask_new(SALARY, **RULE, effective_to="2026-03-31")
    answer = ask("a", of=base, first="2026-01-01", last="2026-06-30")
    assert not answer.withheld
    assert "Từ 01/01/2026 đến 31/03/2026:\nLương cơ sở là 2.340.000 đồng/tháng." in answer.text
    assert "Từ 01/04/2026 đến 30/06/2026:\nTrợ lý chưa có quy định" in answer.text


def test_a_rule_with_unknown_end_holds_as_far_as_it_is_confirmed() -> None:
    fields = {**RULE, "effective_to": "unknown", "confirmed_until": "2026-03-31"}
    base = ask_new(SALARY, **fields)
    assert not ask("a", of=base, first="2026-03-31").withheld
    late = ask("a", of=base)
    assert late.withheld
    assert "31/03/2026" in late.text
    both = ask("a", of=base, first="2026-03-01", last="2026-04-30")
    assert "Từ 01/04/2026 đến 30/04/2026:\nTrợ lý chưa có quy định" in both.text


def test_a_value_that_ran_out_is_told_with_its_last_day_and_whom_to_ask() -> None:
    old = value("fee", "vnd", row("50000", "2020-01-01", "2025-12-31", "nd-146-2018"))
    base = ask_new("Lệ phí {{ v('fee') }}.", values={"fee": old}, **RULE)
    answer = ask("a", of=base)
    assert answer.withheld
    assert "chưa có số liệu được xác nhận về fee cho thời điểm 22/11/2026" in answer.text
    assert "50.000 đồng, áp dụng đến hết ngày 31/12/2025 (Nghị định 146/2018" in answer.text
    assert "1900.9068" in answer.text


def test_a_value_with_unknown_end_is_stated_as_far_as_it_is_confirmed() -> None:
    old = value(
        "fee",
        "vnd",
        row("50000", "2020-01-01", "unknown", "nd-146-2018", confirmed_until="2026-06-30"),
    )
    base = ask_new("Lệ phí {{ v('fee') }}.", values={"fee": old}, **RULE)
    assert "Lệ phí 50.000 đồng." in ask("a", of=base, first="2026-06-30").text
    late = ask("a", of=base)
    assert late.withheld
    assert "áp dụng đến hết ngày 30/06/2026" in late.text


def test_announced_rows_are_told_but_not_used() -> None:
    base = ask_new("Chuẩn nghèo {{ v('rural_poverty_line') }}.", **RULE)
    answer = ask("a", of=base, first="2027-02-01")
    assert answer.withheld
    assert "Đã công bố: 2.200.000 đồng/tháng, dự kiến từ 01/01/2027" in answer.text
    assert "Mức gần nhất có căn cứ là 1.500.000 đồng/tháng" in answer.text
    assert "Chuẩn nghèo 2.200.000" not in answer.text


def test_a_hole_is_said_not_filled() -> None:
    hole = row("", "2020-01-01", "open", "nd-146-2018", known="no")
    base = ask_new("Trong {{ v('x') }}.", values={"x": value("x", "days", hole)}, **RULE)
    answer = ask("a", of=base)
    assert answer.withheld
    assert "chưa có số liệu được xác nhận về x" in answer.text


def test_a_period_that_begins_without_a_figure_is_told_in_parts() -> None:
    base = ask_new(SALARY, short=SALARY, phone=SALARY, **RULE)
    answer = ask("a", of=base, first="2018-01-01", last="2018-12-31")
    assert "Từ 01/01/2018 đến 30/06/2018:\nHiện chưa có số liệu" in answer.text
    assert "Từ 01/07/2018 đến 31/12/2018:\nLương cơ sở là 1.390.000 đồng/tháng." in answer.text
    assert not answer.withheld
    assert answer.short
    assert answer.phone


def test_what_cannot_be_calculated_is_said_in_one_sentence() -> None:
    base = ask_new("{% set h = household() %}{{ h.pays }}", short="{{ household().pays }}.", **RULE)
    answer = ask("a", of=base, members=500)
    assert answer.text.startswith("Trợ lý chỉ tính được với số người trong hộ từ 1 đến 12.")
    assert answer.short.startswith("Trợ lý chỉ tính được")
    assert answer.amounts == ()


def test_a_howto_is_never_withheld_by_its_dates() -> None:
    base = ask_new("Mở VssID.", effective_from="2025-07-01", effective_to="2026-01-01")
    assert ask("a", of=base).text == "Mở VssID."
    assert ask("a", of=base, first="2024-05-05").text == "Mở VssID."
