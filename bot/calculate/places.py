"""What a place adds to the national share, and how the reply speaks about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bot import figures
from bot.calculate.ties import Tie
from knowledge.schema import Place, Row, SupportRow, parse_share
from knowledge.snapshot import Snapshot, Support, last_day, row_id

#: Notes that tell how far a resolution was read; where it adds nothing they only repeat that.
_READ = "đã đọc"


@dataclass(frozen=True, slots=True)
class Local:
    """The support of one place for one group on one day, with the words for it."""

    snapshot: Snapshot
    said: Place
    #: The place that stands for `said` on the day of payment, and on the day of asking.
    acting: Place
    today: Place
    group: str
    support: Support

    @property
    def share(self) -> Fraction | None:
        """None when unknown, 0 when the council's list has no such group."""
        return self.support.share

    @property
    def row(self) -> SupportRow | None:
        """The row that gives the share; None for an unknown share."""
        return self.support.row if self.share is not None else None

    @property
    def condition(self) -> str:
        """Who exactly the row is for, "" when for the whole group."""
        return self.row.condition.strip().rstrip(".") if self.row else ""

    @property
    def name(self) -> str:
        """Who gives the support: "tỉnh Đắk Lắk"; a continued row is its old province's."""
        if self.support.place_id == self.acting.id:
            return label(self.acting)
        return f"{label(self.said)} cũ"

    @property
    def full_name(self) -> str:
        """The name, and once for a former place what it belongs to today."""
        if self.today.id == self.said.id:
            return self.name
        if self.said.id in (self.acting.id, self.support.place_id):
            return f"{self.name} (nay thuộc {label(self.today)})"
        return f"{self.name} ({self.said.name} nay thuộc {self.today.name})"

    @property
    def document(self) -> str:
        """The resolution behind the row, as a reply names it; "" without a row."""
        directive = self.row and self.snapshot.directives.get(self.row.citation.directive)
        return directive.short_name if directive else ""

    @property
    def group_name(self) -> str:
        """The group in words: "học sinh, sinh viên"."""
        audience = self.snapshot.audiences.get(self.group)
        return audience.name if audience else "nhóm này"


def local(snapshot: Snapshot, place_id: str, audience: str, on: date, known_on: date) -> Local:
    """What a place adds for a group on a day. Raises KeyError for an unknown place."""
    return Local(
        snapshot=snapshot,
        said=snapshot.places[place_id],
        acting=snapshot.place_on(place_id, on),
        today=snapshot.place_on(place_id, max(on, known_on)),
        group=audience,
        support=snapshot.support(place_id, audience, on, known_on),
    )


def label(place: Place) -> str:
    """A place with its kind: "tỉnh Bắc Ninh", "TP. Hồ Chí Minh"."""
    if place.name.lower().startswith(("tp", place.kind)):
        return place.name
    return f"{place.kind} {place.name}"


def without_condition(where: Local, place_id: str, on: date, known_on: date) -> Fraction:
    """The share that is left for someone who does not meet the condition of the row."""
    shares = [Fraction(0)]
    for group in where.snapshot.lineage(where.group):
        other = where.snapshot.support(place_id, group, on, known_on)
        if other.row and not other.row.condition and other.share:
            shares.append(other.share)
    return max(shares)


def ties(where: Local) -> tuple[Tie, ...]:
    """What was taken for granted: the tie to the place, and the condition of the row."""
    if not where.row or not where.share:
        return ()
    audience = where.snapshot.audiences.get(where.support.audience)
    giver = where.snapshot.places[where.support.place_id]
    return (
        Tie(
            giver=where.name,
            group=audience.name if audience else where.group_name,
            basis=where.row.basis,
            learners=is_hssv(where),
            condition=where.condition,
            # "có hộ khẩu tại tỉnh Kiên Giang cũ" names the tie by itself.
            condition_names_place=giver.name in where.condition,
        ),
    )


