"""What a template may use leaves a trace: rows, documents, amounts, confidence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.calculate import NoFigure, OutOfRange
from bot.models import Slots
from bot.recorder import Recorder
from bot.scope import Figure, Scope, Steps, hotline
from knowledge.schema import Confidence
from knowledge.snapshot import Snapshot
from tests.small_answers import row, stored, value, world
from tests.small_rates import TODAY, directive

FACTS = {
    "muc-tieu": {
        "value": "95%",
        "citation": {"directive": "kh-bac-giang-2023", "locator": "mục 2"},
    }
}
ANSWER = stored("a", "", kind="record", visibility="staff", facts=FACTS)
SNAPSHOT = world(ANSWER)


def scope(
    snapshot: Snapshot = SNAPSHOT,
    *,
    on: date = TODAY,
    known_on: date = TODAY,
    place: str = "",
    groups: frozenset[str] = frozenset(),
    **slots: Any,
) -> Scope:
    return Scope(
        snapshot,
        ANSWER,
        on=on,
        known_on=known_on,
        slots=Slots(**slots),
        place=place,
        groups=groups,
        recorder=Recorder(),
    )


def test_the_guide_lists_every_name() -> None:
    from pathlib import Path

    guide = (Path(__file__).parents[2] / "knowledge" / "README.md").read_text(encoding="utf-8")
    unlisted = {"today", "on", "place", "claim"}  # used by few answers, explained in the code
    for name in scope().mapping().keys() - unlisted:
        assert f"{name}(" in guide or f"{name}." in guide, name


# -- v, known, announced ------------------------------------------------------------------
def test_a_figure_prints_itself_with_unit_dates_and_source() -> None:
    here = scope()
    figure = here.v("base_salary")
    assert str(figure) == "2.530.000 đồng/tháng"
    assert (figure.number, figure.since, figure.until) == ("2.530.000", "01/07/2026", "")
    assert figure.cite == "Nghị định 161/2026/NĐ-CP"


def test_a_figure_leaves_its_row_its_document_and_its_label() -> None:
    here = scope()
    here.v("base_salary")
    trace = here.recorder
    assert list(trace.used) == ["base_salary/all/2026-07-01"]
    assert list(trace.values) == ["base_salary"]
    assert trace.labels == {2530000: "base_salary"}
    [citation] = trace.citations.values()
    assert (citation.directive, citation.effective_from) == ("161/2026/NĐ-CP", "2026-07-01")
    assert citation.effective_to == "open"
    assert trace.dated == {("nd-161-2026", ""): {date(2026, 7, 1)}}


def test_a_figure_of_another_day() -> None:
    figure = scope().v("base_salary", on="2024-06-30")
    assert str(figure) == "1.800.000 đồng/tháng"
    assert figure.until == "30/06/2024"


def test_shares_dates_and_counts_print_as_people_write_them() -> None:
    here = scope()
    assert str(here.v("contribution_rate")) == "4,5%"
    assert here.v("contribution_rate").number == "4,5"
    assert str(here.v("waiver_months")) == "6 tháng"
    assert here.v("waiver_months").number == "6"
    # Only money is an amount of the reply.
    assert here.recorder.labels == {}


def test_a_missing_figure_is_an_error_and_still_cuts_the_period() -> None:
    here = scope(on=date(2015, 1, 1))
    with pytest.raises(NoFigure) as caught:
        here.v("base_salary")
    assert caught.value.missing.value_id == "base_salary"
    assert list(here.recorder.values) == ["base_salary"]
    assert not here.recorder.used


def test_one_group_never_gets_the_figure_of_a_wider_one() -> None:
    with pytest.raises(NoFigure):
        scope().v("national_support", "pupil")


def test_known_tells_without_citing() -> None:
    here = scope()
    assert here.known("base_salary")
    assert not here.known("national_support", "pupil")
    assert not here.recorder.citations
    assert set(here.recorder.values) == {"base_salary", "national_support"}


def test_a_row_is_unknown_before_its_document() -> None:
    # Asked in April 2026 about August 2026: the decree of May 2026 does not exist yet.
    before = scope(on=date(2026, 8, 1), known_on=date(2026, 4, 1))
    assert not before.known("base_salary")
    after = scope(on=date(2026, 8, 1), known_on=date(2026, 6, 1))
    assert str(after.v("base_salary")) == "2.530.000 đồng/tháng"


def test_an_announced_row_is_told_apart() -> None:
    here = scope(on=date(2027, 3, 1))
    assert not here.known("rural_poverty_line")
    coming = here.announced("rural_poverty_line")
    assert isinstance(coming, Figure)
    assert (str(coming), coming.since) == ("2.200.000 đồng/tháng", "01/01/2027")
    assert here.announced("base_salary") == ""


def test_an_announced_row_is_not_told_before_its_document() -> None:
    assert scope(known_on=date(2025, 1, 1)).announced("rural_poverty_line") == ""


# -- documents and facts --------------------------------------------------------------------
def test_cite_names_and_remembers_a_document() -> None:
    here = scope()
    assert here.cite("nd-188-2025", "khoản 6 Điều 6") == "khoản 6 Điều 6 Nghị định 188/2025/NĐ-CP"
    assert ("nd-188-2025", "khoản 6 Điều 6") in here.recorder.citations
    assert not here.recorder.dated


def test_a_fact_cites_where_it_stands() -> None:
    here = scope()
    assert here.fact("muc-tieu") == "95%"
    assert ("kh-bac-giang-2023", "mục 2") in here.recorder.citations


def test_a_document_without_number_is_cited_by_its_name() -> None:
    # small_rates gives every document the last word of its name as its number
    plan = directive("plan", "Kế hoạch liên ngành", "2023-10-01").model_copy(update={"number": ""})
    here = scope(world(ANSWER, directives={"plan": plan}))
    here.cite("plan")
    [citation] = here.recorder.citations.values()
    assert citation.directive == "Kế hoạch liên ngành"


def test_the_dates_of_a_figure_are_those_of_its_row_whoever_cites_first() -> None:
    undated = directive("x", "Luật X", "2020-01-01").model_copy(update={"effective_from": None})
    fee = value("fee", "vnd", row("500", "2021-01-01", "open", "x"))
    for figure_first in (True, False):
        here = scope(world(ANSWER, directives={"x": undated}, values={"fee": fee}))
        if figure_first:
            here.v("fee")
        here.cite("x")
        here.v("fee")
        assert [c.effective_from for c in here.recorder.citations.values()] == ["2021-01-01"]


def test_a_provincial_document_carries_its_province() -> None:
    local = directive("local", "Nghị quyết 1/2026/NQ-HĐND", "2026-01-01")
    local = local.model_copy(update={"place": "dak-lak"})
    here = scope(world(ANSWER, directives={"local": local}))
    here.cite("local")
    assert [c.province for c in here.recorder.citations.values()] == ["Đắk Lắk"]


def test_steps_count_from_one_in_every_reply() -> None:
    step = Steps()
    assert [step(), step(), step()] == ["1.", "2.", "3."]
    mapping = scope().mapping()
    assert mapping["step"]() == "1."


# -- calculations -----------------------------------------------------------------------------
def test_contribution_labels_its_amounts() -> None:
    here = scope(months=12)
    result = here.contribution("hssv")
    assert result.pays == "683.100 đồng"
    assert here.recorder.labels[683100] == "Người tham gia đóng 12 tháng"
    assert here.recorder.labels[1366200].startswith("Mức đóng đủ 12 tháng")
    assert {"base_salary", "contribution_rate", "national_support"} <= set(here.recorder.values)


def test_months_of_the_template_win_over_the_citizens() -> None:
    assert scope(months=6).contribution("hssv", months=3).months == 3
    assert scope(months=6).contribution("hssv").months == 6
    assert scope().contribution("hssv").months == 12


def test_the_citizens_own_group_is_taken_when_it_has_more_support() -> None:
    here = scope(groups=frozenset({"near_poor"}))
    assert here.contribution("hssv").pays == "409.860 đồng"
    assert any("hộ cận nghèo" in sentence for sentence in here.recorder.assumptions)


def test_a_narrower_group_is_no_other_group() -> None:
    here = scope(groups=frozenset({"student"}), place="tp-ho-chi-minh")
    assert here.contribution("hssv").local == "0%"
    assert not any("nhóm" in sentence for sentence in here.recorder.assumptions)


def test_a_place_changes_the_result_and_is_remembered() -> None:
    here = scope(place="dak-lak")
    assert here.contribution("hssv").pays == "614.790 đồng"
    assert here.recorder.place_used
    assert not scope(place="").recorder.place_used


def test_a_claim_is_compared_for_the_citizens_narrower_group() -> None:
    pupil = scope(groups=frozenset({"pupil"}), place="tp-ho-chi-minh", claimed_amount=683_100)
    assert "không phải đóng" in pupil.claim("hssv").message
    student = scope(groups=frozenset({"student"}), place="tp-ho-chi-minh", claimed_amount=683_100)
    assert student.claim("hssv").agrees


def test_voluntary_can_leave_the_place_out() -> None:
    here = scope(place="bac-ninh")
    assert here.voluntary(national_only=True).local_amount == 0
    assert not here.recorder.place_used
    assert here.voluntary().local_amount > 0


def test_household_labels_every_person() -> None:
    here = scope(members=4, months=12)
    assert here.household().pays == "3.825.360 đồng"
    labels = set(here.recorder.labels.values())
    assert {"Cả hộ 4 người đóng 12 tháng", "Người thứ 4 đóng 12 tháng"} <= labels


def test_a_strange_household_is_refused_with_a_sentence_for_the_citizen() -> None:
    with pytest.raises(OutOfRange, match="số người"):
        scope(members=900).household()


def test_voluntary_takes_the_citizens_group_and_income() -> None:
    plain = scope(income=3_000_000).voluntary()
    poor = scope(income=3_000_000, groups=frozenset({"poor"})).voluntary()
    assert (plain.income, plain.share) == ("3.000.000 đồng", "20%")
    assert poor.share == "50%"


def test_voluntary_exactly_takes_nothing_the_citizen_said() -> None:
    said = scope(income=3_000_000, months=6, groups=frozenset({"poor"}), place="bac-ninh")
    others = said.voluntary(exactly=True)
    assert (others.audience, others.income_amount, others.months) == ("", 1_500_000, 1)
    assert (others.support_amount, others.local_amount, others.pays_amount) == (66_000, 0, 264_000)
    assert not said.recorder.place_used
    near_poor = said.voluntary(audience="near_poor", exactly=True)
    assert (near_poor.share, near_poor.pays_amount) == ("40%", 198_000)


def test_voluntary_takes_the_citizens_months_unless_the_template_names_them() -> None:
    here = scope(income=3_000_000, months=6)
    assert here.voluntary().pays == "3.564.000 đồng"
    assert here.recorder.labels[3_564_000] == "Người tham gia đóng 6 tháng"
    assert here.recorder.labels[594_000] == "Người tham gia đóng mỗi tháng"
    assert here.voluntary(months=1).pays_amount == 594_000
    assert scope().voluntary(months=None).months == 1


def test_claim_compares_what_was_said() -> None:
    here = scope(claimed_amount=683100)
    assert here.claim("hssv").agrees
    assert here.recorder.labels[683100] == "Số tiền anh/chị nêu"


def test_product_is_exact_money_with_a_label() -> None:
    here = scope()
    assert str(here.product("waiver_months", "base_salary", "ngưỡng")) == "15.180.000 đồng"
    assert here.recorder.labels[15180000] == "ngưỡng"


# -- confidence and contacts ----------------------------------------------------------------
def test_the_weakest_confidence_and_its_source_are_remembered() -> None:
    here = scope()
    seen: list[Confidence] = []
    for on in ("", "2019-01-01", ""):
        here.v("base_salary", on=on)
        seen.append(here.recorder.confidence)
    assert seen == [Confidence.VERIFIED, Confidence.SINGLE_SOURCE, Confidence.SINGLE_SOURCE]
    assert list(here.recorder.single_sources) == ["nd-72-2018"]


def test_the_help_line_is_no_source() -> None:
    here = scope()
    assert here.hotline() == "1900.9068"
    assert not here.recorder.citations


def test_without_a_known_help_line_there_are_plain_words() -> None:
    late = value("hotline", "text", row("1900.0001", "2030-01-01", "open", "nd-146-2018"))
    assert hotline(world(values={"hotline": late}), TODAY) == "của BHXH Việt Nam"


def test_the_name_of_a_former_place_follows_the_day() -> None:
    assert scope(place="phu-yen", on=date(2025, 6, 30)).place_name() == "Phú Yên"
    assert scope(place="phu-yen").place_name() == "Đắk Lắk"
    assert scope().place_name() == ""
