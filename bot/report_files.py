"""The report as a file: HTML that stands alone, a workbook, CSV.

Questions of citizens are among the cells, so nothing in a cell may be read as a formula by the
program that opens the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import jinja2
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from bot import figures
from bot.report_charts import drawing
from bot.report_model import Report, Row, Section

TITLE = "Báo cáo tuần của trợ lý BHYT"
_SHEETS = ("tokens.css", "console.css", "tiles.css", "report.css")
#: What a sheet may not be called by.
_SHEET_SIGNS = re.compile(r"[\[\]:*?/\\]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = "#,##0"


@dataclass(frozen=True, slots=True)
class FileKind:
    """One of the forms a report is given out in."""

    suffix: str
    content_type: str
    write: Callable[[Report], bytes]


def name_of(report: Report, suffix: str) -> str:
    """The name under which it is saved: bao-cao-2026-W47.xlsx."""
    ends = "" if report.span.ends == "sunday" else "-thu-nam"
    return f"bao-cao-{report.span.week}{ends}.{suffix}"


def html(report: Report) -> bytes:
    """One page with its styles inside, to be sent on or printed."""
    template = _templates().get_template("report/file.html")
    context = {"report": report, "title": TITLE, "styles": _styles(), "drawing": drawing}
    return template.render(context).encode()


def csv_file(report: Report) -> bytes:
    """One number a line: part, line, measure, number. Opens in Excel with its accents."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(("Phần", "Dòng", "Chỉ tiêu", "Số"))
    lines.writerow(("Kỳ báo cáo", report.span.words, report.span.week, ""))
    for section in report.sections:
        for row in section.rows:
            for measure, value in zip(section.measures, row.values, strict=True):
                lines.writerow((section.title, _no_formula(row.label), measure, value))
    return ("\ufeff" + out.getvalue()).encode()


def xlsx(report: Report) -> bytes:
    """A workbook: the top numbers, then a sheet for each section."""
    book = Workbook()
    first = book.active
    if not isinstance(first, Worksheet):  # a new workbook has one, says its documentation
        raise TypeError("a new workbook has no sheet")
    first.title = "Tổng quan"
    _line(first, 1, (TITLE,), bold=True)
    _line(first, 2, (f"Tuần {report.span.week}, {report.span.words}",))
    _line(first, 4, ("Chỉ tiêu", "Trong kỳ", "Kỳ trước"), bold=True)
    for at, headline in enumerate(report.headlines, start=5):
        _line(first, at, (headline.label, headline.value, headline.before))
    _widths(first, (44, 18, 18))
    for section in report.sections:
        _sheet(book, section)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


KINDS: Mapping[str, FileKind] = {
    "html": FileKind("html", "text/html; charset=utf-8", html),
    "xlsx": FileKind(
        "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx
    ),
    "csv": FileKind("csv", "text/csv; charset=utf-8", csv_file),
}


# -- pieces ---------------------------------------------------------------------------------
def _sheet(book: Workbook, section: Section) -> None:
    sheet = book.create_sheet(_SHEET_SIGNS.sub(" ", section.title)[:31])
    _line(sheet, 1, (section.heading, *section.measures), bold=True)
    for at, row in enumerate(section.rows, start=2):
        _line(sheet, at, _cells(row))
    sheet.freeze_panes = "A2"
    _widths(sheet, (64, *(18 for _ in section.measures)))


def _cells(row: Row) -> tuple[str | int, ...]:
    return (row.label, *row.values)


def _line(sheet: Worksheet, at: int, values: tuple[str | int, ...], *, bold: bool = False) -> None:
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(at, column)
        if not isinstance(cell, Cell):
            continue  # only merged cells are others, and there are none
        if isinstance(value, str):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            # Text stays text: a question that begins with "=" is no formula.
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=at > 4 and column == 1, vertical="top")
        else:
            cell.value = value
            cell.number_format = _NUMBER
        if bold:
            cell.font = Font(bold=True)


def _widths(sheet: Worksheet, widths: tuple[int, ...]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _no_formula(text: str) -> str:
    """A CSV knows no types: a leading apostrophe keeps a spreadsheet from calculating."""
    return f"'{text}" if text.startswith(_FORMULA) else text


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bot", "templates/console"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = figures.number
    return environment


@lru_cache(maxsize=1)
def _styles() -> str:
    folder = resources.files("bot") / "console" / "static"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in _SHEETS)
