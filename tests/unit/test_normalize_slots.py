"""What a message gives: numbers, dates, audience, product, place, negation."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.models import Period, Question
from bot.normalize import normalize
from tests.unit.match.world import lexicon

TODAY = date(2026, 11, 22)


def read(text: str) -> Question:
    return normalize(text, lexicon(), TODAY)


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("đóng 9 tháng hết bao nhiêu", "months", 9),
        ("dong ba thang mot", "months", 3),
        ("thu 15 tháng luôn", "months", 15),
        ("thẻ hết hạn 5 tháng rồi mới đóng lại", "months", None),
        ("nhà 4 người mua", "members", 4),
        ("nhà 6 người, 2 người đã có thẻ công ty", "members", None),
        ("nhà 5 người trong đó 2 cháu là học sinh", "members", None),
        ("hộ 5 nhân khẩu", "members", 5),
        ("người thứ 2 đóng bao nhiêu", "members", None),
        ("con lớp 1", "grade", 1),
        ("lop 12", "grade", 12),
        ("lớp mười hai", "grade", 12),
        ("bé 8 tuổi", "age", 8),
        ("cháu sinh tháng 10", "birth_month", 10),
        ("cháu sinh ngày 12/3/2020", "birth_month", 3),
        ("trường thu 683.100 đúng không", "claimed_amount", 683_100),
        ("thu 500k", "claimed_amount", 500_000),
        ("thu 1tr2 có đúng k", "claimed_amount", 1_200_000),
        ("lương cơ sở 2tr34", "claimed_amount", 2_340_000),
        ("nộp 700 nghìn", "claimed_amount", 700_000),
        ("sáu trăm tám mươi ba nghìn", "claimed_amount", 683_000),
        ("thu 631800 đồng", "claimed_amount", 631_800),
        ("chọn thu nhập 5 triệu", "income", 5_000_000),
        ("năm học 2023-2024", "school_year", (2023, 2024)),
    ],
)
def test_slots(text: str, slot: str, value: Any) -> None:
    assert getattr(read(text).slots, slot) == value


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("năm 2025 đóng bao nhiêu", days("2025-01-01", "2025-12-31")),
        ("năm nay đóng bao nhiêu", days("2026-11-22", "2026-12-31")),
        ("năm ngoái đóng bao nhiêu", days("2025-01-01", "2025-12-31")),
        ("sang năm có tăng không", days("2027-01-01", "2027-12-31")),
        ("từ 1/7/2025 sinh viên được gì", days("2025-07-01", "2026-11-22")),
        ("trước 1/7/2025", days("2025-06-30", "2025-06-30")),
        ("tháng 11/2023 đóng bao nhiêu", days("2023-11-01", "2023-11-30")),
        ("hồi tháng 5 đóng", days("2026-05-01", "2026-05-31")),
        ("nộp tiền tháng 1 hết bao nhiêu", days("2027-01-01", "2027-01-31")),
        ("hồi tháng 1 đóng rồi", days("2026-01-01", "2026-01-31")),
        ("tháng 8 đóng bao nhiêu", days("2026-08-01", "2026-08-31")),
        ("năm 2023 em nghỉ việc, giờ mua bao nhiêu", None),
        ("năm ngoái hộ nghèo, năm nay đóng bao nhiêu", days("2026-11-22", "2026-12-31")),
        ("từ năm 2023 tới giờ", None),
        ("bao giờ thì năm 2023 áp dụng", days("2023-01-01", "2023-12-31")),
        ("hồi tháng 12 đóng", days("2025-12-01", "2025-12-31")),
        ("ngày 15/11/2023", days("2023-11-15", "2023-11-15")),
        ("ngày 15 tháng 11 năm 2023", days("2023-11-15", "2023-11-15")),
        ("năm học 2023-2024", days("2023-09-01", "2024-08-31")),
        ("nam hoc 23-24 dong bn", days("2023-09-01", "2024-08-31")),
        ("kỳ tới đóng bao nhiêu", days("2027-01-01", "2027-06-30")),
        ("bố là thương binh hạng 2/4", None),
        ("5 năm liên tục là gì", None),
        ("đóng bao nhiêu", None),
        ("31/2/2025", None),
    ],
)
def test_periods(text: str, period: Period | None) -> None:
    assert read(text).slots.period == period


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("hs lớp 6 đóng bn", "pupil"),
        ("sv năm nhất đóng sao", "student"),
        ("nhà e hộ cận nghèo", "near_poor"),
        ("gia đình thuộc hộ nghèo", "poor"),
        ("năm ngoái hộ nghèo, năm nay cận nghèo", "near_poor"),
        ("năm trước cận nghèo giờ thì hộ nghèo", "poor"),
        ("nhà làm nông mức sống trung bình", "average_household"),
        ("mua theo hộ gia đình", "household"),
        ("cháu bốn tuổi", "under6"),
        ("bhxh tự nguyện đóng sao", "voluntary_bhxh"),
        ("con em hộ cận nghèo học lớp 6", "near_poor"),
        ("mất thẻ làm sao", ""),
    ],
)
def test_group(text: str, group: str) -> None:
    assert read(text).slots.group == group


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("thẻ bhyt", {"bhyt"}),
        ("bảo hiểm xã hội tự nguyện", {"bhxh"}),
        ("ra cơ quan bhxh hỏi thẻ bảo hiểm y tế", {"bhyt"}),
        ("tổng đài bảo hiểm xã hội", set()),
        ("mua bảo hiểm", set()),
    ],
)
def test_products(text: str, products: set[str]) -> None:
    assert read(text).products == products


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ở Bắc Giang được thêm không", "bac-giang"),
        ("o bac giang duoc them khong", "bac-giang"),
        ("tinh bn ho tro them khong", "bac-ninh"),
        ("nhà ở bn cận nghèo", "bac-ninh"),
        ("hs đóng bn", ""),
        ("quê ở Bắc Giang, nay thuộc Bắc Ninh", "bac-giang"),
        ("quê Phú Yên học Hà Nội", ""),
        ("ở dn hỗ trợ sao", ""),
        ("tra lai chau xem", ""),
        ("que lai chau", "lai-chau"),
        ("daklak hỗ trợ bao nhiêu", "dak-lak"),
    ],
)
def test_place(text: str, place: str) -> None:
    assert read(text).slots.place == place


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("không tham gia thì bị xử lý không", True),
        ("chưa có thẻ thì đi khám sao", True),
        ("k đóng có sao k", True),
        ("mua được không ạ", False),
        ("có được hoàn tiền không vậy ad", False),
        ("có phải đóng không hay được miễn", False),
        ("có thẻ chưa", False),
        ("đóng bao nhiêu", False),
    ],
)
def test_negation(text: str, negated: bool) -> None:
    assert read(text).negated is negated


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("thẻ mã 4 được gì", {"ma 4"}),
        ("nghị định 146 còn hiệu lực không, em cần", {"văn bản 146"}),
        ("nhà 4 người đóng 12 tháng 683.100", set()),
        ("công văn 2245/2023/bhxh-tst", {"2245/2023/bhxh-tst"}),
    ],
)
def test_unbound_numbers(text: str, numbers: set[str]) -> None:
    assert read(text).numbers == numbers


def test_bound_numbers_become_placeholders() -> None:
    assert read("đóng 9 tháng").tokens == read("dong 12 thang").tokens
    assert read("thu 683.100").tokens == read("thu 500k").tokens
    assert read("lớp 1").tokens != read("lớp 5").tokens


def test_verbs() -> None:
    assert "dang_nhap" in read("không đăng nhập được").verbs
    assert "dang_ky" in read("tạo tài khoản vssid").verbs


@pytest.mark.parametrize("text", ["lớp 12 đóng bhyt bao nhiêu", "lop 12 dong bhyt bao nhieu"])
def test_a_grade_before_dong_is_no_money(text: str) -> None:
    slots = read(text).slots
    assert (slots.grade, slots.claimed_amount) == (12, None)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("bhyt học sinh 6 tháng bao nhiêu", 6),
        ("sinh vien 3 thang dong bn", 3),
        ("gia hạn thẻ 12 tháng hết bao nhiêu", 12),
        ("thẻ hết hạn 4 tháng rồi mua lại được không", None),
    ],
)
def test_months_paid_are_told_from_a_gap(text: str, months: int | None) -> None:
    assert read(text).slots.months == months


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("đóng bhxh tự nguyện theo mức 2 triệu một tháng", "income", 2_000_000),
        ("mức 2 triệu bhyt của con có đúng không", "income", None),
        ("hai vợ chồng mua bhyt hộ gia đình", "members", 2),
        ("2 mẹ con mua chung hết bao nhiêu", "members", 2),
        ("2 vợ chồng và 3 con mua bhyt hộ gia đình", "members", None),
        ("bao nhiêu một tháng sau khi hỗ trợ", "period", None),
    ],
)
def test_what_a_number_or_word_is_bound_to(text: str, field: str, value: object) -> None:
    assert getattr(read(text).slots, field) == value


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("em không thuộc hộ nghèo", set()),
        ("nhà không phải hộ cận nghèo thì đóng mấy", set()),
        ("em có phải hộ nghèo không", {"poor"}),
        ("hộ nghèo không phải đóng à", {"poor"}),
    ],
)
def test_a_denied_group_is_not_meant(text: str, groups: set[str]) -> None:
    assert read(text).audiences == groups


@pytest.mark.parametrize(
    ("text", "income", "claimed"),
    [
        ("bhxh tự nguyện 2 triệu đóng bao nhiêu", 2_000_000, None),
        ("tự nguyện 10 triệu đóng bao nhiêu", 10_000_000, None),
        ("bhxh tu nguyen 60 trieu mot thang", 60_000_000, None),
        ("22% của 10 triệu", 10_000_000, None),
        ("đóng tự nguyện mức 10tr", 10_000_000, None),
        ("bhxh tự nguyện nộp bao nhiêu nếu chọn 3 triệu", 3_000_000, None),
        ("bhxh tự nguyện phải nộp bao nhiêu với 3 triệu", 3_000_000, None),
        ("bhxh tự nguyện mức 1 triệu được không", 1_000_000, None),
        ("bhxh tự nguyện 2 triệu đóng 374 ngàn đúng không", 2_000_000, 374_000),
        ("còn mức 5 triệu", 5_000_000, None),
        ("đại lý thu 297.000 bhxh tự nguyện có đúng không", None, 297_000),
        ("bhxh tự nguyện đóng 330 ngàn một tháng", None, 330_000),
        ("bhxh tự nguyện mức 330 ngàn", None, 330_000),
        ("đại lý thu em 3 triệu bhxh tự nguyện", None, 3_000_000),
        ("bhxh tự nguyện đóng hết 3 triệu", None, 3_000_000),
        ("em nộp 2 triệu bhxh tự nguyện rồi", None, 2_000_000),
        ("em đã đóng 2 triệu bhxh tự nguyện", None, 2_000_000),
        ("bhxh tự nguyện 4 triệu một năm đúng không", None, 4_000_000),
        ("bhxh tự nguyện 3.168.000 có đúng không", None, 3_168_000),
        ("chuẩn nghèo mới 2,2 triệu thì bhxh tự nguyện đóng sao", None, 2_200_000),
        ("bhxh tự nguyện sinh con được 2 triệu đúng không", None, 2_000_000),
        ("bhyt tự nguyện 2 triệu đúng không", None, 2_000_000),
        ("trường thu 2 triệu", None, 2_000_000),
        ("mức 683.100 đúng chưa", None, 683_100),
    ],
)
def test_a_chosen_income_is_told_from_a_sum_paid(
    text: str, income: int | None, claimed: int | None
) -> None:
    slots = read(text).slots
    assert (slots.income, slots.claimed_amount) == (income, claimed)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("đóng 1 năm luôn", 12),
        ("bhxh tự nguyện một năm hết bao nhiêu", 12),
        ("đóng bhxh tự nguyện 15 năm lương hưu bao nhiêu", None),
        ("nghỉ việc 1 năm rồi đóng tiếp bhxh tự nguyện", None),
    ],
)
def test_the_year_that_is_paid_for_is_twelve_months(text: str, months: int | None) -> None:
    assert read(text).slots.months == months
