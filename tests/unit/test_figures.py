"""How figures are written."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from bot import figures
from bot.models import Period
from knowledge.schema import Row, Unit


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (683_100, "683.100"),
        (2_530_000, "2.530.000"),
        (-45_540, "-45.540"),
        (Fraction(102_465, 2), "51.232,5"),
        (Fraction(1, 20), "0,05"),
        (Fraction(-1, 2), "-0,5"),
        (Fraction(1, 3), "1/3"),
        (Fraction(10_000, 3), "10.000/3"),
        (Fraction(6, 2), "3"),
    ],
)
def test_number(value: int | Fraction, expected: str) -> None:
    assert figures.number(value) == expected


def test_money() -> None:
    assert figures.money(683_100) == "683.100 đồng"
    assert figures.money(Fraction(102_465, 2)) == "51.232,5 đồng"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(9, 200), "4,5%"),
        (Fraction(1), "100%"),
        (Fraction(0), "0%"),
        (Fraction(1, 8), "12,5%"),
        (Fraction(1, 3), "1/3"),
    ],
)
def test_share(value: Fraction, expected: str) -> None:
    assert figures.share(value) == expected


def test_day_and_period() -> None:
    assert figures.day(date(2026, 7, 1)) == "01/07/2026"
    whole = Period(date(2025, 7, 1), date(2026, 6, 30))
    assert figures.period(whole) == "từ 01/07/2025 đến 30/06/2026"
    one = Period(date(2026, 7, 1), date(2026, 7, 1))
    assert figures.period(one) == "ngày 01/07/2026"


@pytest.mark.parametrize(
    ("value", "unit", "expected", "bare"),
    [
        (683_100, Unit.VND, "683.100 đồng", "683.100"),
        (2_530_000, Unit.VND_PER_MONTH, "2.530.000 đồng/tháng", "2.530.000"),
        (Fraction(9, 200), Unit.SHARE, "4,5%", "4,5"),
        (6, Unit.MONTHS, "6 tháng", "6"),
        (90, Unit.DAYS, "90 ngày", "90"),
        (5, Unit.WORKING_DAYS, "5 ngày làm việc", "5"),
        (15, Unit.YEARS, "15 năm", "15"),
        (20, Unit.COUNT, "20", "20"),
        (20, Unit.TIMES, "20 lần", "20"),
        (date(2026, 7, 1), Unit.DATE, "01/07/2026", "01/07/2026"),
        ("1900.9068", Unit.TEXT, "1900.9068", "1900.9068"),
    ],
)
def test_units(value: int | Fraction | date | str, unit: Unit, expected: str, bare: str) -> None:
    assert figures.with_unit(value, unit) == expected
    assert figures.bare(value) == bare


def test_every_unit_has_a_written_form() -> None:
    for unit in Unit:
        if unit not in (Unit.DATE, Unit.TEXT):
            assert figures.with_unit(3, unit)


def test_from_row() -> None:
    row = Row.model_validate(
        {
            "value": "4,5%",
            "effective_from": "2015-01-01",
            "effective_to": "open",
            "checked_on": "2026-11-22",
            "citation": {"directive": "nd-188-2025"},
            "confidence": "verified",
            "source": "test",
        }
    )
    assert figures.from_row(row, Unit.SHARE) == "4,5%"


# -- words ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "không"),
        (4, "bốn"),
        (5, "năm"),
        (10, "mười"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (25, "hai mươi lăm"),
        (30, "ba mươi"),
        (101, "một trăm linh một"),
        (115, "một trăm mười lăm"),
        (1_005, "một nghìn không trăm linh năm"),
        (2_026, "hai nghìn không trăm hai mươi sáu"),
        (56_925, "năm mươi sáu nghìn chín trăm hai mươi lăm"),
        (683_100, "sáu trăm tám mươi ba nghìn một trăm"),
        (2_005_000, "hai triệu không trăm linh năm nghìn"),
        (15_180_000, "mười lăm triệu một trăm tám mươi nghìn"),
        (1_000_000_015, "một tỷ không trăm mười lăm"),
        (-3, "âm ba"),
    ],
)
def test_number_words(value: int, words: str) -> None:
    assert figures.number_words(value) == words


def test_spoken_money() -> None:
    assert figures.spoken_money(683_100) == "sáu trăm tám mươi ba nghìn một trăm đồng"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("đóng 683.100 đồng/năm", "đóng sáu trăm tám mươi ba nghìn một trăm đồng một năm"),
        ("51.232,5 đồng", "năm mươi mốt nghìn hai trăm ba mươi hai phẩy năm đồng"),
        ("150.000đ", "một trăm năm mươi nghìn đồng"),
        ("4,5%", "bốn phẩy năm phần trăm"),
        ("0,05", "không phẩy không năm"),
        ("3 × 2 = 6", "ba nhân hai bằng sáu"),
        ("9 − 4", "chín trừ bốn"),
        ("BHYT HSSV", "bảo hiểm y tế học sinh, sinh viên"),
        ("BHXH cơ sở; UBND xã", "bảo hiểm xã hội cơ sở; Ủy ban nhân dân xã"),
        ("1900.9068", "một chín không không, chín không sáu tám"),
        ("1900 9068.", "một chín không không, chín không sáu tám."),
        ("19009068", "một chín không không, chín không sáu tám"),
        ("gửi 8079.", "gửi tám không bảy chín."),
        (
            "ngày 01/07/2026",
            "ngày một tháng bảy năm hai nghìn không trăm hai mươi sáu",
        ),
        ("từ 30/04/2025", "từ ngày ba mươi tháng tư năm hai nghìn không trăm hai mươi lăm"),
        ("từ 1/7 đến 30/9", "từ ngày một tháng bảy đến ngày ba mươi tháng chín"),
        ("tháng 9/2026", "tháng chín năm hai nghìn không trăm hai mươi sáu"),
        ("tháng 4, quý 1", "tháng tư, quý một"),
        ("người thứ 1, thứ 2, thứ 4", "người thứ nhất, thứ hai, thứ tư"),
        ("3-6 tháng", "ba đến sáu tháng"),
        ("08:00-17:30", "tám giờ đến mười bảy giờ ba mươi"),
        ("7h30", "bảy giờ ba mươi"),
        (
            "Nghị định 188/2025/NĐ-CP",
            "Nghị định số một trăm tám mươi tám năm hai nghìn không trăm hai mươi lăm của Chính "
            "phủ",
        ),
        (
            "Nghị quyết số 99/2025/NQ-HĐND của tỉnh",
            "Nghị quyết số chín mươi chín năm hai nghìn không trăm hai mươi lăm của tỉnh",
        ),
        ("Quyết định 861/QĐ-TTg", "Quyết định số tám trăm sáu mươi mốt của Thủ tướng Chính phủ"),
        ("TP.HCM, TP. Hồ Chí Minh", "Thành phố Hồ Chí Minh, thành phố Hồ Chí Minh"),
        ("dichvucong.gov.vn", "dichvucong chấm gov chấm vn"),
        ("VNeID mức 2", "VNeID mức hai"),
        ("khoản 6 Điều 13", "khoản sáu Điều mười ba"),
        ("không có số nào", "không có số nào"),
    ],
)
def test_spoken(written: str, words: str) -> None:
    assert figures.spoken(written) == words


def test_spoken_reads_a_whole_reply() -> None:
    reply = (
        "Từ 01/07/2026, người học đóng 683.100 đồng cho 12 tháng.\n\n"
        "Căn cứ: khoản 6 Điều 6 Nghị định 188/2025/NĐ-CP. Tổng đài: 1900.9068."
    )
    words = figures.spoken(reply)
    assert not any(character.isdigit() for character in words)
    assert words.count("\n\n") == 1
