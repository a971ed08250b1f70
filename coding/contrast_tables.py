"""Contrasts and ranks as tables: for a paper, each number with its base, and for other programs, all of them.

Differences are in percentage points with one decimal: rare codes differ by little more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coding.contrasting import as_value
from coding.findings import N_PERMUTATIONS
from coding.paper import Paper, Row, Table
from coding.plots.words import points, times
from coding.write_up import origin, side_in_words

if TYPE_CHECKING:
    from coding.contrasting import Comparison, Contrasts
    from coding.findings import Base
    from coding.formats.csv import Cell
    from coding.matrix import Measurement
    from coding.ranking import Rank, Ranks
    from coding.study import Run

Rows = list[list["Cell"]]

NOTHING = "—"

_MOST_NAMED = 10  # contrasts in a note; more are counted, for the table shows which


def contrasts_paper(run: Run, found: Contrasts) -> Paper:
    """Return contrasts as one table: shares, difference, intervals, ratio, placebo."""
    level = f"{round(100 * found.level)} %"
    rows = [
        Row(cells_of(row), apart=i == 0 or found.rows[i - 1].contrast.what != row.contrast.what)
        for i, row in enumerate(found)
    ]
    table = Table(
        name="contrasts",
        caption=f"Contrasts in {run.texts}: {_many(len(found), 'difference')} of two shares.",
        head=(
            "Share", "First", "Second", "Difference", f"{level} interval",
            f"Interval for all {len(found)} together" if len(found) > 1 else "The same, adjusted",
            "Ratio", "Placebo", "Placebo, adjusted",
        ),
        rows=tuple(rows),
        notes=tuple(_notes(run, found)),
        numbers=tuple(range(3, 9)),
    )  # fmt: skip
    return Paper("", (table,))


def ranks_paper(run: Run, found: Sequence[Ranks], *, left_out: Sequence[str] = ()) -> Paper:
    """Return the ranks of the cases in each share as one table.

    Parameters
    ----------
    left_out : names of the shares that were left out, see `coding.contrasting.left_out`
    """
    rows = [
        Row(
            (ranks.what if i == 0 else "", *cells_of_rank(row)),
            apart=i == 0,
        )
        for ranks in found
        for i, row in enumerate(ranks.rows)
    ]
    table = Table(
        name="ranks",
        caption=f"The cases in the order of each share, in {run.texts}.",
        head=("Share", "Case", "Rank", "Could be"),
        rows=tuple(rows),
        notes=(_brackets(run), _RANKS, *filter(None, [whole(left_out)]), *origin(run)),
        numbers=(2, 3),
    )
    return Paper("", (table,))


def contrast_rows(found: Contrasts) -> Rows:
    """Return all numbers of contrasts, one row each, as a table for other programs."""
    values: list[dict[str, Cell]] = [dict(as_value(row)) for row in found]
    head: list[Cell] = list(values[0]) if values else []
    return [head, *([*value.values()] for value in values)]


def rank_rows(found: Sequence[Ranks]) -> Rows:
    """Return all numbers of ranks, a row for each share and case, as a table for other programs."""
    head: list[Cell] = [
        "share", "case", "rank", "low", "high", "n", "base", "n_clusters", "value",
        "surely_larger", "surely_smaller",
    ]  # fmt: skip
    rows: Rows = [
        [
            *(ranks.what, row.case, row.rank, row.low, row.high),
            *(row.side.n, row.side.base, row.side.n_clusters, row.side.share),
            *(" ".join(row.larger), " ".join(row.smaller)),
        ]
        for ranks in found
        for row in ranks.rows
    ]
    return [head, *rows]


def cells_of(row: Comparison) -> tuple[str, ...]:
    """Return a contrast in words, a cell for each column of the paper's table."""
    found = row.contrast
    return (
        found.what,
        side_in_words(found.first),
        side_in_words(found.second),
        NOTHING if found.difference is None else points(found.difference),
        span(found.low, found.high),
        span(row.adjusted_low, row.adjusted_high),
        ratio_in_words(row),
        probability(found.placebo),
        probability(row.adjusted_placebo),
    )


def cells_of_rank(row: Rank) -> tuple[str, str, str]:
    """Return a rank in words: the case with its share, its rank, and what its rank could be."""
    if row.rank is None:
        return side_in_words(row.side), NOTHING, NOTHING
    could = str(row.low) if row.low == row.high else f"{row.low} to {row.high}"
    return side_in_words(row.side), str(row.rank), could


def span(low: float | None, high: float | None) -> str:
    """Write an interval in percentage points; a dash where there is none."""
    return NOTHING if low is None or high is None else f"{points(low)} to {points(high)}"


def ratio_in_words(row: Comparison) -> str:
    """Write a ratio with its interval; a dash where there is none."""
    found = row.ratio
    if found.value is None:
        return NOTHING
    if found.low is None or found.high is None:
        return times(found.value)
    return f"{times(found.value)} ({times(found.low)} to {times(found.high)})"


def probability(value: float | None) -> str:
    """Write a placebo with as many places as matter; never as nought, for it is none.

    Examples
    --------
    >>> probability(0.1208), probability(0.0046), probability(0.0002), probability(None)
    ('.12', '.005', '<.001', '—')
    """
    if value is None:
        return NOTHING
    if value < 0.001:
        return "<.001"
    return (f"{value:.3f}" if value < 0.01 else f"{value:.2f}").removeprefix("0")


