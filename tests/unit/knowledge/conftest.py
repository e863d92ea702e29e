"""A small knowledge base on disk, valid as it stands, to break in one place at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from knowledge.check import run_check
from knowledge.loader import load_or_raise
from knowledge.problems import Problem
from knowledge.snapshot import Snapshot

TODAY = date(2026, 11, 22)

FILES = {
    "topics.yaml": """\
card_lost_or_wrong: {name: "Mất, hỏng thẻ"}
hssv_rate: {name: "Mức đóng học sinh", accepts: [card_lost_or_wrong]}
campaign: {name: "Văn bản chỉ đạo"}
out_of_domain: {name: "Ngoài phạm vi"}
""",
    "audiences.yaml": """\
hssv: {name: "học sinh, sinh viên"}
pupil: {name: học sinh, parents: [hssv]}
near_poor: {name: hộ cận nghèo}
""",
    "directives/nd-1-2018.yaml": """\
id: nd-1-2018
number: 1/2018/NĐ-CP
kind: Nghị định
title: Nghị định cũ
short_name: Nghị định 1/2018/NĐ-CP
issuer: Chính phủ
signed_on: 2018-01-10
effective_from: 2018-02-01
read_at: công báo
""",
    "directives/nd-2-2025.yaml": """\
id: nd-2-2025
number: 2/2025/NĐ-CP
kind: Nghị định
title: Nghị định mới
short_name: Nghị định 2/2025/NĐ-CP
issuer: Chính phủ
signed_on: 2025-06-01
effective_from: 2025-07-01
supersedes:
  - {directive: nd-1-2018, since: 2025-07-01}
read_at: công báo
""",
    "values/base_salary.yaml": """\
id: base_salary
name: mức lương cơ sở
unit: vnd_per_month
rows:
  - value: "1800000"
    effective_from: 2023-07-01
    effective_to: 2025-06-30
    checked_on: 2026-11-01
    citation: {directive: nd-1-2018, locator: Điều 3}
    confidence: directive
    source: Nghị định 1
  - value: "2340000"
    effective_from: 2025-07-01
    effective_to: open
    checked_on: 2026-11-01
    citation: {directive: nd-2-2025, locator: Điều 3}
    confidence: directive
    source: Nghị định 2
""",
    "values/general.yaml": """\
- id: hotline
  name: tổng đài
  unit: text
  rows:
    - value: 1900.0000
      effective_from: 2018-02-01
      effective_to: open
      checked_on: 2026-11-01
      citation: {directive: nd-1-2018}
      confidence: official_text
      source: trang tin
- id: contribution_rate
  name: tỷ lệ đóng
  unit: share
  rows:
    - value: "4,5%"
      effective_from: 2018-02-01
      effective_to: open
      checked_on: 2026-11-01
      citation: {directive: nd-2-2025}
      confidence: official_text
      source: Nghị định 2
- id: national_support
  name: mức hỗ trợ
  unit: share
  rows:
    - value: 30%
      audience: hssv
      effective_from: 2018-02-01
      effective_to: open
      checked_on: 2026-11-01
      citation: {directive: nd-2-2025}
      confidence: official_text
      source: Nghị định 2
""",
    "places/bac-giang.yaml": """\
id: bac-giang
name: Bắc Giang
exists_to: 2025-06-30
merged_into: bac-ninh
support:
  - audience: near_poor
    value: 20%
    effective_from: 2022-01-01
    effective_to: open
    checked_on: 2026-11-01
    citation: {directive: nd-1-2018}
    confidence: verified
    source: Nghị quyết
""",
    "places/bac-ninh.yaml": """\
id: bac-ninh
name: Bắc Ninh
merged_from: [bac-giang]
merged_on: 2025-07-01
merger_citation: {directive: nd-2-2025}
""",
    "answers/card_lost_or_wrong/mat-the.yaml": """\
id: mat-the
topic: card_lost_or_wrong
kind: howto
title: Mất thẻ BHYT thì làm gì
phrasings:
  - mất thẻ bhyt thì làm sao
  - mat the bhyt thi lam sao
  - rơi mất thẻ bảo hiểm y tế rồi
  - đánh rơi thẻ bhyt ở chợ
  - xin cấp lại thẻ bhyt
  - cấp lại thẻ bảo hiểm y tế cho con
  - làm lại thẻ bhyt bị mất
  - thất lạc thẻ bảo hiểm
  - không tìm thấy thẻ bhyt đâu
  - mất thẻ giấy có sao không
negative_phrasings:
  - mất sổ bảo hiểm xã hội
effective_from: 2025-07-01
citations:
  - {directive: nd-2-2025, locator: Điều 5}
reply:
  full: |
    Anh/chị làm lại thẻ miễn phí.

    {{ step() }} Mở {{ lit('VNeID mức 2') }}, chọn "Cấp lại thẻ".
    {{ step() }} Cần giúp, gọi {{ hotline() }}.
