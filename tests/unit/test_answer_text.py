"""What stands around an answer: records, sources, notes, places and amounts."""

from __future__ import annotations

from datetime import date

import pytest

from tests.asking import RULE, SALARY, ask, ask_new
from tests.small_answers import ANSWERS, LAW, RATE, row, stored, value, world
from tests.small_rates import directive, place


# -- records ----------------------------------------------------------------------------------
def test_a_record_opens_with_its_document_and_sets_today_beside_it() -> None:
    answer = ask("chi-tieu")
    assert answer.text.startswith(
        "Theo Kế hoạch của UBND tỉnh Bắc Giang (01/10/2023): Kế hoạch đặt mục tiêu 100%."
    )
    assert "Quy định hiện nay: Học sinh đóng 683.100 đồng cho 12 tháng." in answer.text
    assert "base_salary/all/2026-07-01" in answer.used
    assert [a.vnd for a in answer.amounts] == [683100]


def test_a_record_does_not_expire_and_its_date_is_not_the_period_asked_about() -> None:
    base = world(
        *ANSWERS,
        stored(
            "old",
            "Mức nêu là {{ f('muc') }}.",
            kind="record",
            facts={"muc": {"value": "85%", "citation": {"directive": "nd-72-2018"}}},
            citations=({"directive": "nd-72-2018"},),
            effective_to="2020-01-01",
            today="muc-dong",
        ),
    )
    for first in ("", "2019-01-01", "2026-01-01"):
        text = ask("old", of=base, first=first).text
        assert text.startswith("Theo Nghị định 72/2018/NĐ-CP (15/05/2018): Mức nêu là 85%.")
        assert "Quy định hiện nay: Học sinh đóng 683.100 đồng" in text


def test_a_document_that_names_its_own_date_is_not_dated_twice() -> None:
    named = directive("cv", "Công văn ngày 30/11/2023", "2023-11-30")
    base = world(
        stored("a", "Nộp đủ.", kind="record", visibility="staff", citations=({"directive": "cv"},)),
        directives={"cv": named},
    )
    assert ask("a", of=base).text.startswith("Theo Công văn ngày 30/11/2023: Nộp đủ.")


def test_the_rule_beside_a_record_is_that_of_its_own_place() -> None:
    cites = ({"directive": "kh-bac-giang-2023"},)
    base = world(
        *ANSWERS,
        stored("a", "Đã nộp.", kind="record", place="dak-lak", today="muc-dong", citations=cites),
    )
    assert "Quy định hiện nay: Học sinh đóng 614.790 đồng" in ask("a", of=base).text
    # The place that the citizen names goes first.
    assert "Học sinh đóng 683.100 đồng" in ask("a", of=base, at="bac-ninh").text


def test_a_condition_that_the_text_names_is_not_repeated_behind_it() -> None:
    full = "{% set c = contribution('hssv', months=12) %}Đóng {{ c.pays }}{{ MORE }}."
    silent = ask("a", of=ask_new(full.replace("{{ MORE }}", "")), at="khanh-hoa").text
    assert "tính với trường hợp học tại trường công lập" in silent
    told = full.replace("{{ MORE }}", ", với điều kiện {{ c.condition }}")
    assert ask("a", of=ask_new(told), at="khanh-hoa").text.count("học tại trường công lập") == 1


def test_a_record_warns_when_todays_figure_has_one_source_only() -> None:
    base = world(
        stored("now", "Hỗ trợ {{ v('x') }}.", **RULE),
        stored("a", "Đã hỗ trợ.", kind="record", today="now", citations=LAW),
        values={
            "x": value(
                "x",
                "share",
                row(
                    "5%",
                    "2026-01-01",
                    "open",
                    "nd-188-2025",
                    confidence="single_source",
                    source="Báo Tỉnh",
                ),
            )
        },
    )
    text = ask("a", of=base).text
    assert "Quy định hiện nay: Hỗ trợ 5%." in text
    assert "mới có một nguồn (Báo Tỉnh)" in text


# -- sources and notes --------------------------------------------------------------------------
def test_a_single_source_is_named_with_whom_to_ask() -> None:
    answer = ask(first="2019-01-15")
    assert "mới có một nguồn (nd-72-2018)" in answer.text
    assert "nên hỏi lại 1900.9068" in answer.text
    assert "mới có một nguồn" not in ask().text


def test_a_single_source_answer_says_so_whatever_its_values() -> None:
    base = ask_new("Mở VssID.", confidence="single_source", source="Báo Tỉnh")
    assert "mới có một nguồn (Báo Tỉnh)" in ask("a", of=base).text


def test_sources_are_grouped_by_document() -> None:
    full = (
        "Xem {{ cite('nd-188-2025', 'khoản 6 Điều 6') }}, {{ cite('nd-188-2025', 'Điều 7') }}"
        " và {{ cite('nd-161-2026') }}."
    )
    base = ask_new(full, citations=LAW)
    last = ask("a", of=base).text.rpartition("\n\n")[2]
    assert last == (
        "Căn cứ: khoản 6 Điều 6, Điều 7 Nghị định 188/2025/NĐ-CP; Nghị định 161/2026/NĐ-CP."
    )


def test_a_source_tells_since_when_its_figure_holds() -> None:
    text = ask("a", of=ask_new(SALARY, **RULE)).text
    assert "Nghị định 161/2026/NĐ-CP (áp dụng từ 01/07/2026)" in text
    assert "Điều 6 Nghị định 188/2025/NĐ-CP." in text


