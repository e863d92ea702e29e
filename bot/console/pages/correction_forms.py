"""What the forms of the correction pages say back, and how their words are cleaned. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot import figures
from bot.correction import REASON_LENGTH, TEXT_LENGTH, Choice, Kind, Subject
from bot.privacy import redact
from bot.store.corrections_sending import Tally

_MASKED = "Số điện thoại, số căn cước hay mã số trong nội dung đã được che."
NOTICES = {
    "draft": "Đã lưu bản nháp. Chưa có ai nhận được gì; anh/chị xem lại rồi mới gửi.",
    "masked": f"Đã lưu bản nháp. {_MASKED}",
    "sent": "Đã xếp hàng gửi cho mọi hội thoại còn gửi được.",
    "part": "Đã xếp hàng được một phần. Anh/chị bấm Gửi tiếp để gửi nốt.",
    "withdrawn": "Đã bỏ bản nháp.",
    "told": "Đã ghi nhận là anh/chị đã báo lại.",
}
UNSURE = "Anh/chị đánh dấu là đã đọc kỹ nội dung rồi bấm gửi lại giúp."
CHANGED = (
    "Bản này vừa được người khác sửa, gửi hoặc bỏ nên lệnh của anh/chị chưa được thực hiện. "
    "Anh/chị xem bản mới nhất ở dưới."
)


def wrong_with(form: Mapping[str, str]) -> str:
    """What is wrong with the words of a form, "" when nothing is."""
    for name, words, longest in (
        ("text", "nội dung đúng", TEXT_LENGTH),
        ("reason", "lý do", REASON_LENGTH),
    ):
        text = _tidy(form.get(name, ""))
        if not text:
            return f"Anh/chị chưa viết {words}."
        length = len(text.encode("utf-16-le")) // 2  # as channels count: an emoji is two
        if length > longest:
            return (
                f"Phần {words} dài quá: {figures.number(length)} ký tự, nhiều nhất "
                f"{figures.number(longest)}. Anh/chị rút gọn giúp."
            )
    return ""


def clean(form: Mapping[str, str]) -> tuple[tuple[str, str], bool]:
    """(text, reason) without personal identifiers, and whether there were any."""
    text, reason = (redact(_tidy(form.get(name, ""))) for name in ("text", "reason"))
    return (text.text, reason.text), bool(text.kinds or reason.kinds)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def with_chosen(
    groups: list[tuple[str, list[Choice]]], subject: Subject | None, kind: Kind
) -> list[tuple[str, list[Choice]]]:
    """The choices, with the chosen id among them though the knowledge has it no more."""
    if subject is None or subject.kind is not kind:
        return groups
    if any(choice.id == subject.id for _, choices in groups for choice in choices):
        return groups
    return [("Không còn trong kho dữ liệu", [Choice(subject.id, subject.title)]), *groups]


def became(counted: Tally) -> list[tuple[str, int, str]]:
    """The tiles of a correction that was confirmed; those of nobody are left out."""
    tiles = [
        ("đã nhận", counted.arrived, "good"),
        ("đang chờ gửi", counted.waiting - counted.paused, ""),
        ("chờ tài khoản kênh hoạt động lại", counted.paused, "warn"),
        ("chưa xếp hàng", counted.open, "warn"),
        ("không rõ đã đến chưa", counted.unknown, "warn"),
        ("quá hạn kênh cho gửi", counted.too_late, "warn"),
        ("kênh từ chối", counted.failed, "bad"),
        ("dữ liệu đã xóa", counted.gone, ""),
    ]
    return [tile for tile in tiles if tile[1]]
