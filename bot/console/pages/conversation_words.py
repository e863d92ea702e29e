"""Words of the conversation pages: outcomes, states, reasons, and what a citizen did. Pure."""

from __future__ import annotations

from bot.models import DeliveryState, EventKind, Outcome

CHANNELS = {"zalo": "Zalo", "messenger": "Messenger"}
OUTCOMES: dict[str, str] = {
    Outcome.ANSWERED: "đã trả lời",
    Outcome.ASKED_BACK: "đã hỏi lại",
    Outcome.NOT_KNOWN: "chưa có câu trả lời",
    Outcome.CHITCHAT: "chào hỏi, menu",
    Outcome.REFUSED_PERSONAL: "từ chối tra hồ sơ riêng",
    Outcome.HANDED_OVER: "xin gặp người",
    Outcome.IGNORED: "không trả lời",
}
#: State -> words and the kind of its badge.
STATES: dict[str, tuple[str, str]] = {
    DeliveryState.PENDING: ("đang gửi", ""),
    DeliveryState.ACCEPTED: ("đã gửi", "good"),
    DeliveryState.UNKNOWN: ("không rõ đã đến chưa", "warn"),
    DeliveryState.DROPPED: ("không gửi nữa", "warn"),
    DeliveryState.DEAD: ("không gửi được", "bad"),
}
#: Reasons of docs/outcomes.md, for staff; a platform's code is shown as it is.
REASONS = {
    "takeover": "có người đang giữ hội thoại",
    "rate_limited": "người dân nhắn quá nhanh",
    "simulator_ended": "trang thử đã tắt",
    "window_closed": "đã quá thời gian kênh cho trả lời",
    "earlier_part_failed": "phần trước không gửi được",
    "account_paused": "tài khoản kênh đang tạm dừng",
    "rate": "đang chờ lượt gửi",
    "token": "đang chờ mã truy cập",
    "store": "đang chờ kho dữ liệu",
    "timeout": "kênh không trả lời kịp",
    "broken": "kết nối đứt giữa chừng",
    "cut_off_by_stop": "dịch vụ dừng khi đang gửi",
    "echo": "kênh báo đã đến",
    "replayed": "được gửi lại",
    "internal_error": "hệ thống gặp lỗi",
}
_ATTACHMENTS = {
    "image": "hình ảnh",
    "audio": "tin thoại",
    "video": "video",
    "file": "tệp",
    "sticker": "nhãn dán",
    "gif": "ảnh động",
    "location": "vị trí",
    "link": "đường dẫn",
}


def citizen(conversation_id: int) -> str:
    """What a citizen is called: a number of ours, never the platform's id."""
    return f"Người dân {conversation_id}"


def words_of(kind: str, text: str, attachment: str) -> str:
    """What the citizen wrote or did, in one line of words."""
    if text.strip():
        return text
    if kind == EventKind.ATTACHMENT:
        return f"[{_ATTACHMENTS.get(attachment, 'tệp đính kèm')}]"
    if kind == EventKind.TAP:
        return "[bấm nút]"
    if kind == EventKind.WELCOME:
        return "[mở cuộc trò chuyện]"
    return "[tin nhắn không có chữ, hoặc đã được thu hồi]"


def reason(code: str) -> str:
    """A reason in words: "max_attempts: 551" keeps the platform's code."""
    head, _, rest = code.partition(": ")
    if head == "max_attempts":
        return f"đã thử nhiều lần, mã lỗi {rest}"
    if head == "topic_off":
        return "chủ đề đang tạm tắt"
    return REASONS.get(code, f"mã {code}" if code else "")
