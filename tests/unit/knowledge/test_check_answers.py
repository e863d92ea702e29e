"""Answers by themselves and among each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
RECORD = "answers/campaign/chi-tieu.yaml"


def test_a_title_with_a_figure(world: World) -> None:
    world.replace(LOST, "title: Mất thẻ", "title: Mất 2 thẻ")
    world.only(LOST, "title", "title: no figures")


def test_too_few_phrasings(world: World) -> None:
    world.replace(LOST, "  - xin cấp lại thẻ bhyt\n", "")
    world.only(LOST, "phrasings:", "phrasings: 9 different ones; write at least 10")


def test_a_repeated_phrasing_counts_once(world: World) -> None:
    world.replace(LOST, "xin cấp lại thẻ bhyt", "Mất thẻ  BHYT thì làm sao")
    world.only(LOST, "phrasings:", "9 different ones")


def test_one_phrasing_in_two_answers(world: World) -> None:
    world.replace(RATE, "phí bảo hiểm y tế học sinh", "Xin cap  lai the BHYT")
    line = world.line(LOST, "xin cấp lại")
    world.only(
        RATE,
        "Xin cap",
        f'"Xin cap  lai the BHYT" already leads to "mat-the" (world/{LOST}:{line})',
    )


def test_a_phrasing_among_the_negative_ones(world: World) -> None:
    world.replace(LOST, "  - mất sổ bảo hiểm xã hội", "  - Xin cap lai the bhyt")
    world.only(LOST, "  - Xin cap", f"in line {world.line(LOST, 'xin cấp lại')}")


def test_an_empty_phrasing(world: World) -> None:
    world.replace(LOST, "negative_phrasings:", '  - ""\nnegative_phrasings:')
    world.only(LOST, '  - ""', "this one is empty")


def test_a_record_without_facts(world: World) -> None:
    world.replace(RECORD, "{{ f('muc_tieu') }}", "cao")
    world.only(RECORD, "reply:", "a record states facts of its document")


def test_a_record_for_citizens_needs_todays_answer(world: World) -> None:
    world.replace(RECORD, "visibility: staff", "visibility: citizen")
    said = [line for line in world.errors() if line.startswith(RECORD)]
    assert len(said) == 1
    assert 'a record needs "today"' in said[0]


def test_todays_answer_is_no_record(world: World) -> None:
    world.replace(RECORD, "visibility: staff", "visibility: staff\ntoday: chi-tieu")
    world.only(RECORD, "today:", '"chi-tieu" is a record itself')


def test_todays_answer_for_citizens_is_not_for_staff(world: World) -> None:
    world.replace(LOST, "kind: howto", "kind: howto\ntoday: muc-dong")
    world.replace(RATE, "kind: rule", "kind: rule\nvisibility: staff")
    said = world.errors()
    assert len(said) == 2
    assert said[0].endswith('today: "muc-dong" is for staff only')
    assert said[1].startswith(f"{LOST}:{world.line(LOST, 'follow_ups')}: ")


def test_a_staff_answer_is_not_offered_to_citizens(world: World) -> None:
    world.replace(LOST, "[muc-dong]", "[chi-tieu]")
    world.only(LOST, "follow_ups", '"chi-tieu" is for staff only')


def test_an_answer_does_not_follow_itself(world: World) -> None:
    world.replace(LOST, "[muc-dong]", "[mat-the]")
    world.only(LOST, "follow_ups", "cannot follow itself")


def test_a_single_source_answer_names_its_source(world: World) -> None:
    world.replace(LOST, "kind: howto", "kind: howto\nconfidence: single_source")
    said = [line for line in world.errors() if line.startswith(LOST)]
    assert len(said) == 1
    assert "a single-source answer needs its source named" in said[0]


def test_a_rule_without_citation(world: World) -> None:
    world.replace(RATE, "citations:\n  - {directive: nd-2-2025, locator: Điều 6}", "citations: []")
    said = [line for line in world.errors() if line.startswith(RATE)]
    assert len(said) == 1
    assert "a rule needs at least one citation" in said[0]


def test_an_unconfirmed_end(world: World) -> None:
    world.replace(
        LOST, "effective_from: 2025-07-01", "effective_from: 2025-07-01\neffective_to: unknown"
    )
    world.only(LOST, "effective_to", "needs confirmed_until")