def measured(measurement: Measurement, *, within: bool, base: Base) -> str:
    """Say what a share is that is compared, whatever the study's own measure is.

    Parameters
    ----------
    within : whether only units that bear another code are looked at
    """
    said = str(replace(measurement, measure="share" if base == "searched" else "profile"))
    if not within:
        return said
    inside = f"the {measurement.unit}s of the code after “in”"
    return said.replace(f"searched {measurement.unit}s", inside).replace(
        f"the {measurement.unit}s coded in the family", f"{inside} that are coded in the family"
    )


def title(row: Comparison) -> str:
    """Name a contrast: its share, and the two sides."""
    what = row.contrast.what.removesuffix(", of all searched")
    return f"{what}: {row.contrast.first.name} − {row.contrast.second.name}"


def few(found: Contrasts, least: int) -> str:
    """Say which contrasts rest on fewer independent documents than a study asks for; nothing if none does."""
    short = [row for row in found if row.n_clusters < least]
    if not short:
        return ""
    said = f"Fewer than {least} independent documents or projects on a side, so no interval is to be trusted"
    if len(short) <= _MOST_NAMED:
        return f"{said}: {_titles(short)}."
    return f"{said}: {len(short)} of {len(found)} contrasts, the last number in a bracket says which."


def whole(left_out: Sequence[str]) -> str:
    """Say which shares were left out and why; nothing if none was."""
    if not left_out:
        return ""
    return (
        f"Left out, since every unit of the base bears the code by roll-up or implication, so that the share "
        f"is 100 % whoever is compared: {'; '.join(left_out)}."
    )


def strongest_in_words(row: Comparison) -> str:
    """Say what becomes of a difference without the document that matters most, and how many turn it."""
    strongest = row.strongest
    if strongest is None:
        return ""
    without = "none is left" if strongest.difference is None else points(strongest.difference)
    sign = sum(one.turns_sign for one in row.influences)
    verdict = sum(one.turns_verdict for one in row.influences)
    turns = [f"the sign turns {_if_one_of(sign)}"] if sign else []
    turns += [f"the interval leaves zero or reaches it {_if_one_of(verdict)}"] if verdict else []
    return "; ".join([f"without {strongest.document} {without}", *turns])


_RANKS = (
    "1 is the largest share. What a rank could be follows from the differences of every two cases, whose "
    "intervals hold together: at least 1 + the number of cases that are surely larger, at most all minus "
    "those that are surely smaller. Each share is ranked by itself."
)


def _if_one_of(n: int) -> str:
    return f"if {'one document' if n == 1 else f'any one of {n} documents'} is left out"


def _titles(rows: Sequence[Comparison]) -> str:
    return "; ".join(map(title, rows))


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _brackets(run: Run) -> str:
    unit = run.matrix.measurement.unit
    said = (
        f"In brackets: {unit}s that bear the code / {unit}s of the base; independent documents or projects."
    )
    if run.matrix.measurement.weight == "unit":
        return said
    return f"{said} Since each document counts alike, a share is the mean over documents."


def _notes(run: Run, found: Contrasts) -> Iterator[str]:
    yield _brackets(run)
    yield "Difference: first share minus second, in percentage points; ratio: first over second."
    if len(found) > 1:
        yield (
            f"Of {len(found)} contrasts some lie beyond zero by chance alone. The second interval of each "
            "holds for all of them together (Bonferroni), the second placebo is adjusted for it (Holm)."
        )
    yield (
        f"Placebo: share of {N_PERMUTATIONS:,} random deals of the two sides over the independent documents "
        "or projects whose difference is as large. Intervals say how far a number hangs on the choice of "
        "documents; they are no inference to a population."
    )
    if turned := [row for row in found if any(one.turns_sign for one in row.influences)]:
        yield _turned(turned, len(found))
    if said := few(found, run.study.least_clusters):
        yield said
    if said := whole(found.left_out):
        yield said
    yield from _reasons(found)
    yield f"{NOTHING}: there is none, which is no zero."
    yield from origin(run)


def _turned(turned: Sequence[Comparison], n: int) -> str:
    """Say which differences one document less turns round; of many those that lie beyond zero."""
    if len(turned) <= _MOST_NAMED:
        return f"Differences that one document less turns round: {_strongest(turned)}."
    said = f"One document less turns {len(turned)} of {n} differences round"
    sure = [row for row in turned if row.larger != "undetermined"]
    if not sure:
        return f"{said}, none of which lies beyond zero by itself."
    if len(sure) > _MOST_NAMED:
        return f"{said}, {len(sure)} of which lie beyond zero by themselves."
    return f"{said}; of these lie beyond zero by themselves: {_strongest(sure)}."


def _strongest(rows: Sequence[Comparison]) -> str:
    return "; ".join(f"{title(row)} ({strongest_in_words(row)})" for row in rows)


def _reasons(found: Contrasts) -> Iterator[str]:
    """Say why there is no difference, no interval or no ratio, those of one reason together."""
    grouped: dict[str, list[tuple[str, Comparison]]] = {}
    for row in found:
        reason = row.contrast.reason or row.ratio.reason
        for side in (row.contrast.first.name, row.contrast.second.name):
            if reason.startswith(f"{side}: "):
                grouped.setdefault(reason.removeprefix(f"{side}: "), []).append((side, row))
                break
    for why, rows in grouped.items():
        sides = Counter(side for side, _ in rows)
        if len(rows) > _MOST_NAMED:
            counted = ", ".join(f"{side} {n}" for side, n in sides.items())
            yield f"{why.capitalize()}: {len(rows)} of {len(found)} contrasts (by side: {counted})."
            continue
        for side in sides:
            yield f"{side}: {why} ({_titles([row for name, row in rows if name == side])})."
