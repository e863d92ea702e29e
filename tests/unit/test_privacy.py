"""Identifiers are found however they are written; amounts and dates never are."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy import Redacted, pseudonym, redact

IDENTIFIERS = [
    ("cccd của tôi là 001204012345", "cccd của tôi là [CCCD]"),
    ("001 204 012 345 là số của con", "[CCCD] là số của con"),
    ("căn cước 0.0.1.2.0.4.0.1.2.3.4.5", "căn cước [CCCD]"),
    ("căn cước: 0012 0401 2345.", "căn cước: [CCCD]."),
    ("số 024088001234 nhé", "số [CCCD] nhé"),
    ("mã số bhxh 0123456789", "mã số bhxh [MÃ SỐ BHXH]"),
    ("mã số 79 1234 5678 tra sao", "mã số [MÃ SỐ BHXH] tra sao"),
    ("sổ 7912-345-678", "sổ [MÃ SỐ BHXH]"),
    ("mã số bhxh 0912345678", "mã số bhxh [MÃ SỐ BHXH]"),
    ("kiểm tra giúp 2412345678", "kiểm tra giúp [MÃ SỐ BHXH]"),
    ("thẻ HS4 01 0123456789", "thẻ [SỐ THẺ BHYT]"),
    ("GD4790123456789", "[SỐ THẺ BHYT]"),
    ("gd 4 79 01234 56789 còn hạn ko", "[SỐ THẺ BHYT] còn hạn ko"),
    ("số thẻ 4 01 01 234 56789", "số thẻ [SỐ THẺ BHYT]"),
    ("gọi 0912345678 nhé", "gọi [SĐT] nhé"),
    ("0912345678nhé", "[SĐT]nhé"),
    ("sđt 0912.345.678", "sđt [SĐT]"),
    ("0912 345 678 đóng 683.100", "[SĐT] đóng 683.100"),
    ("+84 912 345 678", "[SĐT]"),
    ("(+84) 912-345-678", "[SĐT]"),
    ("84912345678", "[SĐT]"),
    ("zalo 09 12 34 56 78", "zalo [SĐT]"),
    ("điện thoại bàn 0204 3854 123", "điện thoại bàn [SĐT]"),
    ("0912345678/0987654321", "[SĐT]/[SĐT]"),
    ("viết cho Nguyen.Van-A@gmail.com.vn nha", "viết cho [EMAIL] nha"),
    ("cmnd 123456789", "cmnd [CMND]"),
    ("chứng minh thư 123 456 789", "chứng minh thư [CMND]"),
    ("sdt cua em ０９１２３４５６７８", "sdt cua em [SĐT]"),
]

KEPT = [
    "đóng 1.366.200 hay 1.263.600",
    "683100 đồng",
    "10000000đ",
    "lương 25000000 vnd",
    "2.530.000",
    "2 530 000 000 đồng",
    "1000000000",
    "3500000000 đồng",
    "số tiền 7912345678",
    "mã số bhxh ghi 1.366.200.000 đồng",
    "mã số 1.000.000.000.000",
    "từ 1/7/2025 đến 31/12/2026",
    "ngày 30.11.2023 và 01-07-2025",
    "09 12 2025 10 giờ",
    "gọi ngày 09 12 2025 10 giờ",
    "phí 09 12 2025 10",
    "năm học 2025-2026, năm 2023 2024 2025",
    "so bhxh 2025 683100",
    "bhyt 2026 683100 2025",
    "hs 141.400 2025 683.100",
    "hs 2025 2026 12.000",
    "188/2025/NĐ-CP, 2245/BHXH-TT, 51/2024/QH15",
    "gọi 1900.9068 hoặc 1900 9068 hoặc 19009068",
    "sđt 0243.6285231",
    "sđt 0243 628 5231",
    "gọi 115, 111, 113",
    "123456789",
    "lớp 1 2 3 4 5 6 7 8 9 10",
    "@ một mình, a@b",
]


@pytest.mark.parametrize(("text", "expected"), IDENTIFIERS)
def test_identifiers_are_replaced(text: str, expected: str) -> None:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, text)
        for variant in (written, written.upper()):
            found = redact(variant)
            assert found.text.lower() == unicodedata.normalize("NFC", expected).lower()
            assert bool(found.kinds) == ("[" in expected)


@pytest.mark.parametrize("text", KEPT)
def test_everything_else_stays(text: str) -> None:
    assert redact(text) == Redacted(text)


def test_kinds_are_named_once_and_sorted() -> None:
    found = redact("0912345678, 0912345679, cccd 001204012345, a@b.vn")
    assert found.kinds == ("CCCD", "EMAIL", "SĐT")


amounts = st.integers(0, 10**12)
_WORDS = st.sampled_from(
    ["đóng", "nộp", "mã số", "thẻ", "zalo", "năm 2025", "hai cháu", "bhxh", "sđt", "một tháng"]
)


@given(amounts, _WORDS, st.sampled_from([" đồng", "đ", " VNĐ", " vnd"]))
def test_amounts_with_a_unit_are_never_taken(amount: int, word: str, unit: str) -> None:
    text = f"{word} {amount}{unit}"
    # Nobody writes an amount with a zero in front, and people do write phone numbers so.
    assert redact(text).text == text


@given(amounts, _WORDS, st.sampled_from([".", ","]))
def test_amounts_in_groups_are_never_taken(amount: int, word: str, dot: str) -> None:
    text = f"{word} {amount:,}".replace(",", dot)
    assert redact(text).text == text


@given(st.integers(0, 999_999_999), st.sampled_from(["đóng", "nộp", "lương", "hết"]))
def test_bare_amounts_below_a_billion_are_never_taken(amount: int, word: str) -> None:
    assert redact(f"{word} {amount} hả").text == f"{word} {amount} hả"


@given(st.dates(), st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%Y-%m-%d"]))
def test_dates_are_never_taken(day: object, form: str) -> None:
    text = f"từ {day:{form}} mã số nào"
    assert redact(text).text == text


_PIECES = st.lists(
    st.one_of(
        st.sampled_from([*(text for text, _ in IDENTIFIERS), *KEPT]),
        st.text(alphabet="0123456789 .-+()@aăsổ[]SĐTđ", max_size=20),
        st.text(max_size=8),
    ),
    max_size=5,
)


@given(_PIECES, st.sampled_from(["", " ", "\n"]))
def test_redacting_twice_changes_nothing(pieces: list[str], joint: str) -> None:
    once = redact(joint.join(pieces))
    assert redact(once.text) == Redacted(once.text)


@given(_PIECES)
def test_normal_forms_give_the_same_bytes(pieces: list[str]) -> None:
    text = " ".join(pieces)
    composed = redact(unicodedata.normalize("NFC", text))
    assert redact(unicodedata.normalize("NFD", text)) == composed


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), st.sampled_from(["gọi ", "", "là "]))
def test_mobile_numbers_are_always_taken(number: str, before: str) -> None:
    assert redact(f"{before}{number} nhé").text == f"{before}[SĐT] nhé"


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "1 " * 10_000, "HS4010123456789" * 1300, "@a." * 6000, "+84" * 6000]
)
def test_long_odd_texts_take_no_time(text: str) -> None:
    start = time.process_time()
    redact(text)
    assert time.process_time() - start < 2


def test_pseudonyms_tell_people_apart_without_naming_them() -> None:
    assert pseudonym("123", "k") == pseudonym("123", "k")
    assert len({pseudonym("123", "k"), pseudonym("124", "k"), pseudonym("123", "j")}) == 3
    assert pseudonym("\ud800", "k")
    with pytest.raises(ValueError, match="key"):
        pseudonym("123", "")
