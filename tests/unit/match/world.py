"""A small made-up knowledge base for the tests of normalizing and matching."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.match import Index
from bot.normalize import Lexicon
from knowledge.schema import AnswerFile, Audience, Place, Topic
from knowledge.snapshot import Snapshot, StoredAnswer

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"

#: answer id -> topic, audience, phrasings, and what else differs from a plain answer.
ANSWERS: dict[str, dict[str, Any]] = {
    "dong-bao-nhieu-hssv": {
        "topic": "hssv_rate",
        "audience": "hssv",
        "phrasings": (
            "học sinh đóng bảo hiểm y tế bao nhiêu tiền",
            "mức đóng bhyt sinh viên một năm",
            "con em lớp 3 tiền thẻ bhyt hết mấy trăm",
            "bhyt hs lop 6 bn tien",
            "học sinh đóng 9 tháng bhyt hết bao nhiêu",
        ),
        "negative_phrasings": ("người thứ hai trong hộ gia đình đóng bao nhiêu",),
    },
    "dong-bao-nhieu-ho": {
        "topic": "household_rate",
        "audience": "household",
        "phrasings": (
            "mua bhyt hộ gia đình giá bao nhiêu",
            "người thứ hai trong hộ gia đình đóng bao nhiêu",
            "nhà 4 người mua bảo hiểm y tế hết bao nhiêu tiền",
            "cả nhà cùng mua được giảm bao nhiêu",
        ),
    },
    "can-ngheo": {
        "topic": "nearpoor_support",
        "audience": "near_poor",
        "phrasings": (
            "hộ cận nghèo đóng bhyt bao nhiêu",
            "cận nghèo được nhà nước hỗ trợ mấy phần trăm",
            "nhà em cận nghèo mua thẻ bảo hiểm có phải trả tiền không",
        ),
    },
    "mat-the": {
        "topic": "card_lost_or_wrong",
        "phrasings": (
            "mất thẻ bhyt thì làm thế nào",
            "làm rơi thẻ bảo hiểm y tế xin cấp lại ở đâu",
            "the bhyt bi mat phai lam sao",
        ),
    },
    "quen-mat-khau": {
        "topic": "vssid_password",
        "phrasings": (
            "quên mật khẩu vssid lấy lại thế nào",
            "không đăng nhập được vssid",
            "vssid báo sai mật khẩu",
        ),
    },
    "dang-ky-vssid": {
        "topic": "vssid_install",
        "phrasings": (
            "đăng ký tài khoản vssid như thế nào",
            "cài vssid trên điện thoại ở đâu",
            "tạo tài khoản vssid cần gì",
        ),
    },
    "ma-1": {
        "topic": "benefit_level",
        "phrasings": ("thẻ mã 1 được hưởng bao nhiêu phần trăm", "mã 1 trên thẻ nghĩa là gì"),
    },
    "ma-4": {
        "topic": "benefit_level",
        "phrasings": ("thẻ mã 4 được hưởng bao nhiêu phần trăm", "mã 4 trên thẻ nghĩa là gì"),
    },
    "bhxh-tu-nguyen": {
        "topic": "voluntary_bhxh_rate",
        "audience": "voluntary_bhxh",
        "phrasings": (
            "đóng bảo hiểm xã hội tự nguyện thấp nhất bao nhiêu",
            "mức đóng bhxh tự nguyện một tháng",
        ),
    },
    "giao-vien-thu": {
        "topic": "hssv_pay_how_when",
        "visibility": "staff",
        "phrasings": ("giáo viên thu nộp danh sách hssv cho cơ quan bhxh khi nào",),
    },
}

PLACES = {
    "bac-giang": ("Bắc Giang", "bac-ninh"),
    "bac-ninh": ("Bắc Ninh", None),
    "dak-lak": ("Đắk Lắk", None),
    "phu-yen": ("Phú Yên", "dak-lak"),
    "lai-chau": ("Lai Châu", None),
    "ha-noi": ("Hà Nội", None),
    "da-nang": ("Đà Nẵng", None),
    "dong-nai": ("Đồng Nai", None),
}


def strings(path: Path) -> Any:
    """A YAML file with every scalar as a string, as the knowledge loader reads it."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506


def answer(answer_id: str, **fields: Any) -> AnswerFile:
    """An answer with the fields that matching reads."""
    fields.setdefault("title", fields["phrasings"][0][:60])
    return AnswerFile.model_validate(
        {
            "id": answer_id,
            "kind": "howto",
            "effective_from": "2025-07-01",
            "citations": (),
            "reply": {"full": "Nội dung."},
            "review": {"checked_on": "2026-11-22", "review_by": "2027-05-22"},
            **fields,
        }
    )


@lru_cache(maxsize=1)
def snapshot() -> Snapshot:
    """The made-up answers with the shipped word lists, topics and audiences."""
    return Snapshot(
        hash="test",
        directives={},
        values={},
        places={
            id_: Place(
                id=id_,
                name=name,
                merged_into=into,
                merged_from=tuple(k for k, (_, to) in PLACES.items() if to == id_),
            )
            for id_, (name, into) in PLACES.items()
        },
        answers={
            id_: StoredAnswer(answer(id_, **fields), "v1", f"answers/{id_}.yaml")
            for id_, fields in ANSWERS.items()
        },
        topics={
            id_: Topic.model_validate(raw)
            for id_, raw in strings(KNOWLEDGE / "topics.yaml").items()
        },
        audiences={
            id_: Audience.model_validate(raw)
            for id_, raw in strings(KNOWLEDGE / "audiences.yaml").items()
        },
        lexicon={
            path.stem: strings(path)
            for path in sorted((KNOWLEDGE / "lexicon").glob("*.yaml"))
            if path.stem != "calibration"
        },
    )


@lru_cache(maxsize=1)
def index() -> Index:
    """The index of the made-up answers, with the built-in weights."""
    return Index.build(snapshot())


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon of the made-up answers."""
    return index().lexicon
