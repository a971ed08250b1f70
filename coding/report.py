"""The evidence report: one HTML file in which every number opens to its passages.

`render` prepares plain values and the templates beside this module turn them into a page that loads
nothing from anywhere and works without its script. Titles, texts and codebooks come from outside:
all of them are escaped, and only web addresses become links.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import cycle, zip_longest
from typing import TYPE_CHECKING

import numpy as np

from coding import codebook
from coding.findings import LEVEL, N_PERMUTATIONS
from coding.plots.heat import ZEROS
from coding.plots.intervals import SIGNS
from coding.plots.parts import _MIXED, _NONE, _PAINTS
from coding.plots.sheet import DONORS
from coding.plots.words import number, percent
from coding.units import unitise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jinja2 import Environment
    from numpy.typing import NDArray

    from coding.findings import Contrast
    from coding.matrix import Composition, Matrix
    from coding.model import CodedSegment, Document
    from coding.study import Claim, Finding, Run, Study

N_TELLING = 5
FIGURES = ("heatmap", "composition", "by-year", "estimates")

_WEB = re.compile(r"https?://[^\s\"'<>]+")
_WORD = re.compile(r"\w+")
_GAPS = re.compile(r"[^A-Za-z0-9._-]+")
_NEIGHBOUR = 220  # characters of a neighbouring sentence, so that a long one does not drown the passage


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document with its coded words, as it is shown.

    Attributes
    ----------
    start, end : the units shown, in code points of the document
    pieces : the text in order, each piece with whether it is coded
    before, after : the neighbouring units, shortened; empty at the ends of the document
    hits : the coded segments in it
    sides : the sides of a contrast that count it; empty in a cell
    """

    document: Document
    start: int
    end: int
    pieces: tuple[tuple[str, bool], ...]
    before: str
    after: str
    hits: tuple[CodedSegment, ...]
    sides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A contrast as it is shown.

    Attributes
    ----------
    n_documents : documents with a unit in the base of either side
    cases : the case of each side
    elsewhere : the finding that already shows the passages of this contrast, if there is one
    telling, rest : passages that bear the code compared; `others` are the rest of the base
    """

    contrast: Contrast
    n_documents: int
    cases: tuple[str, str]
    elsewhere: str | None
    telling: tuple[Passage, ...]
    rest: tuple[Passage, ...]
    others: tuple[Passage, ...]


def render(run: Run, drawn: Mapping[str, bytes]) -> str:
    """Return the report of a run as one HTML page, equal from call to call.

    Parameters
    ----------
    drawn : mapping
        SVG documents by the name of the figure (`coding.plots.draw_all`); without one the page
        has no section of figures.
    """
    environment = _environment()
    style = _palette() + _read(environment, "report.css")
    script = _read(environment, "report.js")
    return environment.get_template("report.html.j2").render(
        run=run,
        matrix=run.matrix,
        style=style,
        script=script,
        policy=_policy(style, script),
        texts=" and ".join(f"{kind}s" for kind in _fidelity(run)),
        n_digests=sum(d.variables.get("fidelity") == "digest" for d in run.corpus),
        groups=_groups(run),
        largest=max((cell.value or 0.0 for cell in run.matrix), default=0.0),
        donors={case: f"case-{i % len(DONORS)}" for i, case in enumerate(run.matrix.cases)},
        held={cell.code for cell in run.matrix if cell.coded.segments},
        passages=_Passages(run),
        shown=_shown(run),
        titles={f.claim.id: f.claim.title for f in run.findings},
        in_short={f.claim.id: _in_short(f, run.matrix) for f in run.findings if f.verdict},
        decisions=_decisions(run.study, [run.corpus.name(case) for case in run.study.corpus.cases]),
        counts={verdict: sum(f.verdict == verdict for f in run.findings) for verdict in SIGNS},
        undetermined=_undetermined(run),
        figures=_figures(drawn),
        n_coded={d.id: len(run.coded.where(document=d.id).segments) for d in run.corpus},
        n_units=_count(unit.document for unit in run.matrix.projection.units),
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("coding", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "signed": signed,
        "web": web,
        "in_words": in_words,
        "rule_in_words": codebook.in_words,
        "by_document": by_document,
        "painted": painted,
    }
    environment.globals |= {
        "anchor": _Anchors(),
        "number": number,
        "ZEROS": ZEROS,
        "SIGNS": SIGNS,
        "LEVEL": LEVEL,
        "N_PERMUTATIONS": N_PERMUTATIONS,
        "n_words": lambda text: len(_WORD.findall(text)),
    }
    return environment


def _read(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _palette() -> str:
    """Return the colours of the figures as custom properties, so that page and figures agree."""
    cases = "".join(f"--case-{i}:{colour};" for i, (colour, _) in enumerate(DONORS))
    parts = "".join(f"--part-{i}:{colour};" for i, colour in enumerate(_PAINTS))
    rules = "".join(f".case-{i}{{--case:var(--case-{i})}}" for i in range(len(DONORS)))
    fills = "".join(f".part-{i}{{--part:var(--part-{i})}}" for i in range(len(_PAINTS)))
    return f":root{{{cases}{parts}--part-mixed:{_MIXED};--part-none:{_NONE}}}\n{rules}\n{fills}\n"


def _policy(style: str, script: str) -> str:
    """Return a policy under which only this style and this script act, and nothing is loaded."""
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _fidelity(run: Run) -> list[str]:
    return sorted({str(d.variables.get("fidelity", "text")) for d in run.corpus})


def _count(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def signed(value: float) -> str:
    """Write a difference with its sign.

    Examples
    --------
    >>> signed(0.214), signed(-0.5), signed(-0.001)
    ('+0.21', '−0.50', '0.00')
    """
    said = f"{value:+.2f}"
    return "0.00" if said[1:] == "0.00" else said.replace("-", "−")


def web(url: object) -> str | None:
    """Return a web address that may become a link, None for anything else.

    Examples
    --------
    >>> web("https://example.org/a"), web("javascript:alert(1)"), web(None)
    ('https://example.org/a', None, None)
    """
    return url if isinstance(url, str) and _WEB.fullmatch(url) else None


def in_words(value: object) -> str:
    """Write a value of a study or a document in words.

    Examples
    --------
    >>> in_words(True), in_words(["a", "b"]), in_words(None)
    ('yes', 'a, b', '—')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, value)) or "—"
    return "—" if value is None or value == "" else str(value)


