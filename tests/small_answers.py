"""A small answer desk in memory: real figures of `tests.small_rates`, a dozen made-up answers.

The word lists, topics and audiences are the shipped ones; answers, values and places are not,
so that no change of the knowledge base moves these tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue import Circumstances, Desk, Said
from bot.match import MatchSettings
from bot.models import Conversation, EventKind, Reply
from knowledge.schema import AnswerFile, Audience, Directive, Place, Topic, Value
from knowledge.snapshot import Snapshot, StoredAnswer
from tests import small_rates
from tests.small_rates import row, value

KNOWLEDGE = Path(__file__).parents[1] / "knowledge"
#: A Sunday noon in Việt Nam.
NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
LAW = ({"directive": "nd-188-2025", "locator": "Điều 6"},)


def strings(path: Path) -> Any:
    """A YAML file with every scalar as a string, as the knowledge loader reads it."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506


def stored(answer_id: str, full: str, **fields: Any) -> StoredAnswer:
    """An answer with only what is told here: a how-to for citizens unless said otherwise."""
    reply = {"full": full, "short": fields.pop("short", ""), "phone": fields.pop("phone", "")}
    fields.setdefault("title", answer_id)
    fields.setdefault("phrasings", (fields["title"],))
    file = AnswerFile.model_validate(
        {
            "id": answer_id,
            "topic": "hssv_rate",
            "kind": "howto",
            "effective_from": "2015-01-01",
            "citations": (),
            "reply": reply,
            "review": {"checked_on": "2026-11-22", "review_by": "2027-05-22"},
            **fields,
        }
    )
    return StoredAnswer(file, f"version of {answer_id}", f"answers/{answer_id}.yaml")


def world(
    *answers: StoredAnswer,
    values: Mapping[str, Value] | None = None,
    places: Mapping[str, Place] | None = None,
    directives: Mapping[str, Directive] | None = None,
    lexicon: Mapping[str, Any] | None = None,
) -> Snapshot:
    """A snapshot of some answers over the figures of `tests.small_rates`."""
    base = small_rates.snapshot(dict(values or {}), dict(places or {}))
    return replace(
        base,
        answers={answer.file.id: answer for answer in answers},
        directives={**base.directives, **(directives or {})},
        lexicon=lexicon or {},
    )


RATE = """\
{% set c = contribution('hssv') %}
Học sinh đóng {{ c.pays }} cho {{ c.months }} tháng{% if place %} tại {{ place }}{% endif %}.

Cách tính:
{{ c.steps }}

{% if place %}{{ c.place_note }}{% endif %}
"""
HOUSEHOLD = """\
{% set h = household() %}
Hộ {{ h.members }} người đóng tất cả {{ h.pays }} cho {{ h.months }} tháng.

{{ h.steps }}
"""

