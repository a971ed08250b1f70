"""What stands together as tables: for a paper, for a spreadsheet, for a script.

A number never stands alone: beside how many places bear both codes stand those that bear each, and the base.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.paper import Paper, Row, Table
from coding.plots.heat import ZEROS
from coding.surroundings import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coding.cooccurrence import Cooccurrence, Meeting, Pair
    from coding.formats.csv import Cell
    from coding.model import CodedSegment, Corpus, Segment
    from coding.pathways import Gap, Kept, Link, Pathway, Pathways

NOTHING = "—"
IN_WORDS = {
    "absent": "read by a person, none found",
    "searched": "searched by rules, none found",
    "not examined": "nobody looked",
}

_ZEROS = (
    "0: a person read and found none; –: rules searched and found none; ·: nobody looked, which is no zero."
)
_MEASURES = (
    "Jaccard: of the {place}s that bear either code, the share that bears both. Lift: how many times as "
    "often both stand together as they would if each stood anywhere alike."
)
_NO_CAUSE = "Described, not tested: that two codes stand together does not say that one leads to the other."
_PAIR_HEAD: tuple[Cell, ...] = (
    "first", "second", "both", "documents", "with_first", "with_second", "base", "unread", "jaccard", "lift",
    "state",
)  # fmt: skip


def pathways_paper(found: Pathways, *, cases: Sequence[str], texts: str) -> Paper:
    """Return the links of some cases as one table.

    Parameters
    ----------
    cases : ids of the cases
    texts : what the texts are, such as "digests"
    """
    return Paper("", (links_table(found, cases=cases, texts=texts),))


def links_table(found: Pathways, *, cases: Sequence[str], texts: str) -> Table:
    """Return a row for each link, and below it one for each two of its codes that stand together."""
    counts = ("Both", "Documents", "First", "Second", "Base", "Jaccard", "Lift", "Orientation stays")
    return Table(
        name="pathways",
        caption=f"Codes of neighbouring steps that stand together in one {found.together}, in {texts}.",
        head=("Case", "From", "To", *counts),
        rows=tuple(row for case in cases for row in _rows(found, case)),
        notes=tuple(_notes(found, cases)),
        numbers=tuple(range(3, 11)),
    )


def pathways_table(found: Pathways, *, cases: Sequence[str]) -> list[list[Cell]]:
    """Return one row for each case, link and pair of codes: counts, bases, and which zero a zero is."""
    head: list[Cell] = ["case", "step", "next_step", *_PAIR_HEAD, "oriented_at_both", "orientation_stays"]
    table = [head]
    for case in cases:
        for number, link in enumerate(found[case].links, 1):
            kept = [link.kept.n_oriented, link.kept.n_same] if link.kept else [None, None]
            whole: list[Cell] = [case, number, number + 1, *_pair(link.whole), *kept]
            pairs = link.pairs if _divides(link) else ()
            table += [whole, *([case, number, number + 1, *_pair(pair), None, None] for pair in pairs)]
    return table


def cooccurrence_paper(found: Cooccurrence, *, texts: str) -> Paper:
    """Return the co-occurrence of codes as one table: codes as rows and columns, the columns by number."""
    names = [found.matrix.names[code] for code in found.codes]
    rows = [
        Row((f"{i + 1}. {names[i]}", *(_count(found.pair(code, other)) for other in found.codes)))
        for i, code in enumerate(found.codes)
    ]
    who = found.matrix.names[found.case] if found.case else "all cases"
    place = found.together
    return Paper(
        "",
        (
            Table(
                name="cooccurrence",
                caption=f"{place.title()}s that bear both codes, {who}, in {texts}.",
                head=("Code", *(f"{i + 1}" for i in range(len(names)))),
                rows=tuple(rows),
                notes=(
                    f"In the diagonal: {place}s that bear the code, of {bases_in_words(found)}.",
                    *filter(None, [unread_of_codes(found)]),
                    _ZEROS,
                    _NO_CAUSE,
                ),
                numbers=tuple(range(1, len(names) + 1)),
            ),
        ),
    )


def cooccurrence_table(found: Cooccurrence) -> list[list[Cell]]:
    """Return one row for each two codes, and one for each code with itself."""
    own = [found.pair(code, code) for code in found.codes]
    return [list(_PAIR_HEAD), *(_pair(pair) for pair in (*own, *found))]


def pathways_json(found: Pathways, *, cases: Sequence[str], texts: str) -> dict[str, object]:
    """Return pathways as plain values.

    Parameters
    ----------
    cases : ids of the cases
    texts : what the texts are, such as "digests"
    """
    return {
        "texts": texts,
        "together": found.together,
        "unit": found.matrix.measurement.unit,
        "steps": [{"categories": list(step.categories), "codes": list(step.codes)} for step in found.steps],
        "orientations": list(found.orientations),
        "cases": {case: _way_json(found, found[case]) for case in cases},
    }


def cooccurrence_json(found: Cooccurrence, *, texts: str) -> dict[str, object]:
    """Return the co-occurrence of codes as plain values; `texts` says what the texts are."""
    return {
        "texts": texts,
        "together": found.together,
        "unit": found.matrix.measurement.unit,
        "case": found.case,
        "places": len(found.read),
        "units": found.n_units,
        "unread": found.n_unread(*found.codes),
        "codes": {code: found.pair(code, code).n_both for code in found.codes},
        "pairs": [pair_json(pair) for pair in found],
    }


def pair_json(pair: Pair) -> dict[str, object]:
    """Return how two codes stand to one another as plain values, with its places."""
    return {
        **dict(zip(map(str, _PAIR_HEAD), _pair(pair), strict=True)),
        "places": [_place(place) for place in pair.places],
    }


def meetings_json(meetings: Sequence[Meeting], corpus: Corpus) -> list[dict[str, object]]:
    """Return places that bear two codes, each with the coded segments of the one and the other."""
    return [
        {
            **_place(one.place),
            "first": [_segment(segment, corpus) for segment in one.first],
            "second": [_segment(segment, corpus) for segment in one.second],
        }
        for one in meetings
    ]


def meetings_table(of_cases: Mapping[str, Sequence[Meeting]], corpus: Corpus) -> list[list[Cell]]:
    """Return one row for each coded segment in a place that bears two codes, with its sentence."""
    table: list[list[Cell]] = [
        ["case", "place", "document", "start", "end", "which", "code", "quote", "passage"]
    ]
    for case, meetings in of_cases.items():
        for n, one in enumerate(meetings, 1):
            for which, segments in (("first", one.first), ("second", one.second)):
                said = [_segment(segment, corpus) for segment in segments]
                names = ("document", "start", "end", "code", "quote", "passage")
                table += [
                    [case, n, *row[:3], which, *row[3:]] for row in ([s[k] for k in names] for s in said)
                ]
    return table


def gap_in_words(gap: Gap) -> str:
    """Say of which step, or between which two, nothing was found, and which zero that is."""
    names = [step.name for step in gap.steps]
    what = names[0] if len(names) == 1 else f"{names[0]} with {names[1]}"
    return f"{ZEROS[gap.state]} {what}: {IN_WORDS[gap.state]}"


def whole_in_words(way: Pathway) -> str:
    """Say how many documents bear every step, of those that were read for every step."""
    left = len(way.held) - len(way.read)
    unread = f"; {left} more {'was' if left == 1 else 'were'} not read for some step" if left else ""
    return f"{len(way.whole)} of {len(way.read)} documents bear every step{unread}"


def unread_in_words(n_unread: int, n_units: int, unit: str, what: str) -> str:
    """Say how many units were not read for all that is counted; nothing if all were.

    Examples
    --------
    >>> unread_in_words(4, 16, "sentence", "step")
    '4 of 16 sentences were not read for some step, and count nowhere for it.'
    """
    if not n_unread:
        return ""
    verbs = ("was", "counts") if n_unread == 1 else ("were", "count")
    return (
        f"{n_unread} of {n_units} {unit}s {verbs[0]} not read for some {what}, and {verbs[1]} nowhere for it."
    )


def unread_of_case(found: Pathways, case: str) -> str:
    """Say of a case how many units were not read for every step; nothing if all were."""
    way = found[case]
    return unread_in_words(way.n_unread, way.n_units, found.matrix.measurement.unit, "step")


def unread_of_codes(found: Cooccurrence) -> str:
    """Say how many units were not read for every code of the table; nothing if all were."""
    unread = found.n_unread(*found.codes)
    return unread_in_words(unread, found.n_units, found.matrix.measurement.unit, "code")


def bases_in_words(found: Cooccurrence) -> str:
    """Say of how many places it is known whether they bear a code: of some codes it may be fewer."""
    bases = sorted({found.pair(code, code).base for code in found.codes})
    if len(bases) < 2:
        return str(bases[0] if bases else 0)
    return f"{bases[0]} to {bases[-1]}, those that were read for it"


def kept_in_words(kept: Kept | None) -> str:
    """Say in how many places that are oriented at both steps an orientation stays; a dash where none is."""
    return f"{kept.n_same} of {kept.n_oriented}" if kept and kept.n_oriented else NOTHING


def ratio_in_words(value: float | None) -> str:
    """Return a coefficient with two places; a dash where it is not defined."""
    return NOTHING if value is None else f"{value:.2f}"


def _divides(link: Link) -> bool:
    """Say whether a link has more to show than its whole: a step of several codes, or of codes below."""
    return any(step.codes != step.categories or len(step.codes) > 1 for step in (link.first, link.second))


def _rows(found: Pathways, case: str) -> Iterator[Row]:
    names = found.matrix.names
    for i, link in enumerate(found[case].links):
        whole = (link.first.name, link.second.name, *_cells(link.whole), kept_in_words(link.kept))
        yield Row((names[case], *whole), apart=i == 0)
        for pair in link.pairs if _divides(link) else ():
            if pair.n_both:
                yield Row(("", names[pair.first], names[pair.second], *_cells(pair), ""))


def _cells(pair: Pair) -> tuple[str, ...]:
    return (
        _count(pair), str(pair.n_documents), str(pair.n_first), str(pair.n_second), str(pair.base),
        ratio_in_words(pair.jaccard), ratio_in_words(pair.lift),
    )  # fmt: skip


def _count(pair: Pair) -> str:
    return str(pair.n_both) if pair.n_both else ZEROS[pair.state]


def _notes(found: Pathways, cases: Sequence[str]) -> Iterator[str]:
    place = found.together
    yield f"Both, First, Second, Base: {place}s that bear both, the one, the other, and those read for both."
    yield _MEASURES.format(place=place)
    if found.orientations:
        yield (
            f"Orientation stays: of the {place}s that are oriented at both steps, those in which one "
            "orientation bears on both."
        )
    if found.orientations and found.is_kept_by_itself:
        yield f"Orientation is coded by {place}, so in one {place} it stays by itself; this says nothing."
    for case in cases:
        name, way = found.matrix.names[case], found[case]
        yield f"{name}: {whole_in_words(way)}."
        if unread := unread_of_case(found, case):
            yield f"{name}: {unread}"
        gaps = [gap_in_words(gap) for gap in found.gaps(case)]
        if gaps:
            yield f"{name}, gaps: {'; '.join(gaps)}."
    yield _ZEROS
    yield _NO_CAUSE


def _pair(pair: Pair) -> list[Cell]:
    return [
        pair.first, pair.second, pair.n_both, pair.n_documents, pair.n_first, pair.n_second, pair.base,
        pair.n_unread, pair.jaccard, pair.lift, pair.state,
    ]  # fmt: skip


def _way_json(found: Pathways, way: Pathway) -> dict[str, object]:
    return {
        "units": way.n_units,
        "unread": way.n_unread,
        "steps": [pair_json(pair) for pair in way.steps],
        "links": [
            {
                **pair_json(link.whole),
                "orientation": _kept_json(link.kept),
                "pairs": [pair_json(pair) for pair in link.pairs],
            }
            for link in way.links
        ],
        "gaps": [
            {"steps": [list(step.categories) for step in gap.steps], "state": gap.state}
            for gap in found.gaps(way.case)
        ],
        "ways": [{"categories": list(w.categories), "documents": list(w.documents)} for w in way.ways],
        "documents": {document: list(held) for document, held in way.held.items()},
    }


def _kept_json(kept: Kept | None) -> dict[str, object] | None:
    if kept is None:
        return None
    return {
        "oriented_at_both": kept.n_oriented,
        "stays": kept.n_same,
        "share": kept.share,
        "first": dict(kept.first),
        "second": dict(kept.second),
    }


def _segment(coded: CodedSegment, corpus: Corpus) -> dict[str, Cell]:
    """Return a coded segment with its words and the sentence around them."""
    document, place = corpus[coded.segment.document], coded.segment
    start, end = cut(document, "sentence").around(place.start, place.end)
    return {
        **_place(place),
        "code": coded.code,
        "coder": coded.coder,
        "because": coded.because,
        "quote": document.quote(place),
        "passage": document.text[start:end],
    }


def _place(place: Segment) -> dict[str, Cell]:
    return {"document": place.document, "start": place.start, "end": place.end}
