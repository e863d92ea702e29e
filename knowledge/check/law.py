"""Which directive holds when: ends, successors, and answers that cite what no longer holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.problems import Level, Problem
from knowledge.schema import AnswerFile
from knowledge.source import Base


@dataclass
class Law:
    """The directives with what the supersession graph says about them."""

    base: Base

    def __post_init__(self) -> None:
        #: directive -> (successor, first day of the successor), full supersessions only.
        self.successors: dict[str, list[tuple[str, date]]] = {}
        for id_, item in self.base.directives.items():
            for link in item.model.supersedes:
                if not link.part:
                    self.successors.setdefault(link.directive, []).append((id_, link.since))

    def last_day(self, id_: str) -> date | None:
        """The last day a directive is in force, None while no end is known."""
        end = self.base.directives[id_].model.effective_to
        ends = [end] if isinstance(end, date) else []
        ends += [since - timedelta(days=1) for _, since in self.successors.get(id_, [])]
        return min(ends, default=None)

    def in_force(self, id_: str, on: date) -> bool:
        """True when the directive's dates and successors leave it in force on that day."""
        first = self.base.directives[id_].model.effective_from
        end = self.last_day(id_)
        return (first is None or first <= on) and (end is None or on <= end)

    def heirs(self, id_: str) -> set[str]:
        """The directives that took its place, and those that took theirs."""
        found: set[str] = set()
        queue = [id_]
        while queue:
            for successor, _ in self.successors.get(queue.pop(), []):
                if successor not in found:
                    found.add(successor)
                    queue.append(successor)
        return found


def check_citations(base: Base, law: Law) -> Iterator[Problem]:
    """Citations of directives that never held within the answer's own dates."""
    for answer in base.answers.values():
        model = answer.model
        if model.kind == "record":
            continue
        until = answer_end(model)
        for index, citation in enumerate(model.citations):
            directive = base.directives.get(citation.directive)
            if directive is None:
                continue
            begins, ends = directive.model.effective_from, law.last_day(directive.id)
            if ends and ends < model.effective_from:
                text = f"ended on {ends}, before this answer begins"
            elif begins and until and begins > until:
                text = f"begins on {begins}, after this answer ends"
            else:
                continue
            yield answer.problem(
                f'"{directive.id}" {text}; cite what holds in the answer\'s own dates, or name '
                "history inside the text with cite()",
                "citations",
                index,
            )


def check_superseded(base: Base, law: Law, today: date) -> Iterator[Problem]:
    """Answers in use today that rest on a directive which no longer holds today.

    An error for a `rule`, which would state dead law as living; to be looked at for a `howto`.
    """
    for answer in base.answers.values():
        model = answer.model
        end = answer_end(model)
        over = model.effective_from > today or (end is not None and end < today)
        if model.kind == "record" or over:
            continue
        cited = [c.directive for c in model.citations if c.directive in base.directives]
        living = {id_ for id_ in cited if law.in_force(id_, today)}
        for index, citation in enumerate(model.citations):
            text = _dead(base, law, citation.directive, living, today)
            if text:
                level: Level = "error" if model.kind == "rule" else "due"
                yield answer.problem(text, "citations", index, level=level)


def _dead(base: Base, law: Law, id_: str, living: set[str], today: date) -> str:
    if id_ not in base.directives:
        return ""
    end = law.last_day(id_)
    if end is None or end >= today:
        return ""
    heirs = law.heirs(id_)
    if living & heirs or (not heirs and living):
        return ""
    if not heirs:
        return f'"{id_}" ended on {end} and nothing in force is cited; end this answer on that day'
    names = " or ".join(f'"{heir}"' for heir in sorted(heirs))
    return f'"{id_}" was superseded in full and ended on {end}; cite {names} as well'


def answer_end(model: AnswerFile) -> date | None:
    """The last day an answer may be stated, None when it has no end."""
    if model.effective_to == "open":
        return None
    return model.confirmed_until if model.effective_to == "unknown" else model.effective_to