ANSWERS = (
    stored(
        "muc-dong",
        RATE,
        kind="rule",
        audience="hssv",
        title="Mức đóng BHYT học sinh",
        phrasings=(
            "học sinh đóng bảo hiểm y tế bao nhiêu tiền",
            "mức đóng bhyt học sinh năm nay",
            "sinh viên đóng bhyt 6 tháng hết bao nhiêu",
            "con em lớp 3 tiền thẻ bhyt hết mấy trăm",
            "bhyt hs lớp 6 bao nhiêu tiền",
        ),
        slots=("months", "place", "period"),
        citations=LAW,
        follow_ups=("noi-dong", "ho-gia-dinh", "chi-tieu"),
    ),
    stored(
        "ho-gia-dinh",
        HOUSEHOLD,
        kind="rule",
        audience="household",
        topic="household_rate",
        title="Mức đóng BHYT hộ gia đình",
        phrasings=(
            "mua bhyt hộ gia đình giá bao nhiêu",
            "hộ gia đình 4 người đóng bảo hiểm y tế bao nhiêu",
            "nhà 4 người mua bảo hiểm y tế hết bao nhiêu tiền",
            "người thứ hai trong hộ gia đình đóng bao nhiêu",
        ),
        slots=("members", "months"),
        citations=LAW,
        follow_ups=("noi-dong",),
    ),
    stored(
        "noi-dong",
        "Học sinh đóng tại nhà trường.",
        topic="hssv_pay_how_when",
        audience="hssv",
        title="Học sinh đóng BHYT ở đâu",
        phrasings=("đóng bhyt học sinh ở đâu", "nộp tiền bảo hiểm y tế cho con ở trường nào"),
        citations=LAW,
    ),
    stored(
        "muc-huong",
        "Thẻ BHYT chi trả theo mức hưởng ghi trên thẻ.",
        topic="benefit_level",
        title="Mức hưởng BHYT khi đi khám",
        phrasings=("đi khám bhyt được chi trả bao nhiêu phần trăm", "mức hưởng của thẻ bhyt"),
        citations=LAW,
    ),
    stored(
        "mat-the",
        "Anh/chị xin cấp lại thẻ miễn phí.\n\n{{ step() }} Mở VssID.\n{{ step() }} Chọn cấp lại.",
        topic="card_lost_or_wrong",
        title="Mất thẻ BHYT thì làm gì",
        phrasings=(
            "mất thẻ bhyt thì làm thế nào",
            "làm rơi thẻ bảo hiểm y tế xin cấp lại ở đâu",
            "the bhyt bi mat phai lam sao",
        ),
        citations=LAW,
    ),
    stored(
        "quen-mat-khau",
        "Anh/chị chọn quên mật khẩu ở màn hình đăng nhập VssID.",
        topic="vssid_password",
        title="Quên mật khẩu VssID",
        phrasings=("quên mật khẩu vssid làm sao lấy lại", "vssid báo sai mật khẩu"),
        citations=LAW,
    ),
    stored(
        "so-tien-truong-thu",
        "{{ claim('hssv').message }}",
        kind="rule",
        audience="hssv",
        topic="hssv_rate",
        title="Trường thu đúng mức đóng BHYT chưa",
        phrasings=("trường thu 700.000 tiền bhyt học sinh có đúng không",),
        slots=("claimed_amount",),
        citations=LAW,
    ),
    stored(
        "giao-vien-thu",
        "Giáo viên nộp danh sách trước ngày nhà trường quy định.",
        topic="hssv_pay_how_when",
        visibility="staff",
        title="Giáo viên thu nộp danh sách",
        phrasings=("giáo viên thu nộp danh sách hssv cho cơ quan bhxh khi nào",),
        citations=LAW,
    ),
    stored(
        "chi-tieu",
        "Kế hoạch đặt mục tiêu {{ f('muc-tieu') }}.",
        kind="record",
        visibility="staff",
        topic="campaign",
        title="Chỉ tiêu của kế hoạch",
        phrasings=("chỉ tiêu bao phủ bhyt học sinh của kế hoạch là bao nhiêu",),
        facts={"muc-tieu": {"value": "100%", "citation": {"directive": "kh-bac-giang-2023"}}},
        citations=({"directive": "kh-bac-giang-2023", "locator": "mục 2"},),
        today="muc-dong",
    ),
)

MENU = [
    {"answer": "muc-dong", "payloads": "menu_rates menu_muc_dong"},
    {"answer": "muc-huong", "payloads": "menu_benefits menu_quyen_loi"},
    {"answer": "mat-the", "payloads": "menu_card menu_the"},
    {"answer": "nowhere", "payloads": "menu_nowhere"},
]


@lru_cache(maxsize=1)
def snapshot() -> Snapshot:
    """The dozen answers with the shipped word lists and this file's menu."""
    lexicon = {path.stem: strings(path) for path in sorted((KNOWLEDGE / "lexicon").glob("*.yaml"))}
    lexicon.pop("calibration", None)
    return replace(
        world(*ANSWERS, lexicon={**lexicon, "menu": MENU}),
        topics={
            id_: Topic.model_validate(raw)
            for id_, raw in strings(KNOWLEDGE / "topics.yaml").items()
        },
        audiences={
            id_: Audience.model_validate(raw)
            for id_, raw in strings(KNOWLEDGE / "audiences.yaml").items()
        },
    )


@lru_cache(maxsize=4)
def desk(handover_hours: str = "", *, sure_from: float = 0.55) -> Desk:
    """The desk over the dozen answers; with a high `sure_from` it asks back whatever is said."""
    settings = MatchSettings(answer_threshold=sure_from, ask_threshold=min(sure_from, 0.25))
    return Desk(snapshot(), settings, handover_hours=handover_hours)


class Talk:
    """One citizen who talks to the desk; remembers the conversation and the clock."""

    def __init__(self, over: Desk | None = None, *, place: str = "", staff: bool = False) -> None:
        self.desk = over or desk()
        self.now = NOW
        self.place = place
        self.staff = staff
        self.conversation = Conversation()

    def say(self, text: str, **said: Any) -> Reply:
        """One turn in words."""
        return self.do(Said(text=text, **said))

    def tap(self, payload: str, title: str = "") -> Reply:
        """One tap on a button."""
        return self.do(Said(text=title, kind=EventKind.TAP, payload=payload))

    def do(self, said: Said) -> Reply:
        """One turn, through the store's form of the conversation, as between two events."""
        before = Conversation.from_json(self.conversation.to_json())
        assert before == self.conversation
        at = Circumstances(now=self.now, place=self.place, staff=self.staff)
        reply, self.conversation = self.desk.respond(said, before, at)
        return reply


__all__ = [
    "ANSWERS",
    "LAW",
    "NOW",
    "Talk",
    "desk",
    "row",
    "snapshot",
    "stored",
    "value",
    "world",
]
