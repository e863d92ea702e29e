"""`bot check`: everything that is wrong or due in a knowledge base, all at once.

Errors keep it from being loaded. They do not depend on the day, with one exception that
`run_check` adds: a rule that cites dead law. So a service that started yesterday starts today.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from knowledge.check.answers import check_answers
from knowledge.check.due import check_due
from knowledge.check.law import Law, check_citations, check_superseded
from knowledge.check.references import check_references
from knowledge.check.rows import check_rows
from knowledge.check.templates import Used, check_templates
from knowledge.problems import Problem
from knowledge.source import Base, read_base


def check(base: Base, today: date | None = None, tests: Path | None = None) -> list[Problem]:
    """All problems of a base that was read, sorted by file and line.

    Args:
        base: what `read_base` returned; its own problems are included.
        today: the day for everything that depends on one: dead law and what is due. With None
            only the errors that hold on every day are looked for.
        tests: the folder of the test questions, `tests/knowledge`; None when there is none.
    """
    found = list(base.problems)
    used: dict[str, Used] = {}
    for answer in base.answers.values():
        problems, used[answer.id] = check_templates(base, answer)
        found += problems
    law = Law(base)
    found += check_references(base)
    found += check_rows(base)
    found += check_answers(base, used)
    found += check_citations(base, law)
    if base.answers and not base.has("values", "hotline"):
        text = 'the value "hotline" is missing: every reply that knows no answer names it'
        found.append(Problem(f"{base.root}/values", 1, text))
    if today is not None:
        found += check_superseded(base, law, today)
        found += check_due(base, used, today, tests)
    return sorted(found)


def run_check(folder: Path, today: date, tests: Path | None = None) -> list[Problem]:
    """Read a knowledge folder and check it as of a day. Never raises for faults in the files."""
    return check(read_base(folder), today, tests)
