"""A run as tables for a paper: the matrix, the findings, the compositions, each with what its numbers mean.

A number never stands alone: its base is in the same cell, and caption and notes say what it is a share of,
which zero a zero is, how an interval is meant, and that a verdict holds for the texts that were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from coding.findings import LEVEL
from coding.paper import Paper, Row, Table
from coding.plots.heat import ZEROS
from coding.plots.words import base_in_words, cases_in_words, number, percent
from coding.report import signed

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.findings import Contrast, Side
    from coding.large.carried import CountedRun
    from coding.matrices import AnyCell, AnyMatrix
    from coding.matrix import Composition
    from coding.study import Finding, Run

NOTHING = "—"

_ALIKE = "Since each document counts alike, a share is the mean over documents, not the ratio in brackets."
_ZEROS = (
    "0: a person read and found none; –: rules searched and found none; ·: nobody looked, which is no zero."
)


def matrix_paper(run: Run | CountedRun, *, codes: Sequence[str] | None = None) -> Paper:
    """Return the matrix of a run as one table; all its codes unless some are named."""
    return Paper("", (matrix_table(run, codes=codes),))


def findings_paper(run: Run | CountedRun) -> Paper:
    """Return the findings of a run: what came of each claim, and the composition of each category."""
    tables = [findings_table(run)]
    if run.compositions:
        tables.append(composition_table(run.compositions, run.matrix, run.texts))
    return Paper("", tuple(tables))


def matrix_table(run: Run | CountedRun, *, codes: Sequence[str] | None = None) -> Table:
    """Return codes as rows and cases as columns, each cell with its number and its base."""
    matrix = run.matrix
    by = " and ".join(matrix.measurement.variables)
    rows = [
        Row(
            (matrix.names[code], *(cell_in_words(matrix.cells[code, case], matrix) for case in matrix.cases)),
            depth=_depth(code, run.codebook),
            apart=not run.codebook.ancestors(code),
        )
        for code in (matrix.codes if codes is None else codes)
    ]
    return Table(
        name="matrix",
        caption=f"Codes by {by}, in {run.texts}: {matrix.measurement}.",
        head=("Code", *(matrix.names[case] for case in matrix.cases)),
        rows=tuple(rows),
        notes=tuple(_matrix_notes(run)),
        numbers=tuple(range(1, len(matrix.cases) + 1)),
    )


def findings_table(run: Run | CountedRun) -> Table:
    """Return a row for each claim: both shares with their bases, difference, interval, verdict."""
    level = f"{round(100 * LEVEL)} % interval"
    return Table(
        name="findings",
        caption=f"The claims and what came of them, in {run.texts}.",
        head=("Claim", "First share", "Second share", "Difference", level, "Verdict"),
        rows=tuple(row for n, finding in enumerate(run.findings, 1) for row in _finding_rows(n, finding)),
        notes=tuple(_finding_notes(run)),
        numbers=(3, 4),
    )


def composition_table(
    compositions: Mapping[str, Mapping[str, Composition]], matrix: AnyMatrix, texts: str
) -> Table:
    """Return a row for each category and case: how its units divide, in numbers and in percent."""
    found = [(code, case, one) for code, cases in compositions.items() for case, one in cases.items()]
    parts = list(dict.fromkeys(part for _, _, one in found for part in one.counts))
    unit = matrix.measurement.unit
    rows = [
        Row(
            (
                matrix.names[code],
                matrix.names[case],
                *(_part(one.counts.get(part, 0), one.base) for part in parts),
                str(one.base),
            ),
            apart=i == 0 or found[i - 1][0] != code,
        )
        for i, (code, case, one) in enumerate(found)
    ]
    return Table(
        name="composition",
        caption=f"How the {unit}s of each category divide, by case, in {texts}.",
        head=("Category", "Case", *(matrix.names.get(part, part) for part in parts), "Base"),
        rows=tuple(rows),
        notes=(
            f"Numbers of {unit}s that bear the category; in brackets their share of the base.",
            f"mixed: a {unit} that bears several parts; none: one that bears no part.",
            f"{NOTHING}: no {unit} of the category was read for them, which is no zero.",
        ),
        numbers=tuple(range(2, len(parts) + 3)),
    )


def cell_in_words(cell: AnyCell, matrix: AnyMatrix) -> str:
    """Return a cell as number and base: 12 % (3/25); where nobody looked there is no base."""
    if cell.state == "not examined":
        return ZEROS[cell.state]
    present = cell.state == "present"
    value = NOTHING if cell.value is None else number(cell.value, matrix.measurement.measure)
    return f"{value if present else ZEROS[cell.state]} ({cell.n}/{cell.base})"


def side_in_words(side: Side) -> str:
    """Return one of two shares with its base, and the clusters behind it: Japan 54 % (35/65; 20)."""
    share = "no base" if side.share is None else percent(side.share)
    return f"{side.name} {share} ({side.n}/{side.base}; {side.n_clusters})"


def estimate_in_words(contrast: Contrast) -> str:
    """Return a difference with its interval, or why there is none."""
    if contrast.difference is None:
        return f"no difference: {contrast.reason}"
    if contrast.low is None:
        return f"difference {signed(contrast.difference)}, no interval: {contrast.reason}"
    interval = f"{round(100 * LEVEL)} % interval {interval_in_words(contrast)}"
    return f"difference {signed(contrast.difference)}, {interval}"


def interval_in_words(contrast: Contrast) -> str:
    """Return an interval as from and to; a dash where there is none."""
    if contrast.low is None or contrast.high is None:
        return NOTHING
    return f"{signed(contrast.low)} to {signed(contrast.high)}"


def _depth(code: str, codebook: Codebook) -> int:
    return len(codebook.ancestors(code))


def _matrix_notes(run: Run | CountedRun) -> Iterator[str]:
    matrix = run.matrix
    how = matrix.measurement
    yield f"In brackets: {how.unit}s that bear the code / {base_in_words(matrix)}."
    if how.weight == "document" and how.measure in ("share", "profile"):
        yield _ALIKE
    yield _ZEROS
    yield f"{cases_in_words(matrix)}."
    if matrix.n_unplaced:
        yield f"{matrix.n_unplaced} {how.unit}s of shared documents name no case and count for none."
    yield from origin(run)


def origin(run: Run | CountedRun) -> Iterator[str]:
    """Say by whom and with which codebook was coded, and which documents are not in it."""
    coders = ", ".join(run.study.coders)
    yield f"Coded by {coders} with codebook {run.codebook.id} {run.codebook.version}, study {run.study.id}."
    if missing := run.provenance.get("not in it"):
        yield f"Not in it: {missing}."
    if run.left_out:
        reasons = ", ".join(f"{n} for {reason}" for reason, n in run.left_out.items())
        yield f"Documents left out by the study: {reasons}."


def _finding_rows(n: int, finding: Finding) -> Iterator[Row]:
    tested = finding.contrasts[0] if finding.verdict and finding.contrasts else None
    yield Row((f"{n}. {finding.claim.title}", *_contrast_cells(tested), finding.said), apart=True)
    if tested is None:
        for link in finding.contrasts:
            yield Row((link.what, *_contrast_cells(link), "described"), depth=1)


def _contrast_cells(contrast: Contrast | None) -> tuple[str, str, str, str]:
    if contrast is None:
        return NOTHING, NOTHING, NOTHING, NOTHING
    difference = NOTHING if contrast.difference is None else signed(contrast.difference)
    sides = side_in_words(contrast.first), side_in_words(contrast.second)
    return *sides, difference, interval_in_words(contrast)


def _finding_notes(run: Run | CountedRun) -> Iterator[str]:
    unit = run.matrix.measurement.unit
    yield (
        f"In brackets: {unit}s that bear the code / {unit}s of the base; independent documents or projects. "
        "Difference: first share minus second."
    )
    if run.matrix.measurement.weight == "document":
        yield _ALIKE
    yield (
        "The interval says how far a difference hangs on the choice of documents; it is no inference to a "
        f"population. A verdict holds in {run.texts}."
    )
    yield f"{NOTHING}: there is none, which is no zero."
    yield from _reasons(run.findings)
    yield from _published(run.findings)
    yield from origin(run)


def _reasons(findings: Iterable[Finding]) -> Iterator[str]:
    """Say why each finding came out as it did, those of one reason together."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for n, finding in enumerate(findings, 1):
        grouped.setdefault((finding.verdict or "described", finding.reason), []).append(n)
    for (verdict, reason), claims in grouped.items():
        yield f"{_claims(claims)}, {verdict}: {reason}."


def _published(findings: Iterable[Finding]) -> Iterator[str]:
    """Say where the claims are published, those of one place together."""
    places: dict[str, list[int]] = {}
    for n, finding in enumerate(findings, 1):
        source = finding.claim.source
        places.setdefault(f"{source.citation}, {source.place}", []).append(n)
    for place, claims in places.items():
        yield f"{_claims(claims)}: published in {place}."


def _claims(numbers: Sequence[int]) -> str:
    """Name claims by their numbers, those that follow one another from first to last.

    Examples
    --------
    >>> _claims([1, 2, 3, 7]), _claims([4])
    ('Claims 1–3, 7', 'Claim 4')
    """
    spans: list[list[int]] = []
    for n in numbers:
        if spans and spans[-1][-1] == n - 1:
            spans[-1].append(n)
        else:
            spans.append([n])
    said = ", ".join(f"{span[0]}–{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)
    return f"Claim{'s' * (len(numbers) > 1)} {said}"


def _part(n: int, base: int) -> str:
    return f"{n} ({percent(n / base)})" if base else NOTHING
