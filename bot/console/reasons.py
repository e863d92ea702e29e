"""Why an answer is what it is: candidates with evidence and vetoes, and the figures behind it.

Pure. Reads the same decision and the same applied answer as the bot; adds only names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot import figures
from bot.console.lookup import Found, Told, topic_name
from bot.console.timeline import Chart, chart
from bot.match import MatchSettings
from bot.models import Candidate, Outcome, Question
from knowledge.schema import Confidence, Row, Unit
from knowledge.snapshot import Snapshot, last_day, row_id

#: Evidence worth a column, in words; the rest is for those who fit the numbers.
EVIDENCE = {
    "trained": "Bộ phân loại",
    "cosine": "Giống chữ",
    "covers_question": "Phủ câu hỏi",
    "token_set": "Từ chung",
    "audience": "Đối tượng",
    "verbs": "Việc hỏi",
}
OUTCOMES = {
    Outcome.ANSWERED: "Trả lời ngay",
    Outcome.ASKED_BACK: "Hỏi lại người dân",
    Outcome.NOT_KNOWN: "Chưa biết, đưa vào danh sách chờ",
}
CONFIDENCE = {
    Confidence.DIRECTIVE: "văn bản gốc trong bộ",
    Confidence.OFFICIAL_TEXT: "đã đọc văn bản chính thức",
    Confidence.VERIFIED: "hai nguồn khớp nhau",
    Confidence.SINGLE_SOURCE: "một nguồn",
}
_PRODUCTS = {"bhyt": "BHYT", "bhxh": "BHXH", "bhtn": "BHTN"}


@dataclass(frozen=True, slots=True)
class Line:
    """One candidate."""

    answer_id: str
    title: str
    topic: str
    phrasing: str
    score: float
    vetoes: tuple[str, ...]
    #: Numbers under the headings of `EVIDENCE`.
    evidence: tuple[float, ...]
    #: The one whose text stands on the page.
    shown: bool


@dataclass(frozen=True, slots=True)
class UsedRow:
    """A dated row behind the text."""

    id: str
    figure: str
    audience: str
    since: str
    until: str
    directive: str
    locator: str
    confidence: str
    source: str
    note: str
    used: bool
    announced: bool


@dataclass(frozen=True, slots=True)
class UsedValue:
    """A value or a place's support, with every row of it and a chart where one tells more."""

    id: str
    name: str
    now: tuple[UsedRow, ...]
    rows: tuple[UsedRow, ...]
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class Understood:
    """One thing that was read from the words."""

    name: str
    value: str


def understood(snapshot: Snapshot, question: Question) -> list[Understood]:
    """What was read from the words, in reading order; nothing that is empty."""
    slots = question.slots
    audiences = sorted(question.audiences) or slots.group.split()
    place = snapshot.places.get(slots.place)
    found = {
        "Đọc thành": question.accented,
        "Từ để so": " · ".join(question.tokens),
        "Đối tượng": ", ".join(snapshot.audiences[a].name for a in audiences),
        "Nơi": place.name if place else "",
        "Thời gian": figures.period(slots.period) if slots.period else "",
        "Số tháng": str(slots.months or ""),
        "Số người": str(slots.members or ""),
        "Lớp": str(slots.grade or ""),
        "Tuổi": str(slots.age or ""),
        "Loại bảo hiểm": ", ".join(_PRODUCTS.get(p, p) for p in sorted(question.products)),
        "Số hiệu": ", ".join(sorted(question.numbers)),
        "Phủ định": "có" if question.negated else "",
        "Gõ không dấu": "có" if question.unaccented else "",
        "Đã che": ", ".join(sorted(question.redacted)),
    }
    return [Understood(name, value) for name, value in found.items() if value]


def lines(snapshot: Snapshot, found: Found, shown: str) -> list[Line]:
    """Every candidate, best first, the forbidden ones after the others."""
    candidates = found.decision.candidates if found.decision else ()
    return [_line(snapshot, candidate, shown) for candidate in candidates]


