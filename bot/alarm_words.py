"""Alarms in words, the same in the console and in messages. Pure; no words of a citizen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from bot import figures
from bot.store.alarms import Alarm
from bot.turn import VIETNAM
from knowledge.snapshot import Snapshot

Level = Literal["urgent", "soon"]
CHANNELS = {"zalo": "Zalo", "messenger": "Messenger"}
#: Of `raise_alarm`: title, and what to do (docs/operations.md has the same kinds).
RAISED = {
    "token_refresh_failed": (
        "{channel} chưa gia hạn được mã truy cập",
        "Tin vẫn gửi được đến khi mã hết hạn. Người quản trị xem lý do ở /readyz; nếu mã gia hạn "
        "bị từ chối thì chạy lệnh bot zalo login.",
    ),
    "token_ends_soon": (
        "Mã gia hạn của {channel} sắp hết hạn",
        "Người quản trị chạy lệnh bot zalo login, rồi tìm xem vì sao việc gia hạn hằng ngày không "
        "thành.",
    ),
    "token_key": (
        "Không giải mã được mã truy cập của {channel}",
        "Người quản trị đặt lại khóa cũ vào BOT_TOKEN_KEY, hoặc chạy lệnh bot zalo login.",
    ),
    "account_alarm": (
        "{channel} cảnh báo hoặc hạn chế trang",
        "Người quản trị đọc thông báo trong trang quản lý của kênh và xử lý theo yêu cầu ở đó.",
    ),
    "automation_echo": (
        "Có hệ thống tự động khác cùng trả lời trên {channel}",
        "Người quản trị tắt lời chào tự động hoặc bot khác của trang, nếu không người dân nhận hai "
        "câu trả lời.",
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm as people read it."""

    title: str
    #: What it means and what to do.
    text: str
    level: Level
    #: What it is about, by name, and how many more there are.
    items: tuple[tuple[str, str], ...] = ()
    more: int = 0
    #: Where to look, below /console; "" = nowhere in particular.
    href: str = ""


def told(alarm: Alarm, snapshot: Snapshot, today: date, spike_minutes: float = 60) -> Told:
    """The words for an alarm.

    Args:
        alarm: what holds.
        snapshot: names answers, values and places; one that is gone is told by its id.
        today: in Việt Nam.
        spike_minutes: over which time a rumour is counted.
    """
    detail = alarm.detail
    match alarm.kind:
        case "rumour":
            return Told(
                f"{detail['people']} người cùng hỏi một điều chưa có câu trả lời",
                f"Trong {_span(spike_minutes)} qua có nhiều câu hỏi gần giống nhau mà kho dữ liệu "
                "chưa có câu trả lời được duyệt; có thể đang có tin đồn. Anh/chị xem các câu hỏi, "
                "hỏi lại nơi có thẩm quyền rồi soạn câu trả lời.",
                "urgent",
            )
        case "expires" | "review":
            return _dated(alarm, snapshot, today)
        case "token":
            ends = datetime.fromisoformat(detail["ends"]).astimezone(VIETNAM)
            return Told(
                f"Mã truy cập {_channel(detail)} chưa được gia hạn",
                f"Mã hiện tại hết hạn lúc {_moment(ends)}; sau đó tin không gửi đi được. Người "
                "quản trị xem /readyz, rồi chạy lệnh bot zalo login nếu cần.",
                "urgent",
            )
        case "silence":
            since = datetime.fromisoformat(detail["since"]).astimezone(VIETNAM)
            return Told(
                f"Không có tin nào đến từ {_channel(detail)}",
                f"Từ {_moment(since)} chưa nhận được tin nào. Có thể webhook đã bị tắt ở phía "
                "kênh, hoặc máy chủ không còn nhận được kết nối từ bên ngoài. Anh/chị thử nhắn một "
                "tin vào trang.",
                "urgent",
            )
        case "dead_letters":
            return Told(
                f"{figures.number(detail['n'])} tin không gửi được",
                "Kênh từ chối hẳn các tin này. Anh/chị xem lý do trong hội thoại; sau khi khắc "
                "phục, người quản trị chạy lệnh bot replay --dead để gửi lại.",
                "urgent",
                href="/conversations?show=trouble",
            )
    title, text = RAISED.get(detail.get("what", ""), ("{channel}: " + alarm.kind, ""))
    return Told(title.format(channel=_channel(detail)), text, "urgent")


def _dated(alarm: Alarm, snapshot: Snapshot, today: date) -> Told:
    detail = alarm.detail
    on = date.fromisoformat(detail["on"])
    items = tuple(_item(item, snapshot) for item in detail["items"])
    count, past = figures.number(detail["n"]), on < today
    if alarm.kind == "review":
        title = f"{count} mục đến hạn rà soát ngày {figures.day(on)}"
        text = "Người biên tập đối chiếu lại với văn bản rồi ghi ngày rà soát mới."
        if past:
            title = f"{count} mục đã quá hạn rà soát từ ngày {figures.day(on)}"
    else:
        title = f"{count} mục hết hiệu lực sau ngày {figures.day(on)}"
        text = (
            "Sau ngày đó câu trả lời không nêu nội dung này nữa. Người biên tập tìm văn bản thay "
            "thế và cập nhật."
        )
        if past:
            title = f"{count} mục đã hết hiệu lực từ sau ngày {figures.day(on)}"
    return Told(title, text, "urgent" if past else "soon", items, detail["n"] - len(items))


def _item(item: str, snapshot: Snapshot) -> tuple[str, str]:
    """(name, where in the console) of "answer:ID", "value:ID" or "place:ID"."""
    kind, _, id_ = item.partition(":")
    if kind == "answer":
        stored = snapshot.answers.get(id_)
        return (stored.file.title, f"/?id={id_}") if stored else (id_, "")
    if kind == "value":
        value = snapshot.values.get(id_)
        return (f"Số liệu: {value.name if value else id_}", "")
    place = snapshot.places.get(id_)
    return (f"Mức hỗ trợ: {place.name if place else id_}", "")


def _channel(detail: Mapping[str, Any]) -> str:
    name = str(detail.get("channel", ""))
    return CHANNELS.get(name, name or "kênh")


def _moment(at: datetime) -> str:
    return f"{at:%H:%M} ngày {figures.day(at.date())}"


def _span(minutes: float) -> str:
    return "một giờ" if minutes == 60 else f"{minutes:g} phút"
