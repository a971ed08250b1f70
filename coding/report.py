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
from itertools import cycle
from typing import TYPE_CHECKING

from coding import codebook
from coding.findings import LEVEL, N_PERMUTATIONS
from coding.locators import has_pages, locator
from coding.passages import Passages, by_document, shown
from coding.plots.heat import ZEROS
from coding.plots.intervals import SIGNS
from coding.plots.parts import _MIXED, _NONE, _PAINTS
from coding.plots.sheet import DONORS
from coding.plots.words import number, part, percent
from coding.robustness import Multiverse, Spread, Summary, summary
from coding.templating import environment, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jinja2 import Environment

    from coding.codebook import Codebook, Rule
    from coding.matrix import Composition, Matrix
    from coding.study import Finding, Run, Study

FIGURES = ("heatmap", "composition", "side-by-side", "by-year", "estimates", "pathways", "timeline")

_WEB = re.compile(r"https?://[^\s\"'<>]+")
_WORD = re.compile(r"\w+")
_GAPS = re.compile(r"[^A-Za-z0-9._-]+")
_HOLE = 0xE000  # the first of the private letters that stand for patterns while a rule is said
_SIZE = re.compile(rb'<svg[^>]*? width="([\d.]+)pt" height="([\d.]+)pt"')


def render(
    run: Run,
    drawn: Mapping[str, bytes],
    *,
    universes: Multiverse | None = None,
    curves: Mapping[str, bytes] | None = None,
) -> str:
    """Return the report of a run as one HTML page, equal from call to call.

    Parameters
    ----------
    drawn : mapping
        SVG documents by the name of the figure (`coding.plots.draw_all`); without one the page
        has no section of figures.
    universes : of the same study, if they were computed; else the page has no section on robustness
    curves : SVG documents of their specification curves by finding (`coding.plots.specification_curve`)
    """
    pages = _environment()
    style = _palette() + source(pages, "report.css")
    script = source(pages, "report.js")
    return pages.get_template("report.html.j2").render(
        run=run,
        matrix=run.matrix,
        style=style,
        script=script,
        policy=_policy(style, script),
        texts=run.texts,
        n_digests=sum(d.variables.get("fidelity") == "digest" for d in run.corpus),
        groups=_groups(run),
        largest=max((cell.value or 0.0 for cell in run.matrix), default=0.0),
        donors={case: f"case-{i % len(DONORS)}" for i, case in enumerate(run.matrix.cases)},
        held={cell.code for cell in run.matrix if cell.coded.segments},
        passages=Passages(run),
        shown=shown(run),
        titles={f.claim.id: f.claim.title for f in run.findings},
        in_short={f.claim.id: _in_short(f, run.matrix) for f in run.findings if f.verdict},
        decisions=decisions(run.study, [run.corpus.name(case) for case in run.study.corpus.cases]),
        counts={verdict: sum(f.verdict == verdict for f in run.findings) for verdict in SIGNS},
        undetermined=_undetermined(run),
        figures=_figures(drawn),
        usual=usual(run.codebook),
        n_coded=_count(segment.segment.document for segment in run.coded.segments),
        who=_who(run),
        n_units=_count(unit.document for unit in run.matrix.projection.units),
        universes=universes,
        robust=_robust(universes, curves or {}) if universes else [],
    )


def policy() -> str:
    """Return the policy of the page: only its own style and script act, and nothing is loaded."""
    pages = _environment()
    return _policy(_palette() + source(pages, "report.css"), source(pages, "report.js"))