follow_ups: [muc-dong]
review: {checked_on: 2026-11-01, review_by: 2027-06-01}
""",
    "answers/hssv_rate/muc-dong.yaml": """\
id: muc-dong
topic: hssv_rate
audience: hssv
kind: rule
title: Mức đóng BHYT học sinh
phrasings:
  - học sinh đóng bhyt bao nhiêu
  - hoc sinh dong bhyt bao nhieu
  - tiền bảo hiểm y tế của con năm nay
  - mức đóng bhyt học sinh
  - mức đóng thẻ cho sinh viên
  - con học tiểu học đóng mấy tiền
  - sinh viên mua thẻ hết bao nhiêu
  - nhà trường thu bhyt bao nhiêu
  - phí bảo hiểm y tế học sinh
  - bảo hiểm y tế học đường giá bao nhiêu
slots: [months, place]
effective_from: 2025-07-01
citations:
  - {directive: nd-2-2025, locator: Điều 6}
reply:
  full: |
    {% set c = contribution('hssv', months=12) %}
    Học sinh đóng {{ c.pays }} cho {{ c.months }} tháng.
    {% if s.months and s.months > 3 %}
    Lương cơ sở là {{ v('base_salary') }}, trước đó là {{ v('base_salary', on='2025-06-30') }}.
    {% endif %}
    Xem {{ cite('nd-2-2025', 'khoản 6 Điều 6') }}.
follow_ups: [mat-the]
review: {checked_on: 2026-11-01, review_by: 2027-06-01}
""",
    "answers/campaign/chi-tieu.yaml": """\
id: chi-tieu
topic: campaign
kind: record
visibility: staff
title: Chỉ tiêu của kế hoạch
phrasings: [chỉ tiêu của kế hoạch]
effective_from: 2018-02-01
citations:
  - {directive: nd-1-2018}
facts:
  muc_tieu: {value: "95%", citation: {directive: nd-1-2018, locator: mục 2}}
reply:
  full: "Kế hoạch đặt mục tiêu {{ f('muc_tieu') }}."
review: {checked_on: 2026-11-01, review_by: 2027-06-01}
""",
    "lexicon/shortcuts.yaml": """\
bhyt: [bảo hiểm y tế]
""",
}

LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
RECORD = "answers/campaign/chi-tieu.yaml"
SALARY = "values/base_salary.yaml"
GENERAL = "values/general.yaml"
OLD_PLACE = "places/bac-giang.yaml"
NEW_PLACE = "places/bac-ninh.yaml"
OLD_LAW = "directives/nd-1-2018.yaml"
NEW_LAW = "directives/nd-2-2025.yaml"


class World:
    """The small base in a folder of its own, with means to change it and to check it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> Path:
        """Write one file, folders included."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text that must be there."""
        text = self.read(name)
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new, 1))

    def full(self, text: str, name: str = LOST) -> None:
        """Give an answer another reply."""
        head, _, tail = self.read(name).partition("  full: |\n")
        rest = tail[tail.index("follow_ups:") :]
        block = "".join(f"    {line}".rstrip() + "\n" for line in text.splitlines())
        self.write(name, f"{head}  full: |\n{block}{rest}")

    def line(self, name: str, marker: str) -> int:
        """The line of the first occurrence of a text."""
        text = self.read(name)
        return text.count("\n", 0, text.index(marker)) + 1

    def check(self, today: date = TODAY, tests: Path | None = None) -> list[Problem]:
        return run_check(self.folder, today, tests)

    def errors(self, today: date = TODAY) -> list[str]:
        """Errors as printed, without the folder's name."""
        return self._printed("error", today, None)

    def due(self, today: date = TODAY, tests: Path | None = None) -> list[str]:
        """What is due, as printed, without the folder's name."""
        return self._printed("due", today, tests)

    def _printed(self, level: str, today: date, tests: Path | None) -> list[str]:
        found = self.check(today, tests)
        return [str(p).removeprefix("world/") for p in found if p.level == level]

    def snapshot(self) -> Snapshot:
        return load_or_raise(self.folder)

    def only(self, name: str, marker: str, said: str, today: date = TODAY) -> None:
        """Assert that there is one error, on the line of `marker`, and that it says `said`."""
        assert_only(self.errors(today), f"{name}:{self.line(name, marker)}: ", said)


def assert_only(printed: list[str], place: str, said: str) -> None:
    """Assert that one problem is printed, that it begins with `place` and says `said`."""
    assert len(printed) == 1, "\n".join(printed)
    assert printed[0].startswith(place), printed[0]
    assert said in printed[0], printed[0]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A valid small knowledge base under tmp_path/world."""
    return World(tmp_path / "world")


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[[str], World]:
    """Further bases beside it, by name."""
    return lambda name: World(tmp_path / name / "world")
