"""Minimal pairs: questions that differ in one small thing and must be answered differently.

`templates.yaml` is a list of families:

- family: tháng đóng                      # what differs
  kind: number                            # number, year, negation, audience, product, verb, place
  frames:                                 # ways of asking; {x} is what differs
    - bhyt học sinh đóng {x} hết bao nhiêu
  values:                                 # each with what a right answer is
    - {x: 6 tháng, topics: [hssv_rate], amounts: [341550]}
    - {x: 9 tháng, topics: [hssv_rate], amounts: [512325]}

A value may hold `topics` (one of them must be the answer's, or accept it), `amounts` (all must
occur), `not_amounts` (none may), `as_of`, `province`. Asking back or not knowing is never wrong
here: a pair measures mistakes. Every value is asked in every frame, plain and as typed in a hurry
(without diacritics; with a greeting); two questions of one frame make a pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from bot.normalize import fold

FILE = Path(__file__).parent / "templates.yaml"


@dataclass(frozen=True)
class Asked:
    """One question of the set and what a right answer to it is."""

    family: str
    kind: str
    frame: str
    text: str
    wanted: Mapping[str, Any]


def questions() -> Iterator[Asked]:
    """Every question of every family, each in three spellings."""
    for family in yaml.safe_load(FILE.read_text("utf-8")):
        for frame in family["frames"]:
            for value in family["values"]:
                plain = str(frame).replace("{x}", str(value["x"]))
                for manner, text in (
                    ("plain", plain),
                    ("bare", fold(plain)),
                    ("greeted", f"Chào ad, cho em hỏi {plain} ạ"),
                ):
                    name = f"{frame} / {manner}"
                    yield Asked(family["family"], family["kind"], name, text, value)


def pairs(asked: list[Asked]) -> list[tuple[Asked, Asked]]:
    """Every two questions that differ in nothing but the value."""
    frames: dict[tuple[str, str], list[Asked]] = {}
    for one in asked:
        frames.setdefault((one.family, one.frame), []).append(one)
    return [pair for held in frames.values() for pair in combinations(held, 2)]