def decisions(study: Study, cases: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return every decision of a study: name, value and reason. A reason that fits none comes last.

    Parameters
    ----------
    cases : the names of its cases, as they are shown
    """
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
        **({"unreviewed": study.unreviewed} if study.unreviewed else {}),
        "overlap": study.overlap,
        **study.measurement.model_dump(),
        "least_clusters": study.least_clusters,
        "seed": study.seed,
        **({"robustness": f"varies {study.robustness.said()}"} if study.robustness else {}),
        **({"pathway": str(study.pathway)} if study.pathway else {}),
    }
    values |= dict.fromkeys(name for name in study.why if name not in values)
    return [
        (name.replace("_", " "), in_words(value), in_words(study.why.get(name)))
        for name, value in values.items()
    ]


def _environment() -> Environment:
    made = environment()
    made.filters |= {
        "part": part,
        "percent": percent,
        "signed": signed,
        "web": web,
        "in_words": in_words,
        "said_of": said_of,
        "by_document": by_document,
        "painted": painted,
        "locator": locator,
    }
    made.tests["in_pages"] = has_pages
    made.globals |= {
        "anchor": _Anchors(),
        "number": number,
        "ZEROS": ZEROS,
        "SIGNS": SIGNS,
        "LEVEL": LEVEL,
        "N_PERMUTATIONS": N_PERMUTATIONS,
        "n_words": lambda text: len(_WORD.findall(text)),
    }
    return made


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


def said_of(rule: Rule) -> list[tuple[str, list[tuple[str, str]], list[str]]]:
    """Return what a rule looks for and asks: heading, patterns each with the word before it, details.

    Examples
    --------
    >>> from coding.codebook import Rule
    >>> said_of(Rule("r", "near", ("train", "police"), within=4))
    [('Near', [('', 'train'), ('with', 'police')], ['at most 4 words between'])]
    """
    patterns = (*rule.patterns, *rule.unless)
    holes = tuple(chr(_HOLE + i) for i in range(len(patterns)))
    n = len(rule.patterns)
    said = []
    for heading, words in codebook.in_words(replace(rule, patterns=holes[:n], unless=holes[n:])):
        *parts, rest = re.split(f"([{''.join(holes)}])", words)
        lines = [
            (before.strip(), patterns[ord(hole) - _HOLE])
            for before, hole in zip(parts[::2], parts[1::2], strict=True)
        ]
        said.append((heading, lines, [detail for detail in rest.split(", ") if detail]))
    return said


def usual(book: Codebook) -> list[str]:
    """Return what all rules for phrases ask alike, so that it need not be said with each of them."""
    rules = [rule for code in book.codes for rule in code.rules if rule.kind in ("phrase", "near", "all")]
    asked = [said_of(rule)[0][2] for rule in rules]
    return [detail for detail in asked[0] if all(detail in a for a in asked)] if len(asked) > 1 else []


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


def _who(run: Run) -> list[tuple[str, int, int]]:
    """Return who coded: each coder of the study with the documents they read and the segments that stand."""
    read = {
        coder: {r.segment.document for r in run.coded.readings if r.coder == coder}
        for coder in run.study.coders
    }
    coded = _count(segment.coder for segment in run.coded.segments)
    others = sorted(set(coded) - set(read))  # whoever put other segments in the place of a coder's
    return [(coder, len(read.get(coder, ())), coded.get(coder, 0)) for coder in (*read, *others)]


def _figures(drawn: Mapping[str, bytes]) -> list[tuple[str, str, tuple[int, int] | None]]:
    """Return the figures in their order, each as an address that holds the whole picture, with its size."""
    names = [*(n for n in FIGURES if n in drawn), *sorted(set(drawn) - set(FIGURES))]
    return [
        (name, f"data:image/svg+xml;base64,{b64encode(drawn[name]).decode()}", _size(drawn[name]))
        for name in names
    ]


def _robust(
    universes: Multiverse, curves: Mapping[str, bytes]
) -> list[tuple[Spread, Summary, list[tuple[str, str, tuple[int, int] | None]]]]:
    """Return each finding with what its universes say, and its curve if it was drawn."""
    return [
        (each, summary(universes, each), _figures({each.id: curves[each.id]} if each.id in curves else {}))
        for each in universes.findings
    ]


def _size(svg: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels at full size: two to a point, so that 7 points are easy to read."""
    found = _SIZE.search(svg)
    return (round(2 * float(found[1])), round(2 * float(found[2]))) if found else None