def verdict(found: Found, settings: MatchSettings) -> str:
    """The decision in one sentence, with the thresholds it was held against."""
    if found.decision is None:
        return ""
    likely = _percent(found.decision.score)
    bars = f"trả lời từ {_percent(settings.answer_threshold)}, hỏi lại từ "
    bars += _percent(settings.ask_threshold)
    sentence = f"Khả năng câu đầu là đúng: {likely} ({bars})."
    if found.decision.outcome is Outcome.ASKED_BACK and (
        found.decision.score >= settings.answer_threshold
    ):
        sentence += " Hai câu đầu sát nhau nên vẫn hỏi lại."
    return sentence


def values(snapshot: Snapshot, told: Told) -> list[UsedValue]:
    """The values and place rows behind the text, each with its whole history."""
    used = frozenset(told.answer.used)
    found = []
    for id_, name, unit, audience, rows in _histories(snapshot, told.answer.used):
        all_rows = tuple(_row(snapshot, id_, row, unit, used) for row in rows)
        days = frozenset(row.effective_from for row in rows if row_id(id_, row) in used)
        label = snapshot.audiences[audience].name if audience in snapshot.audiences else ""
        found.append(
            UsedValue(
                id=f"{id_}-{audience}" if audience else id_,
                name=f"{name} ({label})" if label else name,
                now=tuple(row for row in all_rows if row.used),
                rows=tuple(reversed(all_rows)),
                chart=chart(rows, unit, days, told.asked.today),
            )
        )
    return found


def _histories(
    snapshot: Snapshot, used: Sequence[str]
) -> Iterator[tuple[str, str, Unit, str, list[Row]]]:
    """Every value or place among the row ids with its rows of the same audience, once."""
    seen = set()
    for one in used:
        owner, _, rest = one.partition("/")
        group = rest.partition("/")[0]
        audience = "" if group == "all" else group
        if (owner, audience) in seen:
            continue
        seen.add((owner, audience))
        value, place = snapshot.values.get(owner), snapshot.places.get(owner)
        everything: Sequence[Row] = value.rows if value else place.support if place else ()
        rows = sorted((r for r in everything if r.audience == audience), key=lambda r: r.starts)
        if value:
            yield owner, value.name, value.unit, audience, rows
        elif place:
            yield owner, f"hỗ trợ thêm của {place.name}", Unit.SHARE, audience, rows


def _row(snapshot: Snapshot, owner: str, row: Row, unit: Unit, used: frozenset[str]) -> UsedRow:
    end = last_day(row)
    directive = snapshot.directives[row.citation.directive]
    audience = snapshot.audiences.get(row.audience)
    until = "chưa có hạn" if end is None else figures.day(end)
    if row.effective_to == "unknown" and end:
        until = f"xác nhận đến {figures.day(end)}"
    known = row.known == "yes"
    return UsedRow(
        id=row_id(owner, row),
        figure=figures.from_row(row, unit) if known else "chưa có số được xác nhận",
        audience=audience.name if audience else "",
        since=figures.day(row.starts),
        until=until,
        directive=directive.short_name,
        locator=row.citation.locator,
        confidence=CONFIDENCE[row.confidence],
        source=row.source,
        note=row.note,
        used=row_id(owner, row) in used,
        announced=row.standing == "announced",
    )


def _line(snapshot: Snapshot, candidate: Candidate, shown: str) -> Line:
    file = snapshot.answers[candidate.answer_id].file
    return Line(
        answer_id=candidate.answer_id,
        title=file.title,
        topic=topic_name(snapshot, file.topic),
        phrasing=candidate.phrasing,
        score=candidate.score,
        vetoes=candidate.vetoes,
        evidence=tuple(candidate.evidence.get(name, 0.0) for name in EVIDENCE),
        shown=candidate.answer_id == shown,
    )


def _percent(share: float) -> str:
    return f"{share * 100:.1f}".rstrip("0").rstrip(".").replace(".", ",") + "%"