def painted(composition: Composition) -> list[tuple[str, int, str]]:
    """Return the parts of a composition, each with its units and the name of its colour."""
    colours = cycle(f"part-{i}" for i in range(len(_PAINTS)))
    return [
        (part, n, f"part-{part}" if part in ("mixed", "none") else next(colours))
        for part, n in composition.counts.items()
    ]


def _in_short(finding: Finding, matrix: Matrix) -> str:
    """Say in words which share of a tested claim is the larger."""
    found, test = finding.contrasts[0], finding.claim.test
    size = "larger" if (found.difference or 0.0) > 0 else "smaller"
    inside = f" in {matrix.names[test.within]}" if test.within else ""
    if finding.claim.kind == "within":
        case = matrix.names[matrix.case(test.case or "")]
        return (
            f"for {case}, the share of {found.first.name}{inside} is {size} than that of {found.second.name}"
        )
    share = f"{matrix.names[test.on or '']}{inside}"
    return f"the share of {share} is {size} for {found.first.name} than for {found.second.name}"


def _undetermined(run: Run) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what is undetermined: what is compared, then for each category its name and finding."""
    open_ = [f for f in run.findings if f.verdict == "undetermined"]
    pairs = {(f.claim.test.first, f.claim.test.second) for f in open_ if f.claim.kind == "contrast"}
    grouped: dict[str, list[tuple[str, str]]] = {}
    for finding in open_:
        found, test = finding.contrasts[0], finding.claim.test
        sides = f" ({found.first.name} and {found.second.name})" if len(pairs) > 1 else ""
        if finding.claim.kind == "contrast" and test.within and test.on:
            what = (f"{run.matrix.names[test.on]} in", f"{run.matrix.names[test.within]}{sides}")
        else:
            what = ("", found.what)
        grouped.setdefault(what[0], []).append((what[1], finding.claim.id))
    return list(grouped.items())


def by_document(passages: Iterable[Passage]) -> list[tuple[Document, list[tuple[int, Passage]]]]:
    """Return passages, numbered from 1, under their documents."""
    grouped: dict[str, tuple[Document, list[tuple[int, Passage]]]] = {}
    for n, passage in enumerate(passages, start=1):
        grouped.setdefault(passage.document.id, (passage.document, []))[1].append((n, passage))
    return list(grouped.values())


@dataclass
class _Anchors:
    """Gives each thing of the page a name of its own that is safe in an address."""

    _names: dict[tuple[str, ...], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def __call__(self, *parts: str) -> str:
        if parts not in self._names:
            plain = "-".join(_GAPS.sub("-", part) for part in parts)
            name, n = plain, 1
            while name in self._taken:
                n += 1
                name = f"{plain}~{n}"
            self._taken.add(name)
            self._names[parts] = name
        return self._names[parts]


def _groups(run: Run) -> list[tuple[str, list[list[tuple[str, int]]]]]:
    """Return for each family its top codes, each with those below it and how far below they stand."""
    below: dict[str | None, list[str]] = {}
    for code in run.matrix.codes:
        above = (up for up in run.codebook.ancestors(code) if up in run.matrix.codes)
        below.setdefault(next(above, None), []).append(code)

    def rows(code: str, depth: int) -> Iterator[tuple[str, int]]:
        yield code, depth
        for child in below.get(code, []):
            yield from rows(child, depth + 1)

    families: dict[str, list[list[tuple[str, int]]]] = {}
    for top in below.get(None, []):
        families.setdefault(run.matrix.family(top), []).append(list(rows(top, 0)))
    return list(families.items())


class _Passages:
    """Finds the passages behind numbers: the sentences (or paragraphs) that hold coded segments."""

    def __init__(self, run: Run) -> None:
        unit = run.matrix.measurement.unit
        # A whole document is no passage: there its sentences are shown.
        shown = "sentence" if unit == "document" else unit
        self._corpus = run.corpus
        self._matrix = run.matrix
        self._spans = {d.id: [(u.start, u.end) for u in unitise(d, shown)] for d in run.corpus}

    def of_cell(self, code: str, case: str) -> list[Passage]:
        """Return the passages of a cell; each of its coded segments stands in exactly one."""
        return self._of(self._matrix.cells[code, case].coded.segments)

    def of_rows(self, rows: NDArray[np.int64], codes: Sequence[str]) -> list[Passage]:
        """Return the passages of some units, with the coded segments of some codes."""
        evidence = self._matrix.projection.evidence
        found = [s for row in rows for code in codes for s in evidence.get((int(row), code), ())]
        return self._of({segment.id: segment for segment in found}.values())

    def _of(self, segments: Iterable[CodedSegment]) -> list[Passage]:
        order = {document.id: i for i, document in enumerate(self._corpus)}
        found: list[tuple[str, int, int, list[CodedSegment]]] = []
        for coded in sorted(segments, key=lambda s: (order[s.segment.document], s.segment.start, s.id)):
            name, start, end = self._around(coded)
            if found and found[-1][0] == name and start < found[-1][2]:
                # A segment that crosses sentences joins them into one passage.
                _, first, last, hits = found.pop()
                found.append((name, min(first, start), max(last, end), [*hits, coded]))
            else:
                found.append((name, start, end, [coded]))
        return [self._passage(name, start, end, tuple(hits)) for name, start, end, hits in found]

    def _around(self, coded: CodedSegment) -> tuple[str, int, int]:
        """Return the document, start and end of the units that a segment touches."""
        segment = coded.segment
        spans = [s for s in self._spans[segment.document] if s[0] < segment.end and segment.start < s[1]]
        starts = [start for start, _ in spans] + [segment.start]
        return segment.document, min(starts), max([segment.end, *(end for _, end in spans)])

    def _passage(self, name: str, start: int, end: int, hits: tuple[CodedSegment, ...]) -> Passage:
        document = self._corpus[name]
        before = [s for s in self._spans[name] if s[1] <= start][-1:]
        after = [s for s in self._spans[name] if s[0] >= end][:1]
        return Passage(
            document=document,
            start=start,
            end=end,
            pieces=_pieces(document.text, start, end, hits),
            before="".join(_shortened(document.text[a:b], tail=True) for a, b in before),
            after="".join(_shortened(document.text[a:b], tail=False) for a, b in after),
            hits=hits,
        )


def _pieces(text: str, start: int, end: int, hits: Iterable[CodedSegment]) -> tuple[tuple[str, bool], ...]:
    """Cut a stretch of text where coded words begin and end; hits that overlap are one piece."""
    pieces = []
    at = start
    joined: list[list[int]] = []
    for hit in sorted(hits, key=lambda coded: coded.segment.start):
        if joined and hit.segment.start < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], hit.segment.end)
        else:
            joined.append([hit.segment.start, hit.segment.end])
    for first, last in joined:
        pieces += [(text[at:first], False), (text[first:last], True)]
        at = last
    pieces.append((text[at:end], False))
    return tuple(piece for piece in pieces if piece[0])


def _shortened(text: str, *, tail: bool) -> str:
    if len(text) <= _NEIGHBOUR:
        return text
    return f"… {text[-_NEIGHBOUR:]}" if tail else f"{text[:_NEIGHBOUR]} …"


def _shown(run: Run) -> dict[str, list[Shown]]:
    """Return the contrasts of each finding with their passages."""
    passages = _Passages(run)
    first_seen: dict[Contrast, str] = {}
    return {
        finding.claim.id: [
            _show(run, finding, contrast, link, passages, first_seen)
            for link, contrast in enumerate(finding.contrasts)
        ]
        for finding in sorted(run.findings, key=lambda f: f.claim.kind == "chain")
    }


def _show(
    run: Run,
    finding: Finding,
    contrast: Contrast,
    link: int,
    passages: _Passages,
    first_seen: dict[Contrast, str],
) -> Shown:
    claim = finding.claim
    pairs, within = _compared(claim, link, run.study)
    codes = list(dict.fromkeys(code for code in (*(on for _, on in pairs), within) if code))
    rows = [behind(run.matrix, case, on, within=within, base=claim.test.base) for case, on in pairs]
    elsewhere = first_seen.setdefault(contrast, claim.id)
    names = (contrast.first.name, contrast.second.name)
    bearing = [passages.of_rows(bears, codes) for bears, _ in rows]
    telling, rest = _told(bearing, names)
    # Of a base that is everything searched, the rest is the corpus itself.
    left = [passages.of_rows(bears_not, codes if claim.test.base == "coded" else []) for _, bears_not in rows]
    seen = {(p.document.id, p.start) for p in (*telling, *rest)}
    others = tuple(
        p for p in _together(left, names) if claim.kind != "within" or (p.document.id, p.start) not in seen
    )
    units = run.matrix.projection.units
    return Shown(
        contrast=contrast,
        n_documents=len({units[int(row)].document for pair in rows for part in pair for row in part}),
        cases=(run.matrix.case(pairs[0][0]), run.matrix.case(pairs[1][0])),
        elsewhere=None if elsewhere == claim.id else elsewhere,
        telling=telling,
        rest=rest,
        others=others,
    )


def _compared(claim: Claim, link: int, study: Study) -> tuple[list[tuple[str, str]], str | None]:
    """Return the case and code of both sides of a contrast, and the code within which it is drawn."""
    test = claim.test
    on = test.on or ""
    match claim.kind:
        case "within":
            return [(test.case or "", on), (test.case or "", test.versus or "")], test.within
        case "chain":
            first, second = study.corpus.cases[:2]
            return [(first, on), (second, on)], test.along[link]
        case _:
            return [(test.first or "", on), (test.second or "", on)], test.within


def behind(
    matrix: Matrix, case: str, on: str, *, within: str | None, base: str | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the units behind one share of a contrast: those that bear the code, and the rest of the base.

    Parameters
    ----------
    base : "coded" if only units that bear any code of the family of `on` belong to the base
    """
    rows = matrix.rows[matrix.case(case)]
    inside = matrix.bears(within) if within else np.ones(len(matrix.projection.units), dtype=np.bool_)
    if base == "coded":
        inside = inside & matrix.bears_any(matrix.family(on))
    rows = rows[inside[rows]]
    bearing = matrix.bears(on)[rows]
    return rows[bearing], rows[~bearing]


