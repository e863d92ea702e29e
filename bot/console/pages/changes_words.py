"""Words and small helpers that all pages about changes share."""

from __future__ import annotations

from aiohttp import web

from bot.console.context import PREFIX, console_of
from bot.store import changes as rows
from bot.store.changes import Change, ChangeState

#: State -> (words, kind of badge).
STATES = {
    ChangeState.DRAFT: ("Đang soạn", ""),
    ChangeState.PROPOSED: ("Chờ duyệt", "warn"),
    ChangeState.APPROVED: ("Đã duyệt, chưa lên", "warn"),
    ChangeState.REJECTED: ("Trả lại người soạn", "warn"),
    ChangeState.PUBLISHED: ("Đã lên", "good"),
    ChangeState.WITHDRAWN: ("Đã bỏ", ""),
}
OUTCOMES = {
    "answered": "Trả lời",
    "asked_back": "Hỏi lại",
    "not_known": "Chưa biết",
    "chitchat": "Chào hỏi",
    "refused_personal": "Từ chối tra cứu cá nhân",
    "handed_over": "Chuyển người",
}
CHANNELS = {"zalo": "Zalo", "messenger": "Messenger"}
#: What a page says after a step that went well.
SAID = {
    "made": "Đã tạo bản sửa; kết quả thử ở phần dưới.",
    "saved": "Đã lưu; kết quả thử nội dung mới ở phần dưới.",
    "propose": "Đã gửi duyệt. Một người biên tập khác sẽ xem và đưa lên.",
    "take-back": "Đã lấy lại để sửa tiếp.",
    "withdraw": "Đã bỏ bản sửa này. Nội dung đang dùng không đổi.",
    "approve": "Đã duyệt và đưa lên. Các máy chủ dùng nội dung mới trong ít giây.",
    "reject": "Đã trả lại cho người soạn.",
    "rebase": "Đã chuyển sang bản đang dùng; kết quả thử lại ở phần dưới.",
    "try": "Đã thử lại; kết quả ở phần dưới.",
    "back": "Đã quay lại bản cũ. Các máy chủ dùng bản này trong ít giây.",
}
FASTER = (
    "Bản sửa này vừa được người khác thay đổi nên việc của anh/chị chưa được lưu. Dưới đây là bản "
    "mới nhất; anh/chị xem rồi làm lại giúp."
)


async def of_number(request: web.Request) -> Change:
    """The change of the address. Raises 404."""
    number = int(request.match_info["number"])
    change = await console_of(request).store.store.read(lambda conn: rows.get(conn, number))
    if change is None:
        raise web.HTTPNotFound
    return change


def to(number: int, said: str) -> web.HTTPSeeOther:
    """Leads to the page of a change, with a word about what was done."""
    return web.HTTPSeeOther(f"{PREFIX}/changes/{number}?said={said}")
