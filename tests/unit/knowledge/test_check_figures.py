"""What counts as a figure in running Vietnamese text, and what a name may hold."""

from __future__ import annotations

import unicodedata

import pytest

from knowledge.check.figures import figures, unmarkable


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("đóng 97.200 đồng", "97.200"),
        ("giảm 50%", "50%"),
        ("theo Điều 22", "22"),
        ("tăng ½", "½"),
        ("đóng một nửa mức", "một nửa"),
        ("trong mười hai tháng", "mười hai tháng"),
        ("hai mươi phần trăm", "hai mươi phần trăm"),
        ("Hai trăm nghìn đồng", "hai trăm nghìn đồng"),
        ("sau năm năm liên tục", "năm năm"),
        ("năm người trong hộ", "năm người"),
        ("trong năm ngày làm việc", "năm ngày"),
        ("đóng một lần", "một lần"),
        ("bằng một phần ba", "một phần"),
        ("nửa tháng lương", "nửa tháng"),
        ("gấp đôi mức cũ", "gấp đôi"),
        ("hưởng trăm phần trăm", "trăm phần trăm"),
        ("ba mươi lăm tuổi", "ba mươi lăm tuổi"),
        ("ba  \n mươi ngày", "ba mươi ngày"),
    ],
)
def test_figures_in_digits_and_words(text: str, found: str) -> None:
    assert [figure.text for figure in figures(text)] == [found]
    assert [figure.text for figure in figures(unicodedata.normalize("NFD", text))] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "mỗi năm người tham gia đóng theo kỳ",
        "hằng năm tháng nào cũng thu",
        "ba mẹ đóng cho con",
        "bằng một phần chi phí",
        "người thứ hai trong hộ",
        "một số người bệnh",
        "vật tư người bệnh dùng",
        "trong năm người bệnh đi khám",
        "tính theo phần trăm",
        "",
    ],
)
def test_words_that_are_no_figures(text: str) -> None:
    assert figures(text) == []


def test_lines_are_counted() -> None:
    found = figures("Không.\n\nSau 5 ngày.\nRồi hai tháng.")
    assert [(figure.text, figure.lines_before) for figure in found] == [("5", 2), ("hai tháng", 3)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("500.000 đồng", "an amount of money"),
        ("500k", "an amount of money"),
        ("2 triệu", "an amount of money"),
        ("hai triệu đồng", "an amount of money"),
        ("50%", "a rate"),
        ("20 phần trăm", "a rate"),
        ("01/07/2025", "a date"),
        ("1.7.2025", "a date"),
        ("ngày 5", "a date"),
        ("tháng 7", "a date"),
        ("Luật năm 2024", "a date"),
    ],
)
def test_what_a_name_may_not_hold(text: str, kind: str) -> None:
    assert unmarkable(text) == kind


@pytest.mark.parametrize(
    "text", ["VNeID mức 2", "5 năm liên tục", "lớp 12", "TK1-TS", "phím 1", "24/7", "C79-HD"]
)
def test_names_with_a_figure(text: str) -> None:
    assert unmarkable(text) == ""