def _told(sides: Sequence[Sequence[Passage]], names: Sequence[str]) -> tuple[tuple[Passage, ...], ...]:
    """Return the most telling passages, then the others in the same order.

    Sides take turns; within a side each document gives one passage before any gives a second, and
    passages with more coded segments come first.
    """
    every = _together(sides, names)
    by_place = {(p.document.id, p.start): p for p in every}
    turns = zip_longest(*(_spread(side) for side in sides))
    order = dict.fromkeys((p.document.id, p.start) for turn in turns for p in turn if p is not None)
    told = tuple(by_place[place] for place in order)
    return told[:N_TELLING], told[N_TELLING:]


def _spread(side: Sequence[Passage]) -> list[Passage]:
    ranked = sorted(side, key=lambda p: -len(p.hits))
    turn: dict[str, int] = {}
    placed = []
    for passage in ranked:
        turn[passage.document.id] = turn.get(passage.document.id, 0) + 1
        placed.append((turn[passage.document.id], -len(passage.hits), passage))
    return [passage for _, _, passage in sorted(placed, key=lambda place: place[:2])]


def _together(sides: Sequence[Sequence[Passage]], names: Sequence[str]) -> list[Passage]:
    """Return the passages of all sides once, each with the names of the sides that count it."""
    found: dict[tuple[str, int], Passage] = {}
    for name, side in zip(names, sides, strict=True):
        for passage in side:
            known = found.setdefault((passage.document.id, passage.start), passage)
            found[passage.document.id, passage.start] = replace(known, sides=(*known.sides, name))
    return list(found.values())


def _decisions(study: Study, cases: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return every decision of the study: name, value and reason. A reason that fits none comes last."""
    years = study.corpus.years
    span = " ".join(
        f"{word} {year}" for word, year in (("from", years.first), ("to", years.last)) if year is not None
    )
    values: dict[str, object] = {
        "cases": list(cases),
        "fidelity": study.corpus.fidelity,
        "source_kind": study.corpus.source_kind,
        "years": span or "all",
        "codebook": study.codebook,
        "coders": study.coders,
        "overlap": study.overlap,
        **study.measurement.model_dump(),
        "least_clusters": study.least_clusters,
        "seed": study.seed,
    }
    values |= dict.fromkeys(name for name in study.why if name not in values)
    return [
        (name.replace("_", " "), in_words(value), in_words(study.why.get(name)))
        for name, value in values.items()
    ]


def _figures(drawn: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Return the figures in their order, each as an address that holds the whole picture."""
    names = [*(n for n in FIGURES if n in drawn), *sorted(set(drawn) - set(FIGURES))]
    return [(name, f"data:image/svg+xml;base64,{b64encode(drawn[name]).decode()}") for name in names]
