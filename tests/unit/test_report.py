"""The report: spans, sections, charts, files; all from counts, without a store."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import load_workbook

from bot.report import report
from bot.report_charts import WIDTH, drawing
from bot.report_files import KINDS, name_of
from bot.report_model import (
    Chart,
    Ends,
    Report,
    Row,
    Section,
    drawn,
    percent,
    span_of,
    week_name,
)
from bot.store.unanswered import Unanswered
from bot.store.values import LOCAL
from bot.store.weekly import Cell, Counted, Verdicts
from tests import small_answers

WEEK = "2026-W47"
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
MONDAY_NOON = round((datetime(2026, 11, 16, 12, tzinfo=UTC)).timestamp()) // 3600
EVIL = "=HYPERLINK(0)<script>"


def counts() -> Counted:
    asked = datetime(2026, 11, 17, tzinfo=UTC)
    return Counted(
        cells=[
            Cell("zalo", "answered", "hssv_rate", "Bắc Ninh", 6),
            Cell("messenger", "answered", "gone_topic", "", 1),
            Cell("zalo", "not_known", "", "bac-ninh", 3),
            Cell("zalo", "chitchat", "", "", 5),
            Cell("zalo", "", "", "", 1),
        ],
        hours=[(MONDAY_NOON, 12), (MONDAY_NOON + 25, 4)],
        answers=[("muc-dong", 6), ("gone", 1)],
        verdicts=[Verdicts("muc-dong", 3, 1, 1, 0, 0)],
        deliveries=[("accepted", 9), ("dead", 1)],
        not_known=[
            Unanswered("bảo hiểm xe máy", asked, "zalo"),
            Unanswered("Bảo hiểm xe máy?", asked, "zalo"),
            Unanswered(EVIL, asked, "zalo"),
        ],
        before=[("answered", 1), ("not_known", 2)],
    )


@pytest.fixture
def made() -> Report:
    return report(counts(), span_of(WEEK, Ends.SUNDAY), small_answers.snapshot(), NOW)


def section(made: Report, id_: str) -> Section:
    return next(one for one in made.sections if one.id == id_)


def rows(made: Report, id_: str) -> dict[str, tuple[int, ...]]:
    return {row.label: row.values for row in section(made, id_).rows}


# -- spans --------------------------------------------------------------------------------
def test_a_week_runs_from_monday_to_sunday_in_viet_nam() -> None:
    span = span_of(WEEK, Ends.SUNDAY)
    assert span.first == datetime(2026, 11, 16, tzinfo=LOCAL)
    assert span.end - span.first == timedelta(days=7)
    assert span.words == "từ 16/11/2026 đến 22/11/2026"


def test_the_thursday_week_ends_at_its_hour() -> None:
    span = span_of(WEEK, Ends.THURSDAY)
    assert span.end == datetime(2026, 11, 19, 15, tzinfo=LOCAL)
    assert span.end.weekday() == 3
    assert span.words == "từ 15:00 thứ Năm 12/11/2026 đến 15:00 thứ Năm 19/11/2026"


@pytest.mark.parametrize("name", ["", "2026-W54", "2026-W00", "2026-47", "0000-W01", "x"])
def test_what_is_no_week_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        span_of(name, Ends.SUNDAY)


def test_years_of_weeks_are_not_years_of_days() -> None:
    assert week_name(date(2027, 1, 1)) == "2026-W53"
    assert span_of("2026-W53", Ends.SUNDAY).first.date() == date(2026, 12, 28)


# -- sections -----------------------------------------------------------------------------
def test_the_headlines_stand_beside_the_week_before(made: Report) -> None:
    told = {one.label: (one.value, one.before) for one in made.headlines}
    assert told["tin nhận được"] == ("16", "3")
    assert told["câu hỏi"] == ("10", "3")
    assert told["câu hỏi được trả lời"] == ("70%", "33,3%")
    assert told["góp ý nói là hữu ích"] == ("75%", "")


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(2, 3, "66,7%"), (0, 0, "–"), (1, 8, "12,5%"), (1, 2000, "0,1%")]
)
def test_shares_are_rounded_half_up(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said


def test_every_division_adds_up(made: Report) -> None:
    assert sum(values[0] for values in rows(made, "outcome").values()) == 16
    assert rows(made, "channel") == {"Zalo": (15, 9, 6, 3), "Messenger": (1, 1, 1, 0)}
    assert sum(values[0] for values in rows(made, "place").values()) == 10
    assert rows(made, "place")["Bắc Ninh"] == (9, 6)
    assert rows(made, "topic")["gone_topic"] == (1,)
    assert sum(values[0] for values in rows(made, "hour").values()) == 16
    assert sum(values[0] for values in rows(made, "day").values()) == 16


def test_hours_and_days_are_all_there(made: Report) -> None:
    assert rows(made, "hour")["12:00"] == (12,)
    assert len(rows(made, "hour")) == 24
    assert rows(made, "day")["Thứ Hai 16/11/2026"] == (12,)
    assert rows(made, "day")["Thứ Ba 17/11/2026"] == (4,)
    assert len(rows(made, "day")) == 7
    thursday = report(counts(), span_of(WEEK, Ends.THURSDAY), small_answers.snapshot(), NOW)
    assert len(rows(thursday, "day")) == 8


def test_near_identical_questions_are_one_line(made: Report) -> None:
    assert sorted(values for values in rows(made, "unanswered").values()) == [(1,), (2,)]


def test_a_lost_answer_is_named_by_its_id(made: Report) -> None:
    assert rows(made, "answers") == {"Mức đóng BHYT học sinh": (6,), "gone": (1,)}


def test_a_week_that_is_not_over_says_so(made: Report) -> None:
    assert not made.running
    early = report(counts(), made.span, small_answers.snapshot(), NOW - timedelta(days=3))
    assert early.running


# -- charts -------------------------------------------------------------------------------
def test_bars_are_as_long_as_their_numbers(made: Report) -> None:
    found = drawing(section(made, "channel"))
    assert found is not None
    assert [(bar.label, bar.width) for bar in found.bars] == [("Zalo", WIDTH), ("Messenger", 32)]


def test_a_split_bar_shows_both_numbers(made: Report) -> None:
    found = drawing(section(made, "useful"))
    assert found is not None
    [bar] = found.bars
    assert (bar.width, bar.second, bar.value) == (WIDTH * 3 / 4, WIDTH / 4, "3 / 1")


def test_columns_stay_inside(made: Report) -> None:
    found = drawing(section(made, "hour"))
    assert found is not None
    assert len(found.bars) == 24
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in found.bars)
    assert max(bar.height for bar in found.bars) == found.bars[12].height
    assert found.bars[12].value == "12"


def test_nothing_is_not_drawn() -> None:
    zero = Section("x", "x", "x", ("n",), (Row("a", (0,)),))
    assert drawing(zero) is None
    assert drawing(Section("x", "x", "x", ("n",), (), Chart.COLUMNS)) is None


def test_a_chart_shows_few_the_table_all() -> None:
    many = Section("x", "x", "x", ("n",), tuple(Row(str(n), (n,)) for n in range(40)))
    assert len(drawn(many)) == 12
    assert drawn(many)[0].values != (0,)


# -- files --------------------------------------------------------------------------------
def test_the_html_file_stands_alone(made: Report) -> None:
    page = KINDS["html"].write(made).decode()
    assert "Mức đóng BHYT học sinh" in page
    assert page.count("<svg") == page.count("</svg>") >= 7
    assert "<script" not in page  # nor does a question bring one in
    assert "&lt;script&gt;" in page
    assert "href=" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_no_cell_of_the_workbook_is_a_formula(made: Report) -> None:
    book = load_workbook(io.BytesIO(KINDS["xlsx"].write(made)))
    assert book.sheetnames[0] == "Tổng quan"
    assert len(book.sheetnames) == 1 + len(made.sections)
    sheet = book["Câu hỏi chưa có câu trả lời"]
    found = {row[0].value: row[0].data_type for row in sheet.iter_rows(min_row=2)}
    assert found[EVIL] == "s"
    channel = book["Theo kênh"]
    assert [cell.value for cell in channel[2]] == ["Zalo", 15, 9, 6, 3]


def test_the_csv_reads_back(made: Report) -> None:
    body = KINDS["csv"].write(made).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(body)))
    assert lines[0] == ["Phần", "Dòng", "Chỉ tiêu", "Số"]
    assert ["Theo kênh", "Zalo", "Đã trả lời", "6"] in lines
    assert ["Câu hỏi chưa có câu trả lời", f"'{EVIL}", "Lượt", "1"] in lines
    assert KINDS["csv"].write(made).startswith(b"\xef\xbb\xbf")  # Excel reads accents by it


def test_control_signs_do_not_break_a_workbook() -> None:
    asked = Unanswered("a\x0bb", NOW, "zalo")
    counted = Counted([], [], [], [], [], [asked], [])
    built = report(counted, span_of(WEEK, Ends.SUNDAY), small_answers.snapshot(), NOW)
    assert KINDS["xlsx"].write(built)[:2] == b"PK"


def test_files_are_named_by_their_week(made: Report) -> None:
    assert name_of(made, "csv") == "bao-cao-2026-W47.csv"
    thursday = report(counts(), span_of(WEEK, Ends.THURSDAY), small_answers.snapshot(), NOW)
    assert name_of(thursday, "csv") == "bao-cao-2026-W47-thu-nam.csv"
