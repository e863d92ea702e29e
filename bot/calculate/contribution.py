"""What one member of a supported group pays (the support rule of the design, section 4).

For each group a person meets: total = min(100 %, national share + the place's share for that
group). The highest total wins; the national share of one group is never joined with the local
share of another.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from functools import lru_cache

from bot import figures
from bot.calculate import places
from bot.calculate.inputs import (
    MAX_MONTHS,
    ROUNDED,
    Inputs,
    check_count,
    hotline,
    round_half_up,
    times_months,
)
from bot.calculate.places import Local
from bot.calculate.results import Contribution, Lines, NoFigure
from knowledge.snapshot import Snapshot

#: The predicate of groups that cut across pupils and students.
ACROSS = "ethnicity"


@lru_cache(maxsize=2048)
def contribution(
    snapshot: Snapshot,
    audience: str,
    months: int,
    on: date,
    known_on: date,
    place_id: str | None = None,
) -> Contribution:
    """What a member of one group pays for a number of months.

    Args:
        audience: a group with a national share, e.g. "hssv", "near_poor".
        months: how many months are paid for, 1 to 120.
        on: the day of payment; its base salary and shares hold for all the months.
        known_on: the day of asking.
        place_id: the place whose own support is added; None when it was not said.

    Raises `NoFigure` when a national row is missing, `OutOfRange` for a strange number of
    months. An unknown share of the place is no error: it is left out and the note says so.

    Remembered for the last arguments: most citizens of a day ask for the same few amounts, and
    comparing one sum with every rate that ever held computes some of them three times.
    """
    check_count(months, MAX_MONTHS, "số tháng")
    inputs = Inputs(snapshot, on, known_on)
    rate, base = inputs.exact("contribution_rate"), inputs.exact("base_salary")
    national = inputs.exact("national_support", audience)
    full = rate * base

    # Where the State pays everything there is nothing left that a place could add.
    where = None
    if place_id and national < 1:
        where = places.local(snapshot, place_id, audience, on, known_on)
        if where.row:
            inputs.take(where.support.row_id, where.row)
    local = where.share if where else None
    total = min(Fraction(1), national + (local or 0))
    per_month = full * (1 - total)
    exact = per_month * months
    pays = round_half_up(exact)

    assumptions: list[str] = []
    lead = remark = condition = ""
    otherwise: int | None = None
    if where and place_id:
        lead, remark = _note(where, place_id, months, national, inputs)
        condition = where.condition if where.share else ""
    if where and place_id and condition:
        rest = places.without_condition(where, place_id, on, known_on)
        otherwise = round_half_up(full * months * (1 - min(Fraction(1), national + rest)))
    if exact != pays:
        assumptions.append(ROUNDED)
    return Contribution(
        rows=inputs.rows,
        steps=_steps(rate, base, national, where, per_month, months),
        assumptions=Lines(assumptions),
        ties=places.ties(where) if where else (),
        rounded=exact != pays,
        audience=audience,
        months=months,
        full_per_month=full,
        per_month=per_month,
        full_amount=round_half_up(full * months),
        pays_amount=pays,
        monthly_amount=round_half_up(per_month),
        national_share=national,
        local_share=local,
        total_share=total,
        place_lead=lead,
        remark=remark,
        condition=condition,
        otherwise_amount=otherwise,
    )


def best_contribution(
    snapshot: Snapshot,
    audiences: Iterable[str],
    months: int,
    on: date,
    known_on: date,
    place_id: str | None = None,
) -> Contribution:
    """The group with the highest total support among those a person meets.

    Between equal totals the group named first wins. Groups without a national row are left
    out; when all are, the first one's `NoFigure` is raised. ValueError without any group.
    """
    best: Contribution | None = None
    first_error: NoFigure | None = None
    for audience in dict.fromkeys(audiences):
        try:
            result = contribution(snapshot, audience, months, on, known_on, place_id)
        except NoFigure as error:
            first_error = first_error or error
            continue
        if best is None or result.total_share > best.total_share:
            best = result
    if best is not None:
        return best
    if first_error is not None:
        raise first_error
    raise ValueError("best_contribution needs at least one audience")


def _steps(
    rate: Fraction,
    base: Fraction,
    national: Fraction,
    where: Local | None,
    per_month: Fraction,
    months: int,
) -> Lines:
    full = rate * base
    lines = [f"{figures.share(rate)} × {figures.money(base)} = {figures.money(full)}/tháng"]
    givers = [f"Nhà nước hỗ trợ {figures.share(national)}"] if national else []
    total = national
    if where and where.share:
        givers.append(f"{where.name} hỗ trợ thêm {figures.share(where.share)}")
        total += where.share
    if givers:
        joined = places.upper_first(", ".join(givers))
        if total > 1:
            joined += " (tổng tính tối đa 100%)"
        elif len(givers) > 1:
            joined += f" (tổng {figures.share(total)})"
        lines.append(f"{joined}: còn {figures.money(per_month)}/tháng")
    if per_month:
        lines.append(times_months(per_month, months))
    else:
        lines.append("Được hỗ trợ 100%, nên số tiền phải đóng là 0 đồng.")
    return Lines(lines)


def _note(
    where: Local, place_id: str, months: int, national: Fraction, inputs: Inputs
) -> tuple[str, str]:
    """The paragraph about the place's own support: its opening, and what is noted besides."""
    narrower, complete = _narrower(where, place_id, months, inputs)
    lead = ""
    notes: list[str] = []
    if where.share is not None:
        lead = places.known_sentence(where, national)
    elif not complete:
        ask = hotline(inputs.snapshot, inputs.known_on)
        lead = places.unknown_sentence(where, inputs.on, ask)
        last = None if narrower else places.ended(where, inputs.on, inputs.known_on)
        if last:
            notes.append(last[0])
            inputs.take(last[1], last[2])
    return lead, " ".join(filter(None, [*notes, *narrower, places.remark(where)]))


def _narrower(where: Local, place_id: str, months: int, inputs: Inputs) -> tuple[list[str], bool]:
    """Sentences on narrower groups that the place treats better (pupils among HSSV).

    Also tells whether they cover the whole group, so that nothing unknown is left.
    """
    snapshot = inputs.snapshot
    sentences: list[str] = []
    covered: list[bool] = []
    least = Fraction(-1) if where.share is None else where.share
    # Pupils and students together are the whole group; a group that cuts across them is told in
    # the row's own note.
    children = [
        i
        for i, a in snapshot.audiences.items()
        if where.group in a.parents and ACROSS not in a.needs
    ]
    for child in children:
        its = places.local(snapshot, place_id, child, inputs.on, inputs.known_on)
        covered.append(its.share is not None)
        if its.row is None or its.share is None or its.share <= least:
            continue
        result = contribution(snapshot, child, months, inputs.on, inputs.known_on, place_id)
        inputs.take(its.support.row_id, its.row)
        first = not sentences
        name = its.full_name if first and where.share is None else its.name
        who = its.group_name + (f" ({its.condition})" if its.condition else "")
        # An exception to what was just said; where nothing was said, the groups stand alone.
        who = f"Riêng {who}" if first and where.share is not None else places.upper_first(who)
        gets = f"được {name} hỗ trợ thêm {figures.share(its.share)}"
        if not its.share:
            gets = "không có mức hỗ trợ thêm" + (f" của {name}" if first else "")
        pays = f"đóng {result.pays} cho {months} tháng" if result.pays_amount else "không phải đóng"
        sentences += [f"{who} {gets}, nên {pays}.", places.remark(its)]
    return sentences, bool(covered) and all(covered)