def known_sentence(where: Local, national: Fraction) -> str:
    """What the place adds, or that the resolution read adds nothing."""
    share = where.share or Fraction(0)
    if not share:
        source = f"{where.document} không quy định" if where.document else "Hiện chưa có quy định"
        only = f" ({where.condition})" if where.condition else ""
        return (
            f"{source} mức hỗ trợ thêm cho {where.group_name}{only}, nên mức đóng tại "
            f"{where.full_name} chỉ được trừ phần Nhà nước hỗ trợ."
        )
    source = f" theo {where.document}" if where.document else ""
    end = until(where.row) if where.row else ""
    sentence = (
        f"{upper_first(where.full_name)} hỗ trợ thêm {figures.share(share)} cho "
        f"{where.group_name}{source}{end}"
    )
    if not national:
        return f"{sentence}."
    total = f"tổng là {figures.share(min(Fraction(1), national + share))}"
    capped = " (tính tối đa)" if national + share > 1 else ""
    return f"{sentence}; cùng phần Nhà nước {figures.share(national)}, {total}{capped}."


def until(row: Row) -> str:
    """The last day of a row, to follow the document's name; "" without a known end."""
    end = row.effective_to
    return f", áp dụng đến hết ngày {figures.day(end)}" if isinstance(end, date) else ""


def remark(where: Local) -> str:
    """What the row notes for the reader: who is treated otherwise, what could not be read.

    Where nothing is added, a note on the reading needs no remark: it only repeats that.
    """
    row = where.support.row
    if row is None or not row.note or (where.share == 0 and _READ in row.note):
        return ""
    return f"{row.note.strip().rstrip('.')}."


def unknown_sentence(where: Local, on: date, ask: str) -> str:
    """That no figure is confirmed, what was counted instead, and whom to ask."""
    school = " hoặc nhà trường" if is_hssv(where) else ""
    return (
        f"Chưa có số liệu được xác nhận về mức hỗ trợ thêm của {where.full_name} cho "
        f"{where.group_name} tại ngày {figures.day(on)}, nên mức đóng chỉ được trừ phần Nhà nước "
        f"hỗ trợ. Anh/chị hỏi {ask}, cơ quan BHXH nơi cư trú{school} để biết chính xác."
    )


def ended(where: Local, on: date, known_on: date) -> tuple[str, str, SupportRow] | None:
    """The newest support that had run out before the day: sentence, row id and row.

    For a former place, what its successor gave before the merger was another territory's. The
    sentence is "" where the note of the day's own row tells that figure already.
    """
    newest: tuple[Place, SupportRow] | None = None
    groups = set(where.snapshot.lineage(where.group))
    merged = where.snapshot.merged_after(where.said.id, on)
    for place in {where.acting.id: where.acting, where.said.id: where.said}.values():
        for row in place.support:
            end = last_day(row)
            gives = row.audience in groups and row.known == "yes" and row.standing == "in_force"
            if not gives or end is None or end >= on or not where.snapshot.known(row, known_on):
                continue
            if merged and place.id != where.said.id and row.starts <= merged:
                continue
            if newest is None or end > (last_day(newest[1]) or end):
                newest = (place, row)
    if newest is None or not parse_share(newest[1].value):
        return None
    place, row = newest
    share = figures.share(parse_share(row.value))
    hole = where.support.row
    same = hole and hole.citation.directive == row.citation.directive
    if hole and same and share in hole.note:
        return "", row_id(place.id, row), row
    directive = where.snapshot.directives.get(row.citation.directive)
    source = f" ({directive.short_name})" if directive else ""
    dated = "đến hết ngày" if isinstance(row.effective_to, date) else "được xác nhận đến ngày"
    former = "" if place.id == where.today.id else " cũ"
    sentence = (
        f"Mức gần nhất có căn cứ là {label(place)}{former} hỗ trợ thêm {share}, {dated} "
        f"{figures.day(last_day(row) or on)}{source}."
    )
    return sentence, row_id(place.id, row), row


def is_hssv(where: Local) -> bool:
    """True for pupils and students: their tie to a place may be the school."""
    return "hssv" in where.snapshot.lineage(where.group)


def upper_first(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]
