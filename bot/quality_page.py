"""The quality report as Markdown, with a reliability diagram: written by `bot eval --record`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pygal
from pygal.style import CleanStyle

from bot.match.quality import Figures, Seen, by, confusions, interval, reliability

# pygal leaves an import hook behind for its old plug-ins; it has no `find_spec`, so every later
# import in this process would warn.
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__name__ != "PluginImportFixer"]

#: The diagram stands beside the page.
DIAGRAM = Path("images") / "reliability.svg"


def diagram(seen: Sequence[Seen]) -> bytes:
    """Stated probability against the share that was right, as SVG."""
    chart = pygal.XY(
        style=CleanStyle, width=640, height=420, show_legend=True, legend_at_bottom=True,
        x_title="stated probability", y_title="share that was right", range=(0, 1),
        xrange=(0, 1), js=[], disable_xml_declaration=True, no_prefix=True,
    )  # fmt: skip
    chart.add("the desk", [(x, y) for x, y, _ in reliability(seen)], dots_size=4)
    chart.add("perfect", [(0, 0), (1, 1)], show_dots=False, stroke_style={"dasharray": "4, 4"})
    chart.add_xml_filter(_without_scripts)
    return str(chart.render()).encode()


def _without_scripts(root: Any) -> Any:
    """A picture runs nothing, wherever it is shown."""
    for parent in list(root.iter()):
        for child in [one for one in parent if str(one.tag).endswith("script")]:
            parent.remove(child)
    return root


def page(
    command: str,
    setting: str,
    seen: Sequence[Seen],
    crossed: Sequence[Seen],
    baselines: Mapping[str, tuple[int, int, int]],
    dialogues: Sequence[str],
) -> str:
    """The whole page.

    Args:
        command: what was run.
        setting: date, knowledge hash, thresholds.
        seen: every single message as the desk treated it.
        crossed: the same with a model fitted without the message's part.
        baselines: name -> right topic first, among three, messages.
        dialogues: lines of the report on dialogues.
    """
    parts = [
        _head(command, setting),
        _totals("As served", seen),
        _totals("Cross-fitted: calibration fitted without the measured part", crossed),
        _table(
            "The same phrasings, simpler ways",
            ("way", "right topic first", "among three"),
            [
                (name, _share(first, total), _share(three, total))
                for name, (first, three, total) in baselines.items()
            ],
        ),
        _groups("By kind of noise or form", seen, lambda one: one.kind or "plain"),
        _groups("By topic", seen, lambda one: one.wanted),
        _table(
            "What stood in the way",
            ("cause", "messages"),
            [(name, str(count)) for name, count in _causes(seen)],
        ),
        _table(
            "Wrong answers by topic",
            ("asked about", "answered about", "times"),
            [(wanted, given, str(n)) for wanted, given, n in confusions(seen)],
        ),
        _reliability(crossed),
        "## Dialogues\n\n" + "\n".join(f"- {line}" for line in dialogues),
    ]
    return "\n\n".join(parts) + "\n"


def _head(command: str, setting: str) -> str:
    return (
        "# How well questions are understood\n\n"
        f"Written by `{command}`; not by hand. {setting}\n\n"
        "Right topic first / among three: where the right topic stands in the ranking, whatever "
        "was then done. Right: answered with it. Offered: asked back, with it among the choices. "
        "Wrong: answered with another. Shares with their 95 % interval."
    )


def _totals(title: str, seen: Sequence[Seen]) -> str:
    rows = []
    files = sorted({one.file for one in seen})
    for name, held in [
        *((file, [one for one in seen if one.file == file]) for file in files),
        ("all", list(seen)),
    ]:
        found = Figures.of(held)
        outside = [one for one in held if not one.inside]
        strange = sum(one.verdict == "out:wrong" for one in outside)
        if found.total:
            counts = (found.first, found.three, found.right, found.helped, found.wrong)
            inside = [str(found.total), *(_share(count, found.total) for count in counts)]
        else:
            inside = ["0", "", "", "", "", ""]
        rows.append(
            (name, *inside, str(len(outside)), _share(strange, len(outside)) if outside else "")
        )
    return _table(
        title,
        (
            "file", "in scope", "right topic first", "among three", "right", "right or offered",
            "wrong", "outside", "outside answered",
        ),
        rows,
    )  # fmt: skip


def _groups(title: str, seen: Sequence[Seen], name: Callable[[Seen], str]) -> str:
    return _table(
        title,
        ("group", "messages", "right topic first", "right", "right or offered", "wrong"),
        [
            (
                group,
                str(found.total),
                _share(found.first, found.total),
                _share(found.right, found.total),
                _share(found.helped, found.total),
                _share(found.wrong, found.total),
            )
            for group, found in by(seen, name).items()
        ],
    )


def _causes(seen: Sequence[Seen]) -> Iterator[tuple[str, int]]:
    """Why messages in scope were not answered right, by where the right topic stood."""
    names = {
        (True, "first"): "threshold: the right topic stood first and was not given",
        (True, "near"): "ranking: asked back, the right topic second or third",
        (True, "far"): "ranking: not answered, the right topic further down",
        (True, "none"): "missing phrasing or answer: not answered, the topic not found",
        (False, "near"): "ranking: a wrong answer, the right topic second or third",
        (False, "far"): "ranking: a wrong answer, the right topic further down",
        (False, "none"): "missing phrasing or answer: a wrong answer, the topic not found",
    }
    found: Counter[str] = Counter()
    for one in seen:
        if not one.inside or one.verdict == "in:right":
            continue
        where = {0: "none", 1: "first", 2: "near", 3: "near"}.get(one.place, "far")
        found[names.get((one.verdict != "in:wrong", where), "other")] += 1
    yield from found.most_common()


def _reliability(seen: Sequence[Seen]) -> str:
    table = _table(
        "Are the probabilities true?",
        ("stated", "came true", "messages"),
        [(f"{x:.2f}", f"{y:.2f}", str(n)) for x, y, n in reliability(seen)],
    )
    return f"{table}\n\n![Stated probability against the share that was right]({DIAGRAM})"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"## {title}", "", _line(head), _line(["---"] * len(head)), *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _share(hits: int, total: int) -> str:
    low, high = interval(hits, total)
    return f"{100 * hits / total:.1f} % ({100 * low:.1f}–{100 * high:.1f})" if total else "–"
