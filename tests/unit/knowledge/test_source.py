"""Faults of single files: YAML, schema, names. Each is told with its line and what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RECORD = "answers/campaign/chi-tieu.yaml"
SALARY = "values/base_salary.yaml"
GENERAL = "values/general.yaml"
OLD_PLACE = "places/bac-giang.yaml"
NEW_LAW = "directives/nd-2-2025.yaml"

FAULTS = {
    "tab": (LOST, "kind: howto", "\tkind: howto", "\tkind", "not valid YAML"),
    "colon": (LOST, "title: Mất", "title: a: b", "title", 'put the text in quotes: it holds ": "'),
    "quote": (RECORD, 'full: "Kế', "full: \"Kế\" 'x'", "full:", "quotes"),
    "item": (LOST, "  - rơi", "  rơi", "  - đánh", "check the indentation"),
    "twice": (LOST, "kind: howto", "kind: howto\nkind: rule", "kind: rule", '"kind" stands twice'),
    "anchor": (LOST, "title: Mất", "title: &t Mất", "title", "anchors and aliases"),
    "alias": (LOST, "title: Mất thẻ BHYT thì làm gì", "title: *t", "title", "anchors and aliases"),
    "documents": (LOST, "title: ", "---\ntitle: ", "---", "one document per file"),
    "list key": (LOST, "kind: howto", "? [a, b]\n: c", "? [a", "a key must be plain text"),
    "unknown field": (LOST, "follow_ups:", "followups:", "followups", 'did you mean "follow_ups"?'),
    "comma": (
        "audiences.yaml",
        'name: "học sinh, sinh viên"',
        "name: học sinh, sinh viên",
        "hssv",
        "in quotes: it holds a comma",
    ),
    "inner unknown field": (
        SALARY,
        "confidence: directive",
        "confidense: directive",
        "confidense",
        'did you mean "confidence"?',
    ),
    "missing field": (LOST, "topic: card_lost_or_wrong\n", "", "id:", '"topic" is missing'),
    "missing field explained": (
        SALARY,
        "    source: Nghị định 1\n",
        "",
        'value: "1800000"',
        '"source" is missing: short name of what was read',
    ),
    "choice": (LOST, "kind: howto", "kind: how", "kind", "write 'rule', 'record' or 'howto', not"),
    "enumeration": (
        SALARY,
        "confidence: directive",
        "confidence: directiv",
        "directiv\n",
        'did you mean "directive"?',
    ),
    "date": (LOST, "from: 2025-07-01", "from: 1/7/2025", "from:", "write a date as YYYY-MM-DD"),
    "impossible date": (LOST, "from: 2025-07-01", "from: 2025-13-01", "from:", "month"),
    "end": (
        SALARY,
        "effective_to: open",
        "effective_to: mở",
        "effective_to: mở",
        'write a date as YYYY-MM-DD, or "open", or "unknown"',
    ),
    "id": (SALARY, "directive: nd-1-2018", "directive: NĐ 1", "NĐ 1", "is not an id"),
    "list": (LOST, "follow_ups: [muc-dong]", "follow_ups: muc-dong", "follow_ups", "write a list"),
    "text": (LOST, "  - xin cấp", "  - xin: cấp", "xin: cấp", "write one text"),
    "object": (
        LOST,
        "review: {checked_on: 2026-11-01, review_by: 2027-06-01}",
        "review: 2027-06-01",
        "review",
        'write fields ("key: text")',
    ),
    "long title": (LOST, "title: Mất", "title: " + "Mất " * 15, "title", "longer than 60"),
    "row order": (
        SALARY,
        "effective_to: 2025-06-30",
        "effective_to: 2022-06-30",
        "effective_to: 2022",
        "effective_to lies before effective_from",
    ),
    "unknown end": (
        SALARY,
        "effective_to: open",
        "effective_to: unknown",
        "effective_to: unknown",
        "needs confirmed_until",
    ),
    "empty row": (SALARY, '"1800000"', '""', 'value: ""', "a row needs a value"),
    "number": (SALARY, '"1800000"', "1.800.000", "1.800.000", "whole number with digits only"),
    "float": (GENERAL, '"4,5%"', "0.045", "0.045", 'write a share as "4,5%" or "9/200"'),
    "support": (OLD_PLACE, "value: 20%", "value: 20", "value: 20", "write a share"),
    "file name": (NEW_LAW, "id: nd-2-2025", "id: nd-2-2026", "id:", 'write "id: nd-2-2025"'),
    "topic folder": (LOST, "card_lost_or_wrong", "hssv_rate", "topic", "answers/hssv_rate/"),
    "placeholder": (LOST, "title: Mất", "title: TODO", "title", "stands as TODO (title)"),
    "placeholder inside": (LOST, '"Cấp lại thẻ"', "TODO", "TODO", "TODO (reply.full)"),
    "placeholder date": (LOST, "from: 2025-07-01", "from: TODO", "from:", "fill in"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_line(world: World, fault: str) -> None:
    name, old, new, marker, said = FAULTS[fault]
    world.replace(name, old, new)
    place = f"{name}:{world.line(name, marker)}: "
    told = [line for line in world.errors() if line.startswith(place) and said in line]
    assert len(told) == 1, "\n".join(world.errors())


def test_one_broken_file_brings_no_other_problem(world: World) -> None:
    world.replace(LOST, "kind: howto", "kind: how")
    world.replace(SALARY, "    source: Nghị định 1\n", "")
    world.replace(NEW_LAW, "kind: Nghị định\n", "")
    assert len(world.errors()) == 3


def test_a_file_that_is_not_utf8(world: World) -> None:
    (world.folder / LOST).write_bytes("id: mat-the\ntitle: Mất".encode("utf-16-le"))
    (world.folder / RECORD).write_bytes(b"id: chi-tieu\ntitle: \xff\n")
    said = [line for line in world.errors() if "muc-dong" not in line]
    assert any(line.startswith(f"{LOST}:2: this line is not UTF-8") for line in said)
    assert any(line.startswith(f"{RECORD}:2: this line is not UTF-8") for line in said)


def test_a_byte_order_mark_is_no_fault(world: World) -> None:
    world.write(LOST, "\ufeff" + world.read(LOST))
    assert world.errors() == []


def test_an_empty_file(world: World) -> None:
    world.write(LOST, "")
    assert any(line.startswith(f"{LOST}:1: this file: write fields") for line in world.errors())


def test_files_that_belong_nowhere(world: World) -> None:
    world.write("notes/plan.yaml", "a: b\n")
    world.write("answers/lost.yaml", "a: b\n")
    world.write("values/more.yml", "a: b\n")
    said = world.errors()
    assert said[0].startswith("answers/lost.yaml:1: this folder holds no knowledge")
    assert said[1].startswith("notes/plan.yaml:1: this folder holds no knowledge")
    assert said[2] == 'values/more.yml:1: end the file name in ".yaml"'


def test_an_id_taken_twice(world: World) -> None:
    world.write(
        "values/salary.yaml", "- " + world.read(SALARY).replace("\n", "\n  ").rstrip() + "\n"
    )
    assert world.errors() == [
        f'values/salary.yaml:1: "base_salary" is already taken by world/{SALARY}:1'
    ]


def test_a_vocabulary_that_is_no_mapping(world: World) -> None:
    world.write("topics.yaml", "- hssv_rate\n")
    assert 'topics.yaml:1: write "id: {name: ...}", one per line' in world.errors()


def test_scalars_stay_text(world: World) -> None:
    world.write("lexicon/numbers.yaml", "half: 0.5\nyes: no\nday: 2026-01-01\nnone: ~\n")
    assert world.snapshot().lexicon["numbers"] == {
        "half": "0.5",
        "yes": "no",
        "day": "2026-01-01",
        "none": "~",
    }
