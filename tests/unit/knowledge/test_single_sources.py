"""A figure that only one source gives is never told without that source."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.answer import Asked, apply
from knowledge.loader import load_or_raise
from knowledge.schema import Confidence, Row
from knowledge.snapshot import Snapshot, row_id

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

SALARY = "values/base_salary.yaml"
TODAY = date(2026, 11, 22)
DAYS = (date(2018, 12, 1), date(2023, 11, 15), date(2025, 7, 1), TODAY)


@pytest.fixture(scope="module")
def shipped() -> Snapshot:
    return load_or_raise()


def single_rows(snapshot: Snapshot) -> dict[str, Row]:
    owners = [*((v.id, v.rows) for v in snapshot.values.values())]
    owners += [(p.id, p.support) for p in snapshot.places.values()]
    return {
        row_id(owner, row): row
        for owner, rows in owners
        for row in rows
        if row.confidence is Confidence.SINGLE_SOURCE
    }


def test_the_reply_names_the_source(world: World) -> None:
    world.replace(
        SALARY,
        "confidence: directive\n    source: Nghị định 2",
        "confidence: single_source\n    source: báo Ví Dụ ngày 01/07/2025",
    )
    told = apply(world.snapshot(), "muc-dong", Asked(today=TODAY))
    assert "base_salary/all/2025-07-01" in told.used
    assert "báo Ví Dụ ngày 01/07/2025" in told.text


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_shipped_reply_names_its_single_sources(shipped: Snapshot, day: date) -> None:
    single = single_rows(shipped)
    met = 0
    for answer_id in shipped.answers:
        told = apply(shipped, answer_id, Asked(today=day))
        for used in told.used:
            if used in single:
                met += 1
                assert single[used].source in told.text, (answer_id, used)
    # The base salary of 2018 stands on one source, so at least that day has some.
    assert met or day != DAYS[0]
