"""Worked examples, each with its arithmetic: what must come out of any right set of rates.

The small snapshot of the tests and the knowledge that ships are held against the same lists.
"""

from __future__ import annotations

from datetime import date

from tests.small_rates import TODAY

JULY_2026 = date(2026, 7, 1)
AUTUMN_2025 = date(2025, 9, 1)
SPRING_2025 = date(2025, 3, 1)
NOVEMBER_2023 = date(2023, 11, 15)
SPRING_2023 = date(2023, 3, 1)

#: audience, months, day of payment, place, what is paid
CONTRIBUTIONS: list[tuple[str, int, date, str | None, int]] = [
    # 4,5% × 2.340.000 = 105.300; × 12 = 1.263.600; × 70%
    ("hssv", 12, SPRING_2025, None, 884_520),
    # 1.263.600 × 50%, and 52.650 × 6, 3, 9
    ("hssv", 12, AUTUMN_2025, None, 631_800),
    ("hssv", 6, AUTUMN_2025, None, 315_900),
    ("hssv", 3, AUTUMN_2025, None, 157_950),
    ("hssv", 9, AUTUMN_2025, None, 473_850),
    # 4,5% × 2.530.000 = 113.850; × 50% = 56.925; × 12, 6, 3, 9
    ("hssv", 12, JULY_2026, None, 683_100),
    ("hssv", 6, JULY_2026, None, 341_550),
    ("hssv", 3, JULY_2026, None, 170_775),
    ("hssv", 9, JULY_2026, None, 512_325),
    # 4,5% × 1.800.000 = 81.000; × 12 = 972.000; × 70%
    ("hssv", 12, NOVEMBER_2023, None, 680_400),
    ("hssv", 6, NOVEMBER_2023, None, 340_200),
    # 4,5% × 1.490.000 = 67.050; × 70% = 46.935; × 12, 9
    ("hssv", 12, SPRING_2023, None, 563_220),
    ("hssv", 9, SPRING_2023, None, 422_415),
    # Điện Biên 50% + 20%: 1.263.600 × 30%
    ("hssv", 12, AUTUMN_2025, "dien-bien", 379_080),
    # Đắk Lắk 50% + 5%: 1.366.200 × 45%
    ("hssv", 12, TODAY, "dak-lak", 614_790),
    ("hssv", 12, TODAY, "phu-yen", 614_790),
    # pupils of TP. Hồ Chí Minh 50% + 50%, from the day of the resolution on
    ("pupil", 12, date(2025, 11, 14), "tp-ho-chi-minh", 0),
    ("pupil", 12, date(2025, 11, 13), "tp-ho-chi-minh", 631_800),
    ("student", 12, TODAY, "tp-ho-chi-minh", 683_100),
    # Bắc Giang 2023: 70% + 20%, 30% + 10%; Bắc Ninh had no known support then
    ("near_poor", 12, NOVEMBER_2023, "bac-giang", 97_200),
    ("average_household", 12, NOVEMBER_2023, "bac-giang", 583_200),
    ("near_poor", 12, NOVEMBER_2023, "bac-ninh", 291_600),
    # near-poor: 1.366.200 × 30%; with + 30% nothing is left; Thanh Hóa + 15%
    ("near_poor", 12, JULY_2026, None, 409_860),
    ("near_poor", 12, date(2025, 10, 30), "dak-lak", 0),
    ("near_poor", 12, TODAY, "bac-ninh", 0),
    ("near_poor", 12, TODAY, "bac-giang", 0),
    ("near_poor", 12, TODAY, "thanh-hoa", 204_930),
    # average households: 30%, + 30%, + 15%
    ("average_household", 12, TODAY, None, 956_340),
    ("average_household", 12, TODAY, "dak-lak", 546_480),
    ("average_household", 12, TODAY, "cao-bang", 751_410),
    # grade 1 pays for up to 15 months: 56.925 × 13, 14, 15
    ("hssv", 13, TODAY, None, 740_025),
    ("hssv", 14, TODAY, None, 796_950),
    ("hssv", 15, TODAY, None, 853_875),
    # the day of payment decides: base salary, then the share of support
    ("hssv", 12, date(2026, 6, 30), None, 631_800),
    ("hssv", 12, date(2026, 7, 1), None, 683_100),
    ("hssv", 12, date(2025, 6, 30), None, 884_520),
    ("hssv", 12, date(2025, 7, 1), None, 631_800),
    # + 0 read in Bắc Ninh, + 20% in Cao Bằng, + 10% kept by old Kiên Giang
    ("hssv", 12, TODAY, "bac-ninh", 683_100),
    ("hssv", 12, TODAY, "cao-bang", 409_860),
    ("hssv", 12, TODAY, "kien-giang", 546_480),
    # Hà Nội 30% + 30%, from 01/07/2026 30% + 70%; the State alone pays for poor households
    ("average_household", 12, date(2026, 6, 30), "ha-noi", 505_440),
    ("average_household", 12, JULY_2026, "ha-noi", 0),
    ("poor", 12, TODAY, None, 0),
    ("near_poor_poor_commune", 12, TODAY, None, 0),
]

#: day of payment, what households of one to six members pay for twelve months
HOUSEHOLDS: list[tuple[date, tuple[int, ...]]] = [
    (JULY_2026, (1_366_200, 2_322_540, 3_142_260, 3_825_360, 4_371_840, 4_918_320)),
    (SPRING_2025, (1_263_600, 2_148_120, 2_906_280, 3_538_080, 4_043_520, 4_548_960)),
    (NOVEMBER_2023, (972_000, 1_652_400, 2_235_600, 2_721_600, 3_110_400, 3_499_200)),
]

#: chosen income, audience, day of payment, what is paid for one month
VOLUNTARY: list[tuple[int | None, str, date, int]] = [
    # 22% × 1.500.000 = 330.000, less 20 / 50 / 40 / 30% of it
    (1_500_000, "", AUTUMN_2025, 264_000),
    (1_500_000, "poor", AUTUMN_2025, 165_000),
    (1_500_000, "near_poor", AUTUMN_2025, 198_000),
    (1_500_000, "ethnic_minority", AUTUMN_2025, 231_000),
    # 1.100.000 − 66.000
    (5_000_000, "", TODAY, 1_034_000),
    # before 01/07/2025: 10 / 30 / 25%
    (1_500_000, "", SPRING_2025, 297_000),
    (1_500_000, "poor", SPRING_2025, 231_000),
    (1_500_000, "near_poor", SPRING_2025, 247_500),
    # an employee's other groups get the share of everyone else
    (1_500_000, "hssv", TODAY, 264_000),
    (None, "", TODAY, 264_000),
]
