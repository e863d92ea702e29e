"""Counts of a week -> the weekly report, with names and titles in words. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from bot import figures
from bot.clusters import clusters
from bot.models import DeliveryState, Outcome
from bot.normalize import fold
from bot.report_model import Chart, Headline, Report, Row, Section, Span, percent
from bot.store.values import LOCAL
from bot.store.weekly import Counted
from knowledge.snapshot import Snapshot

#: Lines of the two lists that would otherwise be as long as the knowledge.
TOP = 15
#: Outcomes of which the event was a question to the desk.
QUESTIONS = (
    Outcome.ANSWERED,
    Outcome.ASKED_BACK,
    Outcome.NOT_KNOWN,
    Outcome.REFUSED_PERSONAL,
    Outcome.HANDED_OVER,
)
OUTCOMES = {
    Outcome.ANSWERED: "Đã trả lời",
    Outcome.ASKED_BACK: "Đã hỏi lại cho rõ",
    Outcome.NOT_KNOWN: "Chưa có câu trả lời",
    Outcome.HANDED_OVER: "Xin gặp cán bộ",
    Outcome.REFUSED_PERSONAL: "Hỏi hồ sơ riêng, đã hướng dẫn nơi hỏi",
    Outcome.CHITCHAT: "Chào hỏi, menu, góp ý",
    Outcome.IGNORED: "Không trả lời (cán bộ đang giữ, nhắn quá nhanh)",
    "": "Đang chờ trả lời",
}
CHANNELS = {"zalo": "Zalo", "messenger": "Messenger"}
STATES = {
    DeliveryState.ACCEPTED: "Kênh đã nhận",
    DeliveryState.PENDING: "Đang gửi",
    DeliveryState.UNKNOWN: "Không rõ đã đến chưa",
    DeliveryState.DROPPED: "Không gửi nữa (quá hạn, rút lại)",
    DeliveryState.DEAD: "Kênh từ chối",
}
NO_PLACE = "Chung cả nước, hoặc chưa rõ nơi"
_SIGNS = re.compile(r"[^\w\s]+")
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


def report(counted: Counted, span: Span, snapshot: Snapshot, now: datetime) -> Report:
    """The report of some counts; titles and names are those of the snapshot."""
    outcomes: Counter[str] = Counter()
    for cell in counted.cells:
        outcomes[cell.outcome] += cell.n
    return Report(
        span=span,
        running=now < span.end,
        made_at=now.astimezone(LOCAL),
        headlines=_headlines(outcomes, Counter(dict(counted.before)), counted),
        sections=(
            _by_outcome(outcomes, Counter(dict(counted.before))),
            _by_channel(counted),
            _by_topic(counted, snapshot),
            _by_place(counted, snapshot),
            *_by_time(counted, span),
            _given(counted, snapshot),
            _useful(counted, snapshot),
            _unanswered(counted, span),
            _deliveries(counted),
        ),
    )


# -- sections -------------------------------------------------------------------------------
def _headlines(now: Counter[str], before: Counter[str], counted: Counted) -> tuple[Headline, ...]:
    good = sum(one.good for one in counted.verdicts)
    bad = sum(one.bad for one in counted.verdicts)

    def line(label: str, of: Callable[[Counter[str]], str]) -> Headline:
        return Headline(label, of(now), of(before))

    return (
        line("tin nhận được", lambda o: figures.number(o.total())),
        line("câu hỏi", lambda o: figures.number(_asked(o))),
        line("câu hỏi được trả lời", lambda o: percent(o[Outcome.ANSWERED], _asked(o))),
        line("chưa có câu trả lời", lambda o: figures.number(o[Outcome.NOT_KNOWN])),
        line("xin gặp cán bộ", lambda o: figures.number(o[Outcome.HANDED_OVER])),
        Headline("góp ý nói là hữu ích", percent(good, good + bad), ""),
    )


def _by_outcome(now: Counter[str], before: Counter[str]) -> Section:
    rows = [Row(words, (now[name], before[name])) for name, words in OUTCOMES.items()]
    return Section(
        "outcome",
        "Theo kết quả",
        "Kết quả",
        ("Tin", "Kỳ trước"),
        tuple(row for row in rows if any(row.values)),
    )


def _by_channel(counted: Counted) -> Section:
    found: dict[str, Counter[str]] = {}
    for cell in counted.cells:
        found.setdefault(cell.channel, Counter())[cell.outcome] += cell.n
    rows = [
        Row(
            CHANNELS.get(channel, channel),
            (o.total(), _asked(o), o[Outcome.ANSWERED], o[Outcome.NOT_KNOWN]),
        )
        for channel, o in found.items()
    ]
    measures = ("Tin", "Câu hỏi", "Đã trả lời", "Chưa có câu trả lời")
    return Section("channel", "Theo kênh", "Kênh", measures, _most_first(rows))


def _by_topic(counted: Counted, snapshot: Snapshot) -> Section:
    topics = snapshot.topics
    found: Counter[str] = Counter()
    for cell in counted.cells:
        if cell.topic:
            found[topics[cell.topic].name if cell.topic in topics else cell.topic] += cell.n
    return Section(
        "topic",
        "Theo chủ đề",
        "Chủ đề",
        ("Lượt trả lời",),
        _most_first(Row(name, (n,)) for name, n in found.items()),
        note="Chủ đề của câu trả lời đã gửi; câu chưa trả lời được chưa có chủ đề.",
    )


def _by_place(counted: Counted, snapshot: Snapshot) -> Section:
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for cell in counted.cells:
        if cell.outcome in QUESTIONS:
            known = snapshot.places.get(cell.place)
            name = known.name if known else cell.place or NO_PLACE
            asked[name] += cell.n
            if cell.outcome == Outcome.ANSWERED:
                answered[name] += cell.n
    rows = (Row(place, (n, answered[place])) for place, n in asked.items())
    return Section(
        "place",
        "Theo tỉnh, thành phố",
        "Nơi",
        ("Câu hỏi", "Đã trả lời"),
        _most_first(rows),
        note="Nơi mà câu trả lời áp dụng hoặc câu hỏi nhắc đến; nếu không nói, là nơi của tài "
        "khoản đã nhận tin.",
    )


def _by_time(counted: Counted, span: Span) -> tuple[Section, Section]:
    hours: Counter[int] = Counter()
    days: Counter[date] = Counter()
    for since_1970, n in counted.hours:
        # The store has shifted them: read as UTC they are hours and days of Việt Nam.
        moment = datetime.fromtimestamp(since_1970 * 3600, UTC)
        hours[moment.hour] += n
        days[moment.date()] += n
    last = (span.end - timedelta(microseconds=1)).date()
    listed = [span.first.date() + timedelta(n) for n in range((last - span.first.date()).days + 1)]
    named = (Row(f"{_WEEKDAYS[d.weekday()]} {figures.day(d)}", (days[d],)) for d in listed)
    by_hour = (Row(f"{hour:02d}:00", (hours[hour],)) for hour in range(24))
    return (
        Section("day", "Theo ngày", "Ngày", ("Tin",), tuple(named)),
        Section("hour", "Theo giờ trong ngày", "Giờ", ("Tin",), tuple(by_hour), Chart.COLUMNS),
    )


def _given(counted: Counted, snapshot: Snapshot) -> Section:
    rows = tuple(Row(_title(snapshot, id_), (n,)) for id_, n in counted.answers[:TOP])
    return Section("answers", f"{TOP} câu trả lời dùng nhiều nhất", "Câu trả lời", ("Lượt",), rows)


def _useful(counted: Counted, snapshot: Snapshot) -> Section:
    rows = tuple(
        Row(_title(snapshot, one.answer_id), (one.good, one.bad, one.off, one.short, one.unclear))
        for one in counted.verdicts
    )
    return Section(
        "useful",
        "Câu trả lời có hữu ích không",
        "Câu trả lời",
        ("Hữu ích", "Chưa hữu ích", "Sai ý", "Chưa đủ", "Khó hiểu"),
        rows,
        Chart.SPLIT,
        note="Người dân tự bấm góp ý; câu bị chê nhiều nhất đứng trước.",
        empty="Chưa có góp ý nào trong kỳ này.",
    )


def _unanswered(counted: Counted, span: Span) -> Section:
    groups = clusters(counted.not_known, span.end, _compared)
    ranked = sorted(groups, key=lambda one: (-one.count, one.text))[:TOP]
    return Section(
        "unanswered",
        "Câu hỏi chưa có câu trả lời",
        "Câu hỏi (đã che thông tin cá nhân)",
        ("Lượt",),
        tuple(Row(one.text, (one.count,)) for one in ranked),
        note=f"Câu gần giống nhau được gộp lại; {TOP} nhóm nhiều nhất.",
        empty="Câu hỏi nào trong kỳ cũng đã có câu trả lời.",
    )


def _deliveries(counted: Counted) -> Section:
    found = Counter(dict(counted.deliveries))
    rows = tuple(Row(words, (found[state],)) for state, words in STATES.items() if found[state])
    return Section("delivery", "Việc gửi tin trả lời", "Tình trạng", ("Phần tin",), rows)


# -- pieces ---------------------------------------------------------------------------------
def _asked(outcomes: Counter[str]) -> int:
    return sum(outcomes[name] for name in QUESTIONS)


def _most_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.values[0], row.label)))


def _title(snapshot: Snapshot, answer_id: str) -> str:
    stored = snapshot.answers.get(answer_id)
    return stored.file.title if stored else answer_id


def _compared(text: str) -> str:
    return " ".join(_SIGNS.sub(" ", fold(text)).split())
