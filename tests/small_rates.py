"""A small snapshot for the calculator's tests: real figures, few places, no answers.

`SNAPSHOT` is built in memory, so that these tests depend on no shipped file.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from knowledge.schema import Audience, Directive, Place, Value
from knowledge.snapshot import Snapshot

TODAY = date(2026, 11, 22)


def directive(directive_id: str, name: str, signed_on: str) -> Directive:
    """A legal document with only what look-ups need."""
    words = {"number": name.split()[-1], "kind": name.split()[0], "title": name, "short_name": name}
    days = {"signed_on": signed_on, "effective_from": signed_on}
    return Directive.model_validate(
        {"id": directive_id, "issuer": "cơ quan ban hành", "read_at": "test", **words, **days}
    )


def row(value: str, since: str, until: str, cites: str, **extra: Any) -> dict[str, Any]:
    """A row as a YAML file would hold it."""
    return {
        "value": value,
        "effective_from": since,
        "effective_to": until,
        "checked_on": "2026-11-22",
        "citation": {"directive": cites, "locator": ""},
        "confidence": "verified",
        "source": cites,
        **extra,
    }


def value(value_id: str, unit: str, *rows: dict[str, Any]) -> Value:
    """A named quantity."""
    return Value.model_validate({"id": value_id, "name": value_id, "unit": unit, "rows": rows})


def place(place_id: str, name: str, *support: dict[str, Any], **extra: Any) -> Place:
    """A province with its support rows."""
    return Place.model_validate({"id": place_id, "name": name, "support": support, **extra})


DIRECTIVES = {
    item.id: item
    for item in (
        directive("nd-72-2018", "Nghị định 72/2018/NĐ-CP", "2018-05-15"),
        directive("nd-38-2019", "Nghị định 38/2019/NĐ-CP", "2019-05-09"),
        directive("nd-24-2023", "Nghị định 24/2023/NĐ-CP", "2023-05-14"),
        directive("nd-73-2024", "Nghị định 73/2024/NĐ-CP", "2024-06-30"),
        directive("nd-161-2026", "Nghị định 161/2026/NĐ-CP", "2026-05-15"),
        directive("nd-146-2018", "Nghị định 146/2018/NĐ-CP", "2018-10-17"),
        directive("nd-188-2025", "Nghị định 188/2025/NĐ-CP", "2025-07-01"),
        directive("nd-159-2025", "Nghị định 159/2025/NĐ-CP", "2025-06-25"),
        directive("nd-134-2015", "Nghị định 134/2015/NĐ-CP", "2015-12-29"),
        directive("nd-07-2021", "Nghị định 07/2021/NĐ-CP", "2021-01-27"),
        directive("nd-351-2025", "Nghị định 351/2025/NĐ-CP", "2025-12-30"),
        directive("kh-bac-giang-2023", "Kế hoạch của UBND tỉnh Bắc Giang", "2023-10-01"),
        directive("nq-99-2025", "Nghị quyết 99/2025/NQ-HĐND", "2025-12-10"),
        directive("nq-dak-lak-2025", "Nghị quyết của HĐND tỉnh Đắk Lắk", "2025-10-30"),
        directive("nq-56-2025", "Nghị quyết 56/2025/NQ-HĐND", "2025-11-14"),
        directive("nq-16-2021", "Nghị quyết 16/2021/NQ-HĐND", "2021-12-13"),
        directive("nq-35-2025", "Nghị quyết 35/2025/NQ-HĐND", "2025-12-09"),
        directive("nq-64-2025", "Nghị quyết 64/2025/NQ-HĐND", "2025-11-25"),
        directive("nq-09-2026", "Nghị quyết 09/2026/NQ-HĐND", "2026-05-27"),
        directive("nq-29-2025", "Nghị quyết 29/2025/NQ-HĐND", "2025-12-11"),
        directive("nq-19-2025", "Nghị quyết 19/2025/NQ-HĐND", "2025-07-09"),
        directive("nq-17-2026", "Nghị quyết 17/2026/NQ-HĐND", "2026-06-02"),
    )
}

_BEFORE_2025 = ("2018-12-01", "2025-06-30", "nd-146-2018")
_SINCE_2025 = ("2025-07-01", "open", "nd-188-2025")

VALUES = {
    item.id: item
    for item in (
        value(
            "base_salary",
            "vnd_per_month",
            row("1390000", "2018-07-01", "2019-06-30", "nd-72-2018", confidence="single_source"),
            row("1490000", "2019-07-01", "2023-06-30", "nd-38-2019"),
            row("1800000", "2023-07-01", "2024-06-30", "nd-24-2023"),
            row("2340000", "2024-07-01", "2026-06-30", "nd-73-2024"),
            row("2530000", "2026-07-01", "open", "nd-161-2026"),
        ),
        value("contribution_rate", "share", row("4,5%", "2015-01-01", "open", "nd-146-2018")),
        value(
            "national_support",
            "share",
            row("30%", *_BEFORE_2025, audience="hssv"),
            row("50%", *_SINCE_2025, audience="hssv"),
            row("70%", *_BEFORE_2025, audience="near_poor"),
            row("70%", *_SINCE_2025, audience="near_poor"),
            row("30%", *_BEFORE_2025, audience="average_household"),
            row("30%", *_SINCE_2025, audience="average_household"),
            row("100%", *_SINCE_2025, audience="near_poor_poor_commune"),
            row("100%", "2015-01-01", "open", "nd-146-2018", audience="poor"),
            row("0%", *_SINCE_2025, audience="household"),
        ),
        *(
            value(f"household_step_{nth}", "share", row(text, "2015-01-01", "open", "nd-146-2018"))
            for nth, text in enumerate(("100%", "70%", "60%", "50%", "40%"), start=1)
        ),
        value("voluntary_rate", "share", row("22%", "2016-01-01", "open", "nd-134-2015")),
        value(
            "voluntary_support",
            "share",
            row("30%", "2018-01-01", "2025-06-30", "nd-134-2015", audience="poor"),
            row("25%", "2018-01-01", "2025-06-30", "nd-134-2015", audience="near_poor"),
            row("10%", "2018-01-01", "2025-06-30", "nd-134-2015"),
            row("50%", "2025-07-01", "open", "nd-159-2025", audience="poor"),
            row("40%", "2025-07-01", "open", "nd-159-2025", audience="near_poor"),
            row("30%", "2025-07-01", "open", "nd-159-2025", audience="ethnic_minority"),
            row("20%", "2025-07-01", "open", "nd-159-2025"),
        ),
        value(
            "rural_poverty_line",
            "vnd_per_month",
            row("1500000", "2022-01-01", "2026-12-31", "nd-07-2021"),
            row("2200000", "2027-01-01", "2030-12-31", "nd-351-2025", standing="announced"),
        ),
        value("voluntary_cap_multiple", "times", row("20", "2016-01-01", "open", "nd-134-2015")),
        value("waiver_months", "months", row("6", "2015-01-01", "open", "nd-146-2018")),
        value(
            "co_payment_threshold_share", "share", row("15%", "2015-01-01", "open", "nd-146-2018")
        ),
        value("hotline", "text", row("1900.9068", "2018-01-01", "open", "nd-146-2018")),
    )
}

_MERGED = {"exists_to": "2025-06-30"}

PLACES = {
    item.id: item
    for item in (
        place(
            "bac-giang",
            "Bắc Giang",
            row("20%", "2022-01-01", "2025-06-30", "kh-bac-giang-2023", audience="near_poor"),
            row(
                "10%", "2022-01-01", "2025-06-30", "kh-bac-giang-2023", audience="average_household"
            ),
            merged_into="bac-ninh",
            **_MERGED,
        ),
        place(
            "bac-ninh",
            "Bắc Ninh",
            row("30%", "2026-01-01", "2030-12-31", "nq-99-2025", audience="near_poor"),
            row("30%", "2026-01-01", "2030-12-31", "nq-99-2025", audience="average_household"),
            row("0%", "2026-01-01", "2030-12-31", "nq-99-2025", audience="hssv"),
            row("30%", "2026-01-01", "2030-12-31", "nq-99-2025", audience="voluntary_bhxh"),
        ),
        place(
            "dak-lak",
            "Đắk Lắk",
            row("5%", "2025-10-30", "open", "nq-dak-lak-2025", audience="hssv", basis="unstated"),
            row("30%", "2025-10-30", "open", "nq-dak-lak-2025", audience="near_poor"),
            row("30%", "2025-10-30", "open", "nq-dak-lak-2025", audience="average_household"),
        ),
        place("phu-yen", "Phú Yên", merged_into="dak-lak", **_MERGED),
        place(
            "dien-bien",
            "Điện Biên",
            row(
                "20%",
                "2025-07-01",
                "2026-03-22",
                "nq-dak-lak-2025",
                audience="hssv",
                confidence="single_source",
                source="Báo Điện Biên Phủ",
            ),
        ),
        place(
            "tp-ho-chi-minh",
            "TP. Hồ Chí Minh",
            row("50%", "2025-11-14", "open", "nq-56-2025", audience="pupil", basis="school"),
            row("0%", "2025-11-14", "open", "nq-56-2025", audience="student", basis="school"),
            kind="thành phố",
        ),
        place(
            "ha-noi",
            "Hà Nội",
            row("30%", "2026-01-01", "2026-06-30", "nq-19-2025", audience="average_household"),
            row("70%", "2026-07-01", "open", "nq-17-2026", audience="average_household"),
            row(
                "20%",
                "2026-07-01",
                "open",
                "nq-17-2026",
                audience="voluntary_bhxh",
                condition="không thuộc hộ nghèo",
                note="Hỗ trợ thêm cho hộ nghèo 50%, người khác 20%.",
            ),
            kind="thành phố",
        ),
        place("an-giang", "An Giang"),
        place(
            "kien-giang",
            "Kiên Giang",
            row(
                "10%",
                "2021-12-23",
                "open",
                "nq-16-2021",
                audience="hssv",
                condition="có hộ khẩu tại tỉnh Kiên Giang cũ",
                continues_after_merger={"directive": "nq-16-2021"},
            ),
            merged_into="an-giang",
            **_MERGED,
        ),
        place(
            "gia-lai",
            "Gia Lai",
            row(
                "0%",
                "2026-01-01",
                "open",
                "nq-35-2025",
                audience="hssv",
                condition="không phải người dân tộc thiểu số",
                note="Riêng học sinh, sinh viên dân tộc thiểu số được hỗ trợ thêm 30%.",
            ),
        ),
        place(
            "khanh-hoa",
            "Khánh Hòa",
            row(
                "30%",
                "2025-04-08",
                "open",
                "nq-35-2025",
                audience="hssv",
                basis="school",
                condition="học tại trường công lập",
                note="Trường tư thục không thuộc diện này.",
            ),
        ),
        place(
            "phu-tho",
            "Phú Thọ",
            row("20%", "2026-01-01", "2030-12-31", "nq-64-2025", audience="household"),
        ),
        place(
            "thanh-hoa",
            "Thanh Hóa",
            row("15%", "2026-06-06", "2030-12-31", "nq-09-2026", audience="near_poor"),
        ),
        place(
            "cao-bang",
            "Cao Bằng",
            row("20%", "2026-01-01", "2030-12-31", "nq-29-2025", audience="hssv"),
            row("15%", "2026-01-01", "2030-12-31", "nq-29-2025", audience="average_household"),
        ),
    )
}

AUDIENCES = {
    audience_id: Audience(name=name, parents=parents)
    for audience_id, name, parents in (
        ("hssv", "học sinh, sinh viên", ()),
        ("pupil", "học sinh", ("hssv",)),
        ("student", "sinh viên, học viên", ("hssv",)),
        ("poor", "hộ nghèo", ()),
        ("near_poor", "hộ cận nghèo", ()),
        ("near_poor_poor_commune", "hộ cận nghèo ở xã nghèo", ("near_poor",)),
        ("average_household", "hộ có mức sống trung bình", ()),
        ("household", "hộ gia đình", ()),
        ("ethnic_minority", "người dân tộc thiểu số", ()),
        ("voluntary_bhxh", "người tham gia BHXH tự nguyện", ()),
    )
}


def snapshot(
    values: dict[str, Value] | None = None, places: dict[str, Place] | None = None
) -> Snapshot:
    """The snapshot, with some values or places replaced."""
    return Snapshot(
        hash="test",
        directives=DIRECTIVES,
        values={**VALUES, **(values or {})},
        places={**PLACES, **(places or {})},
        answers={},
        topics={},
        audiences=AUDIENCES,
    )


SNAPSHOT = snapshot()
