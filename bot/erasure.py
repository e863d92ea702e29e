"""A citizen's wish to be forgotten: asked back once, then carried out. Pure.

"Xóa dữ liệu của tôi" is answered with a question, because a deletion cannot be undone; "đồng ý
xóa" within the conversation's usual silence does it. Anything else means that all is kept.
The deletion itself is the store's (`bot.store.erasure`): here it is only decided.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot import texts
from bot.models import Conversation, EventKind, Outcome, Reply
from bot.normalize import fold
from bot.turn import Circumstances, Said

#: `Conversation.notes` key: when the citizen was asked whether they are sure.
NOTE = "erase_asked"
#: A confirmation later than this answers some other question.
PATIENCE = timedelta(minutes=30)

_VERBS = frozenset({"xoa", "huy", "delete", "remove", "erase"})
#: What is to be deleted; the longest first, so that no word of one is left over.
_OBJECTS = re.compile(
    r"\b(lich su (?:tro chuyen|tin nhan|chat)|cuoc (?:tro chuyen|tro chuyen nay|chat)"
    r"|noi dung (?:tro chuyen|chat|tin nhan)|doan chat|hoi thoai|du lieu|thong tin|tin nhan"
    r"|lich su|data|messages?|dl)\b"
)
#: Words that may stand around it. Any other word makes it a question about something else:
#: "xóa thông tin trên VssID" asks how an app works.
_AROUND = re.compile(
    "a|ad|admin|anh|bo|bot|ca|can|cac|cach|cai|chau|chi|chinh|cho|chung|co|con|cua|da|day|de|di|do"
    "|duoc|em|giup|gui|hay|he|het|jup|khoi|khong|la|lam|luon|luu|minh|moi|mong|muon|my|all|me|nao"
    "|nay|ngay|nha|nhan|nhe|nho|nhung|o|oi|phien|please|sach|sao|ta|tai|tat|thong|toan|toi|tren"
    "|tro|ly|ve|vien|voi|vui|long|xin|yeu|cau|ko|k|bang"
)
_YES = re.compile(
    r"\b(dong y|xac nhan|chac chan|co|ok|oke|okay|okie|yes|vang|uh|um|u|xoa)\b"  # "đúng" folds
    # to the same letters as "đừng" and is therefore no yes
)
_YES_AROUND = re.compile(
    "dong|y|xac|nhan|chac|chan|co|ok|oke|okay|okie|yes|vang|uh|um|u|xoa|toi|minh|em|anh|chi|con"
    "|chau|a|da|di|het|luon|nhe|nha|ngay|du|lieu|cua|giup|cho|roi|hay|toan|bo|tat|ca"
)
_NO = re.compile(r"\b(khong|ko|kg|hong|thoi|no|dung|huy|khoan|giu)\b")
#: A longer message is a new question, whatever small words it begins with.
_NO_WORDS = 5


def turn(
    said: Said, conversation: Conversation, at: Circumstances
) -> tuple[Reply | None, Conversation]:
    """The reply to a wish to be erased, or to its confirmation; None when it is neither.

    The conversation comes back as the turn goes on with it: the open question is taken off it
    by whatever is said next.
    """
    asked = _asked(conversation, at.now)
    if NOTE in conversation.notes:
        notes = {key: value for key, value in conversation.notes.items() if key != NOTE}
        conversation = replace(conversation, notes=notes)
    if said.kind is not EventKind.TEXT or said.attachment:
        return None, conversation
    words = _words(said.text)
    if wants_erasure(words):
        notes = {**conversation.notes, NOTE: at.now.isoformat()}
        after = replace(conversation, notes=notes, offer=())
        return _say(texts.ERASE_ASK, "asked whether to erase"), after
    if asked and _confirms(words):
        reply = _say(texts.ERASED, "erased at the citizen's word")
        return replace(reply, erase=True), Conversation()
    if asked and len(words) <= _NO_WORDS and _NO.search(" ".join(words)):
        return _say(texts.ERASE_KEPT, "erasure declined"), conversation
    return None, conversation


def wants_erasure(words: list[str]) -> bool:
    """True for "xóa dữ liệu của tôi" and its like, in folded words."""
    text = " ".join(words)
    found = _OBJECTS.search(text)
    if found is None or not _VERBS & set(text[: found.start()].split()):
        return False
    # "thế nào" asks how; "thẻ", which folds alike, would be about something else.
    rest = re.sub(r"\bthe nao\b", "nao", _OBJECTS.sub(" ", text)).split()
    return all(_AROUND.fullmatch(word) or word in _VERBS for word in rest)


def _confirms(words: list[str]) -> bool:
    text = " ".join(words)
    return bool(_YES.search(text)) and all(map(_YES_AROUND.fullmatch, words))


def _asked(conversation: Conversation, now: datetime) -> bool:
    try:
        since = datetime.fromisoformat(conversation.notes.get(NOTE, ""))
    except ValueError:
        return False
    return timedelta() <= now - since <= PATIENCE


def _words(text: str) -> list[str]:
    # A long message is never this wish; the rest of it need not be looked at.
    return re.sub(r"[^\w\s]", " ", fold(text[:200])).split() if len(text) <= 200 else []


def _say(text: str, reason: str) -> Reply:
    return Reply(outcome=Outcome.CHITCHAT, parts=(text,), reasons=(reason,))
