"""The three forms of an answer that a colleague copies, each closed by its source and date.

    chat    the whole text, as the bot would send it
    short   its first sentence
    phone   the short form in words, to be read aloud

The bot closes with "Căn cứ: … (áp dụng từ …)"; a colleague's text says the same as
"Theo …, áp dụng từ …". Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import figures, texts
from bot.models import Answer
from knowledge.schema import AnswerFile
from knowledge.snapshot import Snapshot

_SOURCES_HEAD = texts.SOURCES.partition("{sources}")[0]
_SINCE = re.compile(r" \(áp dụng từ (\d{2}/\d{2}/\d{4})\)")
#: Sources under the short forms: the figures' own, and no list as long as the text.
_SHORT_SOURCES = 3
#: What a colleague fills in before copying: [tên người hỏi]. Redacted identifiers are none.
BLANK = re.compile(r"\[(?!CCCD|CMND|SĐT|EMAIL|MÃ SỐ|SỐ THẺ)[^\[\]\n]{2,40}\]")


@dataclass(frozen=True, slots=True)
class Register:
    """One form of an answer, ready to be copied."""

    name: str
    title: str
    hint: str
    text: str

    @property
    def blanks(self) -> tuple[str, ...]:
        """What is to be filled in before copying, in reading order, once each."""
        return tuple(dict.fromkeys(found.strip("[]") for found in BLANK.findall(self.text)))


def registers(
    snapshot: Snapshot, file: AnswerFile, answer: Answer
) -> tuple[Register, Register, Register]:
    """Chat, short and phone text of an applied answer."""
    body, sources = _parted(answer.text)
    full = _closing(file, sources)
    # A record opens with its document and date; a second source would take the words from it.
    brief = _closing(file, [] if file.kind == "record" else _main(snapshot, sources))
    return (
        Register("chat", "Chat", "Cả câu trả lời", f"{body}\n\n{full}"),
        Register("short", "Ngắn", "Một câu, để nhắn nhanh", f"{answer.short}\n\n{brief}"),
        Register("phone", "Đọc qua điện thoại", "Số viết bằng chữ", f"{answer.phone}\n\n{brief}"),
    )


def _parted(text: str) -> tuple[str, list[str]]:
    """The text without its last paragraph of sources, and the sources."""
    body, _, last = text.rpartition("\n\n")
    if not last.startswith(_SOURCES_HEAD):
        return text, []
    return body, last.removeprefix(_SOURCES_HEAD).removesuffix(".").split("; ")


def _main(snapshot: Snapshot, sources: list[str]) -> list[str]:
    """The dated sources, which are the figures', by document; without any, the first one."""
    dated = [source for source in sources if _SINCE.search(source)]
    named = [_document(snapshot, source) for source in dated or sources[:1]]
    return list(dict.fromkeys(named))[:_SHORT_SOURCES]


def _document(snapshot: Snapshot, source: str) -> str:
    """A source without where in the document it stands."""
    where, since = _SINCE.sub("", source), _SINCE.search(source)
    names = [d.short_name for d in snapshot.directives.values() if where.endswith(d.short_name)]
    return max(names, key=len, default=where) + (since.group() if since else "")


def _closing(file: AnswerFile, sources: list[str]) -> str:
    """The last line of every copied text: by what, and since when or as of which day."""
    checked = figures.day(file.review.checked_on)
    if not sources:
        return f"Thông tin được kiểm tra ngày {checked}."
    line = "; ".join(_SINCE.sub(r", áp dụng từ \1", source) for source in sources)
    if any(_SINCE.search(source) for source in sources):
        return f"Theo {line}."
    if file.kind == "rule":
        # The day is the answer's own: no single document of the list need begin on it.
        return f"Theo {line}. Nội dung áp dụng từ {figures.day(file.effective_from)}."
    return f"Theo {line} (kiểm tra ngày {checked})."