def test_a_figure_with_two_first_days_names_none() -> None:
    fee = value(
        "fee",
        "vnd",
        row("500", "2021-01-01", "2024-06-30", "nd-146-2018"),
        row("700", "2024-07-01", "open", "nd-146-2018"),
    )
    base = ask_new("Phí {{ v('fee') }}.", values={"fee": fee})
    both = ask("a", of=base, first="2024-01-01", last="2024-12-31").text
    assert both.endswith("Căn cứ: Nghị định 146/2018/NĐ-CP.")
    assert "(áp dụng từ 01/07/2024)" in ask("a", of=base).text


def test_a_document_named_in_the_text_before_its_figure_has_the_figures_dates() -> None:
    undated = directive("x", "Luật X", "2020-01-01").model_copy(update={"effective_from": None})
    fee = value("fee", "vnd", row("500", "2021-01-01", "open", "x"))
    base = world(
        stored("a", "Theo {{ cite('x') }}, phí {{ v('fee') }}."),
        directives={"x": undated},
        values={"fee": fee},
    )
    assert ask("a", of=base).text.endswith("Căn cứ: Luật X (áp dụng từ 01/01/2021).")


def test_the_machine_readable_citations_are_those_of_the_text() -> None:
    answer = ask("a", of=ask_new(SALARY, **RULE))
    assert [(c.directive, c.locator, c.effective_from) for c in answer.citations] == [
        ("161/2026/NĐ-CP", "", "2026-07-01"),
        ("188/2025/NĐ-CP", "Điều 6", "2025-07-01"),
    ]


def test_a_later_day_is_answered_with_a_reservation() -> None:
    text = ask(today=date(2026, 6, 1), first="2026-09-05").text
    assert "Trả lời cho thời điểm 05/09/2026" in text
    assert "đã công bố tính đến 01/06/2026" in text
    assert "đã công bố tính đến" not in ask().text


def test_follow_ups_are_for_citizens_only() -> None:
    assert [option.answer_id for option in ask().follow_ups] == ["noi-dong", "ho-gia-dinh"]


# -- places, groups, amounts --------------------------------------------------------------------
def test_a_place_is_used_and_named() -> None:
    answer = ask(at="dak-lak")
    assert "614.790 đồng cho 12 tháng tại Đắk Lắk" in answer.text
    assert answer.province == "Đắk Lắk"
    assert any(used.startswith("dak-lak/hssv/") for used in answer.used)


def test_a_former_place_answers_with_its_successor() -> None:
    answer = ask(at="phu-yen")
    assert answer.province == "Đắk Lắk"
    assert "tại Đắk Lắk" in answer.text
    then = ask(at="phu-yen", first="2025-05-05")
    assert then.province == "Phú Yên"
    assert "tại Phú Yên" in then.text


def test_a_place_that_makes_no_difference_is_not_assumed() -> None:
    assert ask("mat-the", at="dak-lak").province is None


def test_a_place_that_the_text_names_is_assumed() -> None:
    base = ask_new("{% if place %}Tại {{ place }}, hỏi nhà trường.{% endif %}")
    assert ask("a", of=base, at="dak-lak").province == "Đắk Lắk"
    assert ask("a", of=base).province is None


def test_the_answer_of_one_place_names_it() -> None:
    base = ask_new("Hỏi UBND xã.", place="dak-lak")
    assert ask("a", of=base).province == "Đắk Lắk"
    assert ask("a", of=base, at="bac-ninh").province == "Đắk Lắk"


def test_near_poor_before_and_after_the_merger() -> None:
    base = world(stored("a", "{{ contribution('near_poor').pays }}", **RULE))

    def pays(at: str) -> set[int]:
        return {a.vnd for a in ask("a", of=base, first="2023-11-15", at=at).amounts}

    assert 291600 in pays("bac-ninh")
    assert 97200 in pays("bac-giang")


def test_an_unknown_share_is_said_not_guessed() -> None:
    text = ask(at="an-giang").text
    assert "Chưa có số liệu được xác nhận về mức hỗ trợ thêm của tỉnh An Giang" in text
    assert "683.100 đồng" in text


def test_the_amount_somebody_was_asked_for_is_judged() -> None:
    answer = ask("so-tien-truong-thu", claimed_amount=884520)
    assert "884.520 đồng là mức đóng" in answer.text
    labels = {a.vnd: a.label for a in answer.amounts}
    assert labels[884520] == "Số tiền anh/chị nêu"
    assert 683100 in labels


def test_fractions_of_a_dong_are_no_amounts() -> None:
    answer = ask(months=1)
    assert 56925 in {a.vnd for a in answer.amounts}
    odd = ask(first="2019-01-15", months=1, at="dak-lak")
    assert all(isinstance(a.vnd, int) for a in odd.amounts)


@pytest.mark.parametrize("at", ["", "dak-lak", "phu-yen", "tp-ho-chi-minh", "gia-lai", "an-giang"])
@pytest.mark.parametrize(
    "span", [("", ""), ("2024-01-01", "2024-12-31"), ("2018-01-01", "2030-12-31")]
)
def test_no_text_is_ever_untidy(at: str, span: tuple[str, str]) -> None:
    base = world(*ANSWERS, stored("a", RATE.replace("hssv", "near_poor"), **RULE))
    for answer_id in base.answers:
        text = ask(answer_id, of=base, first=span[0], last=span[1], at=at, members=3).text
        assert text == text.strip()
        assert "\n\n\n" not in text
        assert "  " not in text
        assert "None" not in text
        assert "{" not in text


def test_a_new_place_without_rows_has_its_own_name() -> None:
    base = world(*ANSWERS)
    assert place("x", "Xứ").name == "Xứ"
    assert ask(of=base, at="thanh-hoa").province == "Thanh Hóa"
