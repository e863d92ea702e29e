"""For whom a place's support was counted: the tie to the place and the condition of the row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_APPLIES = {
    "school": "áp dụng với người học tại trường trên địa bàn",
    "residence": "áp dụng với người cư trú trên địa bàn",
    "school_and_residence": "áp dụng với người vừa cư trú, vừa học trên địa bàn",
}


@dataclass(frozen=True, slots=True)
class Tie:
    """What was taken for granted about one row of support."""

    #: Who gives it and to which group, in words: "tỉnh Cà Mau", "hộ cận nghèo".
    giver: str
    group: str
    basis: Literal["school", "residence", "school_and_residence", "unstated"]
    #: True for pupils and students, whose tie may be the school.
    learners: bool
    #: Who exactly the row is for, "" when for the whole group.
    condition: str = ""
    #: True when the condition names the place, so that it is the tie itself.
    condition_names_place: bool = False

    @property
    def applies(self) -> str:
        """The tie in words, to follow "phần … hỗ trợ thêm cho …"."""
        if self.basis == "unstated":
            between = "nơi học hay nơi cư trú" if self.learners else "hộ khẩu hay nơi ở"
            return f"chưa rõ xét theo {between}"
        return _APPLIES[self.basis]


def tie_sentences(ties: Iterable[Tie], text: str = "") -> list[str]:
    """One sentence for each giver's ties, and one for the conditions.

    `text` is what the reply says anyway: a condition that stands there is not repeated.
    """
    once = list(dict.fromkeys(ties))
    lines: list[str] = []
    for giver in dict.fromkeys(tie.giver for tie in once):
        own = [tie for tie in once if tie.giver == giver and not tie.condition_names_place]
        clauses = [
            f"{_groups(tie for tie in own if tie.applies == applies)} {applies}"
            for applies in dict.fromkeys(tie.applies for tie in own)
        ]
        if clauses:
            ask = ""
            if any(tie.basis == "unstated" for tie in own):
                ask = f"{'; ' if len(clauses) > 1 else ', '}anh/chị nên hỏi lại cơ quan BHXH"
            lines.append(f"Phần {giver} hỗ trợ thêm cho {'; phần cho '.join(clauses)}{ask}.")
    conditions = dict.fromkeys(tie.condition for tie in once if tie.condition)
    cases = [
        f"cho {_groups(tie for tie in once if tie.condition == condition)} tính với trường hợp "
        f"{condition}"
        for condition in conditions
        if condition not in text
    ]
    if cases:
        lines.append(f"Mức {'; mức '.join(cases)}.")
    return lines


def _groups(ties: Iterable[Tie]) -> str:
    """The groups of some ties in words: "hộ cận nghèo và hộ gia đình"."""
    return " và ".join(dict.fromkeys(tie.group for tie in ties))
