"""`bot new`: a commented file that passes `bot check` once its TODOs are filled in."""

from __future__ import annotations

import re
from pathlib import Path

from bot.errors import KnowledgeError
from knowledge.schema import ID_PATTERN

#: Where an answer begins its life; its author moves it when another topic fits better.
DEFAULT_TOPIC = "other_bhyt"

_ANSWER = """\
# Move this file to answers/<topic>/ when you choose another topic.
id: {id}
topic: {topic}                 # an id of topics.yaml
audience: ""                      # an id of audiences.yaml when the answer is for one group only
kind: howto                       # rule: bound to dates; record: what a document said; howto: steps
visibility: citizen               # or staff: only in the console and `bot ask --staff`
title: TODO                       # at most 60 characters, no figures; stands on buttons
phrasings:                        # how people really type: at least 10, with and without accents
{phrasings}
negative_phrasings: []            # look alike, belong to another answer
slots: []                         # what changes the answer: group, place, months, members, ...
effective_from: TODO              # YYYY-MM-DD
effective_to: open                # or a date, or unknown (then add confirmed_until: a date)
citations:
  - {{directive: TODO, locator: TODO}}   # an id of directives/, and e.g. "khoản 2 Điều 5"
reply:
  # The first sentence answers the question. No figure in the text itself: README.md lists
  # what a template can use instead.
  full: |
    TODO
follow_ups: []                    # ids of answers offered below the reply
review: {{checked_on: TODO, review_by: TODO}}
"""

_DIRECTIVE = """\
id: {id}
number: TODO                      # official number, e.g. "188/2025/NĐ-CP"; "" when it has none
kind: TODO                        # Luật, Nghị định, Nghị quyết, Công văn, Kế hoạch, ...
title: TODO                       # the full Vietnamese title
short_name: TODO                  # how a reply names it, e.g. Nghị định 188/2025/NĐ-CP
issuer: TODO                      # who issued it
signer: ""
signed_on: TODO                   # YYYY-MM-DD; remove a date line when the date is not known
published_on: TODO
effective_from: TODO
effective_to: open                # or a date, or unknown
place: national                   # or an id of places/
supersedes: []                    # - {{directive: id, since: YYYY-MM-DD, part: ""}}
amends: []                        # ids of directives
based_on: []                      # ids of directives
read_at: TODO                     # where the text or its account was read, and when
defects: []                       # known defects of the text: a missing number, an impossible date
"""

_PLACE = """\
id: {id}
name: TODO                        # e.g. Bắc Ninh
kind: tỉnh                        # or thành phố
aliases: []                       # other names people use
# A former place: exists_to (its last day) and merged_into (an id of places/).
# A merged one: exists_from, merged_from (ids), merged_on, and
# merger_citation: {{directive: id, locator: "..."}}.
offices:
  - {{name: TODO, contact: TODO}}
# What the council adds to the national share, on top, one row per group and period.
# A group that is asked about and has no confirmed figure: known: "no" and no value.
support:
  - audience: TODO                # an id of audiences.yaml
    value: TODO                   # a share, e.g. "20%"
    effective_from: TODO
    effective_to: TODO            # a date, open, or unknown (then add confirmed_until: a date)
    checked_on: TODO
    citation: {{directive: TODO, locator: TODO}}
    confidence: TODO              # directive, official_text, verified or single_source
    source: TODO                  # short name of what was read
    basis: residence              # school, residence, school_and_residence or unstated
"""

_VALUE = """\
id: {id}
name: TODO                        # Vietnamese name, lower case, as it stands inside a sentence
unit: TODO                        # vnd, vnd_per_month, share, months, days, working_days, years,
                                  # count, times, date or text
# One row for each period and audience; rows never overlap. Days between two rows on which no
# figure is confirmed: a row with known: "no" and no value.
rows:
  - value: TODO                   # 2530000, "4,5%", 2026-07-01 or a text, as the unit says
    audience: ""                  # an id of audiences.yaml when the row is for one group only
    effective_from: TODO          # YYYY-MM-DD
    effective_to: TODO            # a date, open, or unknown (then add confirmed_until: a date)
    checked_on: TODO
    citation: {{directive: TODO, locator: TODO}}
    confidence: TODO              # directive, official_text, verified or single_source
    source: TODO                  # short name of what was read
"""

_TEXTS = {"answer": _ANSWER, "directive": _DIRECTIVE, "place": _PLACE, "value": _VALUE}
_FOLDERS = {"answer": "answers", "directive": "directives", "place": "places", "value": "values"}


def new(kind: str, id_: str, folder: Path, topic: str = "") -> Path:
    """Write a commented file to fill in, and return its path.

    Args:
        kind: "answer", "directive", "place" or "value".
        id_: the id, also the file's name; for an answer "topic/id" says the topic too.
        folder: the knowledge folder.
        topic: topic of an answer; `other_bhyt` when neither says one.

    Raises `KnowledgeError` for an unknown kind, an impossible id, or a file that exists.
    """
    if kind not in _TEXTS:
        known = ", ".join(_TEXTS)
        raise KnowledgeError(f'there is no scaffold for "{kind}"; there is one for {known}')
    if kind == "answer" and "/" in id_:
        topic, _, id_ = id_.partition("/")
    for name in filter(None, (id_, topic)):
        if not re.fullmatch(ID_PATTERN, name):
            raise KnowledgeError(f'"{name}" is not an id; use lower-case letters, digits, - _ .')
    topic = topic or DEFAULT_TOPIC
    path = folder / _FOLDERS[kind] / (topic if kind == "answer" else "") / f"{id_}.yaml"
    existing = sorted(folder.glob(f"{_FOLDERS[kind]}/**/{id_}.yaml"))
    if kind == "value":  # several may share a file
        own = re.compile(rf"^(?:- )?id: *{re.escape(id_)}\s*(?:#.*)?$", re.MULTILINE)
        files = sorted(folder.glob("values/*.yaml"))
        existing += [path for path in files if own.search(path.read_text(encoding="utf-8"))]
    if existing:
        there = existing[0].relative_to(folder).as_posix()
        inside = existing[0].stem != id_
        raise KnowledgeError(f'"{id_}" stands in {there}' if inside else f"{there} already exists")
    phrasings = "\n".join(f"  - TODO {nth}" for nth in range(1, 11))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_TEXTS[kind].format(id=id_, topic=topic, phrasings=phrasings), encoding="utf-8")
    return path
